#!/usr/bin/env python3
"""A cache of 100,000 repos and 10 million files: time and memory of a scan and of a merge, beside a tenth and a hundredth of it.

    HFAUDIT=build/release/tools/hfaudit python3 tests/bench/huge.py [--repos 1000 10000 100000]

Everything is made in a temporary folder and removed again. README.md says what is measured.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import sys

from scan import ROOT, Bench, bench_folder, require_program
from verify import processor

FILES = 100  # of a repo, most of which share five blobs: a link is a file of its own, and an inode


def make_repo(hub, number):
    folder = os.path.join(hub, f"datasets--org{number % 997:03d}--rows-{number:06d}")
    commit = hashlib.sha1(folder.encode()).hexdigest()
    snapshot = os.path.join(folder, "snapshots", commit)
    os.makedirs(os.path.join(folder, "blobs"))
    os.makedirs(os.path.join(folder, "refs"))
    os.makedirs(os.path.join(snapshot, "data"))
    with open(os.path.join(folder, "refs", "main"), "w", encoding="ascii") as ref:
        ref.write(commit)
    etags = [hashlib.sha256(f"{number} {i}".encode()).hexdigest() for i in range(5)]
    for size, etag in enumerate(etags, 1):
        fd = os.open(os.path.join(folder, "blobs", etag), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.ftruncate(fd, size * 1_000_000)  # a hole
        os.close(fd)
    files = os.open(os.path.join(snapshot, "data"), os.O_RDONLY | os.O_DIRECTORY)
    for i in range(FILES):
        os.symlink(f"../../../blobs/{etags[i % 5]}", f"audio-{i:03d}.wav", dir_fd=files)
    os.close(files)
    if number % 3 == 0:
        os.makedirs(os.path.join(folder, "trees"))
        tree = {f"data/audio-{i:03d}.wav": {"size": (i % 5 + 1) * 1_000_000, "blob_id": "0" * 40, "lfs_sha256": etags[i % 5],
                                            "lfs_size": (i % 5 + 1) * 1_000_000} for i in range(FILES)}
        with open(os.path.join(folder, "trees", commit + ".json"), "w", encoding="ascii") as file:
            json.dump({"format_version": 1, "files": tree}, file)


def make_repos(hub, first, last):
    for number in range(first, last):
        make_repo(hub, number)


def generate(home, first, last):
    hub = os.path.join(home, "hub")
    os.makedirs(hub, exist_ok=True)
    step = 500
    with multiprocessing.Pool(os.cpu_count()) as pool:
        pool.starmap(make_repos, [(hub, at, min(at + step, last)) for at in range(first, last, step)])


class Huge(Bench):
    def run_into(self, path, *arguments):
        """hfaudit with its output in a file."""
        words = ["sh", "-c", 'exec "$@" > "$0"', path, self.hfaudit, *arguments, "--format", "json"]
        run, = self.measure(words, self.home)
        assert run.status == 0, (arguments, run)
        return run

    def row(self, repos):
        report = os.path.join(self.folder, "report.json")
        self.run_into("/dev/null", "scan")  # warms the caches of the kernel
        scan = self.run_into(report, "scan")
        with open(report, encoding="utf-8") as file:
            assert f'"complete":{repos}' in file.read(4000).replace(" ", ""), "not all of it is complete"
        parts = [os.path.join(self.folder, f"part-{part}.json") for part in range(1, 5)]
        for number, part in enumerate(parts, 1):
            self.run_into(part, "verify", "--subset", f"{number}/4", "--exclude", "*")
        merge = self.run_into("/dev/null", "merge", *parts)
        files = repos * FILES
        print(f"| {repos:,} | {files:,} | {scan.wall / 1000:.2f} s | {scan.memory / 1024:.0f} MiB | {scan.wall / files * 1000:.2f} us "
              f"| {os.path.getsize(report) / 1e6:.1f} MB | {merge.wall / 1000:.2f} s | {merge.memory / 1024:.0f} MiB |", flush=True)
        return scan.wall / files

    def run(self):
        self.home = os.path.join(self.folder, "home")
        print(f"{processor()}, {os.cpu_count()} cores\n\n"
              "| repos | files | scan | peak | for each file | report | merge of 4 parts | peak |\n|---|---|---|---|---|---|---|---|",
              flush=True)
        made, times = 0, []
        for repos in sorted(self.options.repos):
            generate(self.home, made, repos)
            made = repos
            times.append(self.row(repos))
        self.verdict("no file takes more than 1.5 times as long in a larger cache", f"{max(times) / times[0]:.2f}", max(times) <= 1.5 * times[0])
        return 1 if self.failed else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hfaudit", default=os.environ.get("HFAUDIT", os.path.join(ROOT, "build/release/tools/hfaudit")))
    parser.add_argument("--repos", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--dir", help="where to make the cache; the default is the folder for temporary files")
    options = parser.parse_args()
    require_program(parser, options)
    with bench_folder(options.dir) as folder:
        return Huge(options, folder).run()


if __name__ == "__main__":
    sys.exit(main())
