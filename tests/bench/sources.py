#!/usr/bin/env python3
"""How fast `hfaudit pull --from` copies, beside `cp` and `hfaudit verify`, and how two servers share the work.

    HFAUDIT=build/release/tools/hfaudit python3 tests/bench/sources.py [--size MB] [--runs N] [--only local reflink servers]

Everything is made in a temporary folder and removed again. `reflink` needs root, mkfs.xfs and a loop device.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from scan import ROOT

for folder in ("support", "testhub"):
    sys.path.insert(0, os.path.join(ROOT, "tests", folder))

from hub import Content, Hub, Repo  # noqa: E402
from static_server import StaticServer  # noqa: E402

BUILT = os.path.join(ROOT, "build/release/tools/hfaudit")
FILES = 4


def model():
    with open("/proc/cpuinfo", encoding="utf-8") as stream:
        return next(line.split(":")[1].strip() for line in stream if line.startswith("model name"))


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.hfaudit = os.path.abspath(options.hfaudit)
        self.source, self.home = os.path.join(folder, "source"), os.path.join(folder, "home")
        size = options.size * 1_000_000 // FILES
        self.repo = Repo("acme/large").commit(
            {"config.json": "{}\n"} | {f"model-{i}.bin": Content.generate(f"bench{i}", size) for i in range(FILES)})
        self.bytes = size * FILES

    def run(self, *command, home=None):
        env = {"PATH": "/usr/bin:/bin", "HOME": self.folder, "HF_HOME": home or self.home, "HF_ENDPOINT": "http://127.0.0.1:9"}
        began = time.monotonic()
        subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        return time.monotonic() - began

    def clean(self):
        shutil.rmtree(self.home, ignore_errors=True)
        os.sync()

    def fill(self, folder):
        with Hub(self.repo) as hub:
            env = {"PATH": "/usr/bin:/bin", "HOME": self.folder, "HF_HOME": folder, "HF_ENDPOINT": hub.url}
            subprocess.run([self.hfaudit, "pull", "-q", "acme/large"], env=env, check=True)

    def medians(self, cases):
        """The cases in turns, so that what else the machine does meets all of them."""
        times = {name: [] for name in cases}
        for _ in range(self.options.runs):
            for name, case in cases.items():
                self.clean()
                times[name].append(case())
        found = {name: statistics.median(all_times) for name, all_times in times.items()}
        for name, seconds in found.items():
            print(f"  {name:<28} {seconds:7.2f} s  {self.bytes / seconds / 1e9:6.2f} GB/s")
        return found

    def pull(self, source):
        return self.run(self.hfaudit, "pull", "-q", "--offline", "--from", source, "acme/large")

    def copy(self):
        began = time.monotonic()
        subprocess.run(["cp", "-a", self.source, self.home], check=True)
        os.sync()
        return time.monotonic() - began

    def local(self):
        print(f"a folder on the same disk, {self.bytes / 1e9:.1f} GB in {FILES} files")
        self.fill(self.source)
        found = self.medians({
            "pull --from": lambda: self.pull(self.source), "cp -a, sync": self.copy,
            "verify": lambda: self.run(self.hfaudit, "verify", "-q", "--ledger", os.path.join(self.folder, "none"), home=self.source)})
        print(f"  pull --from against cp: {found['cp -a, sync'] / found['pull --from']:.2f} of its rate;"
              f" against verify: {found['verify'] / found['pull --from']:.2f}")

    def reflink(self):
        image, mount = os.path.join(self.folder, "xfs.img"), os.path.join(self.folder, "xfs")
        os.makedirs(mount)
        with open(image, "wb") as stream:
            stream.truncate(max(400 << 20, 3 * self.bytes))
        subprocess.run(["mkfs.xfs", "-q", "-m", "reflink=1", image], check=True)
        subprocess.run(["mount", "-o", "loop", image, mount], check=True)
        try:
            self.source, self.home = os.path.join(mount, "source"), os.path.join(mount, "home")
            self.fill(self.source)
            self.clean()
            before = shutil.disk_usage(mount).free
            seconds = self.pull(self.source)
            os.sync()
            used = before - shutil.disk_usage(mount).free
            print(f"a file system that shares blocks (xfs): {seconds:.2f} s, {self.bytes / seconds / 1e9:.2f} GB/s,"
                  f" {used / 1e6:.1f} MB used for {self.bytes / 1e6:.0f} MB")
        finally:
            subprocess.run(["umount", mount], check=True)

    def servers(self):
        rate = 40_000_000
        print("servers of 40 MB/s a connection")
        if not os.path.isdir(self.source):
            self.fill(self.source)
        hub_folder = os.path.join(self.source, "hub")
        with StaticServer(hub_folder, rate=rate) as one, StaticServer(hub_folder, rate=rate) as two:
            found = self.medians({
                "one server": lambda: self.pull(one.url),
                "two servers": lambda: self.run(self.hfaudit, "pull", "-q", "--offline", "--from", one.url, "--from", two.url,
                                                "acme/large")})
        print(f"  two servers against one: {found['one server'] / found['two servers']:.2f} of its rate")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hfaudit", default=os.environ.get("HFAUDIT", BUILT))
    parser.add_argument("--size", type=int, default=2000, help="MB in all")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=["local", "reflink", "servers"], default=["local", "reflink", "servers"])
    options = parser.parse_args()
    print(f"{model()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="hfaudit-bench-") as folder:
        bench = Bench(options, folder)
        for step in options.only:
            getattr(bench, step)()


if __name__ == "__main__":
    main()
