#!/usr/bin/env python3
"""How long a preflight takes, the whole process, in a cache of 2,000 repos, beside the start of the Python client.

    HFAUDIT=build/release/tools/hfaudit python3 tests/bench/preflight.py [--repos 2000]

The model has 50 files. Everything is made in a temporary folder and removed again. Exit code 1: the target was missed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

from scan import find_hf

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET_MS = 5


def make(home, repos):
    """`repos` small ones, and acme/fifty."""
    hub, commit = os.path.join(home, "hub"), "1" * 40
    for number in range(repos):
        os.makedirs(os.path.join(hub, f"models--acme--m{number}", "refs"))
    repo = os.path.join(hub, "models--acme--fifty")
    for folder in ("refs", "blobs", f"snapshots/{commit}/sub"):
        os.makedirs(os.path.join(repo, folder))
    with open(os.path.join(repo, "refs", "main"), "w", encoding="ascii") as file:
        file.write(commit)
    for number in range(50):
        path, name = (f"sub/f{number}.json", f"{number:040x}") if number % 2 else (f"f{number}.safetensors", f"{number:064x}")
        with open(os.path.join(repo, "blobs", name), "wb") as file:
            header = b'{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}'
            file.write(len(header).to_bytes(8, "little") + header + bytes(8) if name.startswith("0" * 62) and number % 2 == 0
                       else b"{}")
        os.symlink("../" * (2 + path.count("/")) + "blobs/" + name, os.path.join(repo, "snapshots", commit, path))


def times(command, env, runs):
    """Milliseconds of the whole process, run by run."""
    found = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
        found.append((time.perf_counter() - began) * 1000)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repos", type=int, default=2000)
    parser.add_argument("--hfaudit", default=os.environ.get("HFAUDIT", "build/release/tools/hfaudit"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hfaudit-bench-") as folder:
        home = os.path.join(folder, "hf")
        make(home, options.repos)
        env = {"PATH": "/usr/bin:/bin", "HOME": folder, "HF_HOME": home, "HF_HUB_OFFLINE": "1"}
        hfaudit = os.path.abspath(options.hfaudit)
        rows = {"nothing (true)": times(["/bin/true"], env, 200),
                "hfaudit preflight acme/fifty": times([hfaudit, "preflight", "acme/fifty"], env, 200)}
        hf = find_hf()
        if hf:
            python = os.path.join(os.path.dirname(hf), "python")
            rows["import huggingface_hub"] = times([python, "-c", "import huggingface_hub; huggingface_hub.snapshot_download"],
                                                   env, 5)
    for name, found in rows.items():
        print(f"{name:30} median {statistics.median(found):8.2f} ms   least {min(found):8.2f} ms")
    return 0 if statistics.median(rows["hfaudit preflight acme/fifty"]) < TARGET_MS else 1


if __name__ == "__main__":
    sys.exit(main())
