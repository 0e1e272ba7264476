#!/usr/bin/env python3
"""How fast `hfaudit export` is, beside tar, which hashes nothing, and `hfaudit verify`, which writes nothing.

    HFAUDIT=build/release/tools/hfaudit python3 tests/bench/export.py [--size 700] [--rounds 5]

Everything is made in a temporary folder and removed again. README.md says what is measured and what to expect.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

from scan import ROOT
from verify import BUILT, MB, add_repo, make_cold, make_warm, sync

for folder in ("support", "testhub"):
    sys.path.insert(0, os.path.join(ROOT, "tests", folder))
from hub import make_model  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hfaudit", default=os.environ.get("HFAUDIT", BUILT))
    parser.add_argument("--size", type=int, default=700, help="MB of a file, of three")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--dir", help="where to make it; the default is the folder for temporary files")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.dir) as scratch:
        home = os.path.join(scratch, "home")
        blobs = add_repo(home, make_model("acme/big", shards=3, shard_size=options.size * MB))
        sync(blobs)
        total = sum(os.path.getsize(path) for path in blobs)
        env = {"PATH": "/usr/bin:/bin", "HOME": scratch, "HF_HOME": home, "LC_ALL": "C.UTF-8",
               "H": os.path.abspath(options.hfaudit), "HUB": os.path.join(home, "hub"), "T": scratch}
        commands = {"tar -c": "tar -C $HUB -c models--acme--big | cat > /dev/null",
                    "hfaudit export": "$H export -q acme/big | cat > /dev/null",
                    "hfaudit verify": "$H verify -q acme/big",
                    "tar -c, unpacked": "rm -rf $T/x; mkdir $T/x; tar -C $HUB -c models--acme--big | tar -x -C $T/x",
                    "hfaudit export, unpacked": "rm -rf $T/x; mkdir $T/x; $H export -q acme/big | tar -x -C $T/x"}
        for title, prepare in (("Warm page cache", make_warm), ("Cold page cache", make_cold)):
            runs = {name: [] for name in commands}
            for _ in range(options.rounds):
                for name, command in commands.items():
                    prepare(blobs)
                    began = time.monotonic()
                    subprocess.run(["sh", "-c", command], env=env, check=True)
                    runs[name].append(time.monotonic() - began)
            print(f"\n{title}, {total / 1e9:.1f} GB, load {os.getloadavg()[0]:.1f}\n\n| | median s | GB/s | best GB/s |\n"
                  "|---|---|---|---|")
            for name, seconds in runs.items():
                print(f"| {name} | {statistics.median(seconds):.2f} | {total / statistics.median(seconds) / 1e9:.2f}"
                      f" | {total / min(seconds) / 1e9:.2f} |", flush=True)


if __name__ == "__main__":
    main()
