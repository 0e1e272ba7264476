#!/usr/bin/env python3
"""What a ledger costs a verify, and what it spares a preflight.

    HFAUDIT=build/release/tools/hfaudit python3 tests/bench/ledger.py [--gigabytes 4]

Verify with and without a ledger in turn, on files that lie in the page cache. Then a preflight of a model of 400 GB: 100
files that are holes behind a valid header, and a ledger that says that they were proven. Everything is made in a temporary
folder and removed again. Exit code 1: a target was missed.
"""

import argparse
import ctypes
import hashlib
import json
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time

COMMIT = "1" * 40
MOST_COST = 1.03  # of a verify with a ledger, beside one without
TARGET_MS = 10    # of a preflight of a proven model
RECORD = struct.Struct("<16sQQqqq32s20sIq16s")  # libaudit/ledger/proof_record.hpp, behind marker and checksum


def processor():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        lines = file.read().splitlines()
    model = next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), "unknown")
    flags = next((line.split() for line in lines if line.startswith(("flags", "Features"))), [])
    return model, [name for name in ("sha_ni", "sha2", "avx2", "avx512f") if name in flags]


def crc32c(data):
    rest = 0xFFFFFFFF
    for byte in data:
        rest ^= byte
        for _ in range(8):
            rest = rest >> 1 ^ 0x82F63B78 if rest & 1 else rest >> 1
    return rest ^ 0xFFFFFFFF


def file_system_id(path):
    """As libaudit/os/file_version.cpp makes it of statfs(2)'s id."""
    buffer = ctypes.create_string_buffer(256)
    ctypes.CDLL(None, use_errno=True).statfs(os.fsencode(path), buffer)
    return (b"\x02" + buffer.raw[56:64]).ljust(16, b"\0")


def proof_of(path, digest):
    status = os.stat(path)
    birth = subprocess.run(["stat", "-c", "%.9W", path], stdout=subprocess.PIPE, check=True).stdout.decode().split(".")
    born = int(birth[0]) * 10 ** 9 + int(birth[1])
    covered = RECORD.pack(file_system_id(path), status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, born,
                          bytes.fromhex(digest), b"", 1, int(time.time()), b"bench")
    return b"hfp1" + struct.pack("<I", crc32c(covered)) + covered


def safetensors_header(size):
    """Of a file of `size` bytes with one tensor."""
    length = size
    while True:
        header = json.dumps({"a": {"dtype": "U8", "shape": [length], "data_offsets": [0, length]}}).encode()
        if length == size - 8 - len(header):
            return header
        length = size - 8 - len(header)


def make(home, files, size, sparse):
    """A repo of `files` weights; the digests of their contents, or of nothing that was ever computed."""
    repo = os.path.join(home, "hub", "models--acme--large")
    for folder in ("refs", "blobs", f"snapshots/{COMMIT}"):
        os.makedirs(os.path.join(repo, folder))
    with open(os.path.join(repo, "refs", "main"), "w", encoding="ascii") as file:
        file.write(COMMIT)
    digests = {}
    for number in range(1, files + 1):
        name = f"model-{number:05}-of-{files:05}.safetensors"
        header = safetensors_header(size)
        temporary = os.path.join(repo, "blobs", "making")
        with open(temporary, "wb") as file:
            file.write(len(header).to_bytes(8, "little") + header)
            if sparse:
                file.truncate(size)
            else:
                file.write(os.urandom(size - 8 - len(header)))
        if sparse:
            digest = f"{number:064x}"
        else:
            with open(temporary, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.rename(temporary, os.path.join(repo, "blobs", digest))
        os.symlink(f"../../blobs/{digest}", os.path.join(repo, "snapshots", COMMIT, name))
        digests[digest] = os.path.join(repo, "blobs", digest)
    return digests


def seconds(command, env):
    began = time.perf_counter()
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def cost_of_a_ledger(hfaudit, folder, gigabytes):
    home = os.path.join(folder, "real")
    make(home, 4, gigabytes * 10 ** 9 // 4, sparse=False)
    env = {"PATH": "/usr/bin:/bin", "HF_HOME": home}
    time.sleep(0.3)
    without, with_one = [], []
    for round_number in range(7):
        # no home: no ledger. Each round has a ledger of its own, so that it is written.
        without.append(seconds([hfaudit, "verify"], {**env, "HOME": "/nonexistent/none"}))
        with_one.append(seconds([hfaudit, "verify", "--ledger", os.path.join(folder, f"ledger{round_number}")], env))
    ratio = statistics.median(with_one) / statistics.median(without)
    print(f"verify of {gigabytes} GB in the page cache: {statistics.median(without):.3f} s without a ledger, "
          f"{statistics.median(with_one):.3f} s with one: {ratio:.3f} (target {MOST_COST})")
    return ratio <= MOST_COST


def proven_model(hfaudit, folder):
    home, ledger = os.path.join(folder, "sparse"), os.path.join(folder, "faked")
    digests = make(home, 100, 4 * 10 ** 9, sparse=True)
    os.makedirs(ledger)
    with open(os.path.join(ledger, "models--acme--large"), "wb") as file:
        os.chmod(file.fileno(), 0o600)
        file.write(b"hfaudit ledger/1\n" + b"".join(proof_of(path, digest) for digest, path in digests.items()))
    command = [hfaudit, "preflight", "acme/large", "--check", "full", "--max-age", "7d", "--ledger", ledger]
    env = {"PATH": "/usr/bin:/bin", "HF_HOME": home, "HOME": folder}
    report = json.loads(subprocess.run([*command, "--format", "json"], env=env, stdout=subprocess.PIPE, check=True).stdout)
    assert report["verified"]["proven"]["files"] == 100, report["verified"]
    found = sorted(seconds(command, env) * 1000 for _ in range(50))
    print(f"preflight --check full of a proven model of 400 GB in 100 files: median {statistics.median(found):.1f} ms, "
          f"slowest {found[-1]:.1f} (target {TARGET_MS})")
    return statistics.median(found) <= TARGET_MS


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", type=int, default=4)
    parser.add_argument("--hfaudit", default=os.environ.get("HFAUDIT", "build/release/tools/hfaudit"))
    options = parser.parse_args()
    model, can = processor()
    print(f"{os.cpu_count()} x {model} ({', '.join(can) or 'no instructions for hashing'})")
    with tempfile.TemporaryDirectory(prefix="hfaudit-bench-") as folder:
        good = cost_of_a_ledger(options.hfaudit, folder, options.gigabytes)
        good = proven_model(options.hfaudit, folder) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
