#!/usr/bin/env python3
"""Does `hfaudit verify` find out by itself how many threads slow storage wants?

    HFAUDIT=build/release/tools/hfaudit python3 tests/bench/slow_storage.py

64 files, once as if each read took a distant server 20 ms, once as if a disk turned below one head (slow_reads.c).
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile

from scan import HERE, ROOT
from verify import MB, add_repo, make_cold, sync

for folder in ("support", "testhub"):
    sys.path.insert(0, os.path.join(ROOT, "tests", folder))
BUILT = os.path.join(ROOT, "build/release/tools/hfaudit")
KINDS = {"a distant server": {"SLOW_READS_US": "20000"},
         "a disk that turns": {"SLOW_READS_US": "2000", "SLOW_READS_ONE_HEAD": "1"}}
JOBS = ["1", "2", "8", "32", "0"]  # 0: its own choice


def measure(options, folder, kind, jobs):
    """Seconds of one run."""
    preload = f"LD_PRELOAD={os.path.join(folder, 'slow_reads.so')}"
    settings = [f"{name}={value}" for name, value in KINDS[kind].items()]
    env = {"PATH": "/usr/bin:/bin", "HOME": folder, "HF_HOME": os.path.join(folder, "home"), "LC_ALL": "C.UTF-8"}
    out = subprocess.run([os.path.join(folder, "measure"), "1", "env", preload, *settings,
                          os.path.abspath(options.hfaudit), "verify", "--jobs", jobs],
                         env=env, check=True, text=True, stdout=subprocess.PIPE).stdout.split()
    if out[4] != "0":
        raise RuntimeError(f"hfaudit ended with {out[4]}")
    return int(out[0]) / 1e6


def run(options, folder):
    from hub import make_model
    subprocess.run(["cc", "-O2", "-o", os.path.join(folder, "measure"), os.path.join(HERE, "measure.c")],
                   check=True)
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", os.path.join(folder, "slow_reads.so"),
                    os.path.join(HERE, "slow_reads.c"), "-ldl", "-lpthread"], check=True)
    model = make_model("acme/many", shards=64, shard_size=options.size * MB)
    blobs = add_repo(os.path.join(folder, "home"), model)
    sync(blobs)
    print("| seconds, --jobs | " + " | ".join(JOBS[:-1]) + " | its own choice | |")
    print("|" + "---|" * (len(JOBS) + 2))
    missed = False
    for kind in KINDS:
        seconds = []
        for jobs in JOBS:
            make_cold(blobs)
            seconds.append(measure(options, folder, kind, jobs))
        good = seconds[-1] <= 1.5 * min(seconds[:-1]) + 1  # it takes a while to find out
        missed |= not good
        cells = [kind, *(f"{value:.1f}" for value in seconds), "ok" if good else "**missed**"]
        print("| " + " | ".join(cells) + " |", flush=True)
    return int(missed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hfaudit", default=os.environ.get("HFAUDIT", BUILT))
    parser.add_argument("--size", type=int, default=20, help="MB of each file")
    parser.add_argument("--dir", help="where to make the cache; the default is the folder for temporary files")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the cache is removed all the same
    folder = tempfile.mkdtemp(prefix="hfaudit-bench-", dir=options.dir)
    os.environ["HFAUDIT_HUB_SPOOL"] = os.path.join(folder, "spool")
    try:
        return run(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
