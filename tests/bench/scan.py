#!/usr/bin/env python3
"""How fast `hfaudit scan` is, beside the newest client's `hf cache ls` and `du -s`, in one run.

    HFAUDIT=build/release/tools/hfaudit python3 tests/bench/scan.py [--repos 2000] [--quick]

Everything is made in a temporary folder and removed again. README.md says what is measured and what to expect.
"""

import argparse
import collections
import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

from generate import generate

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
Run = collections.namedtuple("Run", "wall user system memory status")  # milliseconds, KiB


def find_hf():
    """The newest client's `hf`: of the environment, else of a virtual environment made for the tests."""
    if os.environ.get("HF_CLI"):
        return os.environ["HF_CLI"]
    for folder in ("support", "testhub"):
        sys.path.insert(0, os.path.join(ROOT, "tests", folder))
    try:
        import client_venvs
        return os.path.join(client_venvs.ensure(client_venvs.NEWEST), "bin", "hf")
    except Exception as error:  # no network, no such client: the comparison is left out and says so
        print(f"no `hf cache ls` to compare with: {error}", file=sys.stderr)
        return None


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.hfaudit = os.path.abspath(options.hfaudit)
        self.hf = find_hf()
        self.failed = []
        self.measure_program = self.compile("measure", "measure.c")

    def compile(self, name, source, *flags):
        out = os.path.join(self.folder, name)
        subprocess.run(["cc", "-O2", *flags, "-o", out, os.path.join(HERE, source), "-ldl"], check=True)
        return out

    def environment(self, home, **more):
        user = os.path.join(self.folder, "user")
        os.makedirs(user, exist_ok=True)
        return {"PATH": "/usr/bin:/bin", "HOME": user, "HF_HOME": home, "LC_ALL": "C.UTF-8",
                "HF_HUB_DISABLE_UPDATE_CHECK": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "1", **more}

    def measure(self, command, home, runs=1, **more):
        env = self.environment(home, **more)
        # env(1) sets the shim for the command alone, so that the one who measures is not slowed.
        preload = env.pop("LD_PRELOAD", None)
        if preload:
            command = ["env", f"LD_PRELOAD={preload}", *command]
        out = subprocess.run([self.measure_program, str(runs), *command], env=env, check=True, text=True,
                             cwd=env["HOME"], stdout=subprocess.PIPE).stdout
        rows = [[int(word) for word in line.split()] for line in out.splitlines()]
        return [Run(w / 1000, u / 1000, s / 1000, memory, status) for w, u, s, memory, status in rows]

    def commands(self, home):
        table = {"hfaudit scan": [self.hfaudit, "scan"]}
        if self.hf:
            table["hf cache ls"] = [self.hf, "cache", "ls"]
        table["du -s"] = ["du", "-s", home]
        return table

    def verdict(self, what, value, good):
        if not good:
            self.failed.append(what)
        print(f"  {'ok  ' if good else 'MISS'}  {what}: {value}")

    def side_by_side(self, home, rounds, **more):
        """The commands in turn, so that a busy machine is busy for all; the first round only warms the caches."""
        runs = {name: [] for name in self.commands(home)}
        for number in range(rounds + 1):
            for name, command in self.commands(home).items():
                run = self.measure(command, home, **more)[0]
                if run.status:
                    self.failed.append(f"{name} ended with {run.status}")
                if number:
                    runs[name].append(run)
        return runs

    def table(self, title, runs):
        print(f"\n{title}")
        base = statistics.median(run.wall for run in runs["hfaudit scan"])
        print(f"  {'':14}{'median ms':>11}{'min ms':>10}{'CPU ms':>10}{'memory MiB':>12}{'ratio':>8}")
        medians = {}
        for name, rows in runs.items():
            medians[name] = statistics.median(run.wall for run in rows)
            cpu = statistics.median(run.user + run.system for run in rows)
            memory = max(run.memory for run in rows) / 1024
            print(f"  {name:14}{medians[name]:11.1f}{min(run.wall for run in rows):10.1f}{cpu:10.1f}{memory:12.1f}"
                  f"{medians[name] / base:8.2f}")
        return medians

    def warm(self, home, repos):
        runs = self.side_by_side(home, 3 if self.options.quick else 5)
        medians = self.table(f"{repos} repos of 40 files, warm", runs)
        ours = medians["hfaudit scan"]
        if self.hf:
            ratio = medians["hf cache ls"] / ours
            self.verdict("at least 10 times faster than hf cache ls", f"{ratio:.1f} times", ratio >= 10)
        self.verdict("no slower than du -s", f"{ours / medians['du -s']:.2f} of its time", ours <= medians["du -s"])
        memory = max(run.memory for run in runs["hfaudit scan"]) / 1024
        self.verdict("under 64 MiB", f"{memory:.1f} MiB", memory < 64)
        return ours

    def scaling(self, small_ms, repos):
        home = os.path.join(self.folder, "ten")
        print(f"\nmaking {10 * repos} repos …", flush=True)
        generate(home, 10 * repos)
        runs = self.measure([self.hfaudit, "scan"], home, 4)[1:]
        large_ms = statistics.median(run.wall for run in runs)
        print(f"{10 * repos} repos: {large_ms:.0f} ms, {max(run.memory for run in runs) / 1024:.1f} MiB")
        ratio = large_ms / small_ms
        self.verdict("ten times the files take at most eleven times the time", f"{ratio:.1f} times", ratio <= 11)
        shutil.rmtree(home)

    def one_repo(self, home, repos):
        runs = self.measure([self.hfaudit, "scan", "org05/model-00005"], home, 201)[1:]
        floor = self.measure(["true"], home, 201)[1:]
        walls = sorted(run.wall for run in runs)
        print(f"\none repo of {repos}: min {walls[0]:.2f} ms, median {statistics.median(walls):.2f} ms,"
              f" 95 % {walls[190]:.2f} ms (of `true`: median {statistics.median(r.wall for r in floor):.2f} ms)")
        self.verdict("one repo in under 5 ms", f"{statistics.median(walls):.2f} ms", statistics.median(walls) < 5)
        if not shutil.which("strace"):
            print("  no strace: what it touches was not looked at")
            return
        log = os.path.join(self.folder, "strace.log")
        subprocess.run(["strace", "-f", "-o", log, "-e", "trace=%file,flock,getdents64", self.hfaudit, "scan",
                        "org05/model-00005"], env=self.environment(home), stdout=subprocess.DEVNULL, check=True)
        with open(log, encoding="utf-8", errors="replace") as file:
            others = [line for line in file if "models--" in line and "models--org05--model-00005" not in line]
        self.verdict("touches that repo alone", f"{len(others)} calls on others", not others)

    def network(self):
        repos = 20 if self.options.quick else 100
        home = os.path.join(self.folder, "remote")
        generate(home, repos)
        shim = self.compile("slow_metadata.so", "slow_metadata.c", "-shared", "-fPIC")
        runs = self.side_by_side(home, 1 if self.options.quick else 3, LD_PRELOAD=shim, SLOW_METADATA_ROOT=home)
        medians = self.table(f"{repos} repos of 40 files, each metadata call takes 1 ms longer", runs)
        if self.hf:
            ratio = medians["hf cache ls"] / medians["hfaudit scan"]
            self.verdict("at least 15 times faster than hf cache ls", f"{ratio:.1f} times", ratio >= 15)
        shutil.rmtree(home)

    def run(self):
        repos = self.options.repos or (200 if self.options.quick else 2000)
        home = os.path.join(self.folder, "cache")
        print(f"making {repos} repos …", flush=True)
        generate(home, repos)
        steps = self.options.only or ["warm", "one", "network", "scaling"]
        small = self.warm(home, repos) if {"warm", "scaling"} & set(steps) else 0
        if "one" in steps:
            self.one_repo(home, repos)
        if "network" in steps:
            self.network()
        if "scaling" in steps:
            self.scaling(small, repos)
        print("\n" + ("missed: " + "; ".join(self.failed) if self.failed else "every target is met"))
        return 1 if self.failed else 0


def require_program(parser, options):
    if not os.path.exists(options.hfaudit):
        parser.error(f"no such program: {options.hfaudit} (build it, or set HFAUDIT)")


@contextlib.contextmanager
def bench_folder(parent):
    """A folder below `parent` (None: that for temporary files), removed at the end, also by SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = tempfile.mkdtemp(prefix="hfaudit-bench-", dir=parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hfaudit", default=os.environ.get("HFAUDIT", os.path.join(ROOT, "build/release/tools/hfaudit")))
    parser.add_argument("--repos", type=int, help="2000, with --quick 200")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--only", nargs="+", choices=["warm", "one", "network", "scaling"])
    parser.add_argument("--dir", help="where to make the caches; the default is the folder for temporary files")
    options = parser.parse_args()
    require_program(parser, options)
    with bench_folder(options.dir) as folder:
        return Bench(options, folder).run()


if __name__ == "__main__":
    sys.exit(main())
