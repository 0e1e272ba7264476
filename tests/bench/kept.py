#!/usr/bin/env python3
"""What stays of a download that is ended: one file on 16 connections, ended at a random moment, again and again.

    HFAUDIT=build/release/tools/hfaudit python3 tests/bench/kept.py [--rounds 100] [--size 300] [--rate 10]

Everything is made in a temporary folder and removed again. README.md says what is measured.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("support", "testhub", "cli"):
    sys.path.insert(0, os.path.join(HERE, "..", folder))

from hub import Hub, throttle  # noqa: E402
from pull_case import pieces_in, single  # noqa: E402

MB = 10**6


def kept_in(home, repo):
    blobs = os.path.join(home, "hub", repo.folder, "blobs")
    total = 0
    for name in os.listdir(blobs) if os.path.isdir(blobs) else ():
        path = os.path.join(blobs, name)
        total += pieces_in(path) if name.endswith(".pieces") else os.path.getsize(path)
    return total


def sent_twice(requests):
    """Bytes of the file that more than one request brought: hedges."""
    twice = at = 0
    for begin, end in sorted((int(re.search(r"\d+", entry.headers["range"]).group()), entry.sent) for entry in requests
                             if "range" in entry.headers and entry.sent):
        end += begin
        twice += max(0, min(at, end) - begin)
        at = max(at, end)
    return twice


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hfaudit", default=os.environ.get("HFAUDIT", "build/release/tools/hfaudit"))
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--size", type=int, default=300, help="MB")
    parser.add_argument("--rate", type=int, default=10, help="MB/s of a connection")
    options = parser.parse_args()
    size, chance, failed = options.size * MB, random.Random(5), []
    repo = single(size)
    with tempfile.TemporaryDirectory() as scratch, Hub(repo) as hub:
        home = os.path.join(scratch, "home")
        env = {"PATH": "/usr/bin:/bin", "HOME": scratch, "HF_HOME": home, "HF_ENDPOINT": hub.url, "LC_ALL": "C.UTF-8"}
        command = [os.path.abspath(options.hfaudit), "pull", "--format", "json", "--connections", "16", "acme/single"]
        print(f"One file of {options.size} MB, 16 connections of {options.rate} MB/s, {options.rounds} times each; MB\n\n"
              "| | received, each byte once | kept | not kept, median | most | fetched again, most |\n|---|---|---|---|---|---|")
        for number in (signal.SIGTERM, signal.SIGKILL):
            rows, again = [], [0]
            for i in range(options.rounds):
                hub.faults = [throttle(options.rate * MB, path="model.bin")]
                before = len(hub.requests(host="cdn"))
                process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                time.sleep(chance.uniform(0.2, 0.9 * size / (16 * options.rate * MB)))
                process.send_signal(number)
                report = process.communicate()[0]
                kept = kept_in(home, repo)
                # of a killed one the Hub knows what it sent, what lay in the sockets included
                received = (json.loads(report)["transfers"][0]["received"] if number == signal.SIGTERM
                            else sum(entry.sent for entry in hub.requests(host="cdn")[before:]))
                received -= sent_twice(hub.requests(host="cdn")[before:])
                rows.append((received, kept))
                if i % 10 == 0:
                    hub.faults = []
                    done = json.loads(subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True,
                                                     stderr=subprocess.DEVNULL).stdout)
                    again.append(done["transfers"][0]["received"] - (size - kept))
                shutil.rmtree(home, ignore_errors=True)
            lost = [received - kept for received, kept in rows]
            print(f"| {number.name} | {statistics.mean(row[0] for row in rows) / MB:.1f} "
                  f"| {statistics.mean(row[1] for row in rows) / MB:.1f} | {statistics.median(lost) / MB:.2f} "
                  f"| {max(lost) / MB:.2f} | {max(again) / MB:.2f} |", flush=True)
            if max(lost) > (64 << 20 if number == signal.SIGKILL else 100_000):
                failed.append(number.name)
    print("missed: " + ", ".join(failed) if failed else "ok")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
