#!/usr/bin/env python3
"""How fast `hfaudit pull` is, beside aria2c and the newest client's `hf download` without Xet, in one run.

    HFAUDIT=build/release/tools/hfaudit python3 tests/bench/pull.py [--quick] [--only one six stalls small]

The Hub is that of the tests, on the loopback interface. Everything is made in a temporary folder and removed again.
README.md says what is measured and what to expect.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys

from scan import HERE, ROOT, Run, bench_folder, find_hf, require_program
from verify import processor

for folder in ("support", "testhub"):
    sys.path.insert(0, os.path.join(ROOT, "tests", folder))
BUILT = os.path.join(ROOT, "build/release/tools/hfaudit")
MB = 10**6
STEPS = ["one", "six", "stalls", "small"]
HFAUDIT, HF, TRANSFER = "hfaudit pull", "hf download", "hf download with hf_transfer"
MEMORY_MIB = 256


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.hfaudit, self.hf = os.path.abspath(options.hfaudit), find_hf()
        self.out, self.user = os.path.join(folder, "out"), os.path.join(folder, "user")
        os.makedirs(self.user)
        self.failed = []
        self.measure_program = os.path.join(folder, "measure")
        subprocess.run(["cc", "-O2", "-o", self.measure_program, os.path.join(HERE, "measure.c")], check=True)

    # --- one run ---

    def measure(self, hub, command):
        env = {"PATH": "/usr/bin:/bin", "HOME": self.user, "HF_HOME": self.out, "LC_ALL": "C.UTF-8",
               "HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1",
               "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
        out = subprocess.run([self.measure_program, "1", *command], env=env, check=True, text=True, cwd=self.user,
                             stdout=subprocess.PIPE).stdout
        wall, user, system, memory, status = (int(word) for word in out.split())
        return Run(wall / 1000, user / 1000, system / 1000, memory, status)

    def clean(self):
        """Nothing is there, and nothing of the run before is still on its way to the disk."""
        shutil.rmtree(self.out, ignore_errors=True)
        os.makedirs(self.out)
        os.sync()

    def arrived(self):
        """Bytes of regular files, without what tells of them."""
        total = 0
        for folder, folders, names in os.walk(self.out):
            folders[:] = [name for name in folders if name not in ("refs", "trees", ".locks", "xet")]
            paths = [os.path.join(folder, name) for name in names if name not in ("CACHEDIR.TAG", "list")]
            total += sum(os.path.getsize(path) for path in paths if not os.path.islink(path))
        return total

    def aria2c(self, repo, *how):
        """The same files by their resolve URLs. Without preallocation, which would write all twice."""
        def command(hub):
            listing = os.path.join(self.out, "list")
            with open(listing, "w", encoding="utf-8") as file:
                for path in repo.head.files:
                    file.write(f"{hub.url}/{repo.repo_id}/resolve/main/{path}\n  out={path}\n")
            return ["aria2c", "--quiet", "--no-conf", "--file-allocation=none", *how, "-d", self.out, "-i", listing]
        return command

    def pull(self, repo):
        return lambda _: [self.hfaudit, "pull", "--quiet", repo.repo_id]

    def download(self, repo):
        return lambda _: [self.hf, "download", repo.repo_id]

    def transfer(self, repo):
        """By the Rust package that hf below 1.0 can use. It may write one file with many connections."""
        return lambda _: ["env", "HF_HUB_ENABLE_HF_TRANSFER=1", os.environ["HF_TRANSFER_CLI"], "download", repo.repo_id]

    # --- many runs ---

    def in_turns(self, title, repo, commands, faults=()):
        """The commands in turn, each with a Hub of its own: name -> command, or (command, faults). Medians by name."""
        from hub import Hub
        total = sum(file.content.size for file in repo.head.files.values())
        runs = {name: [] for name in commands}
        for _ in range(self.options.rounds):
            for name, command in commands.items():
                command, given = command if isinstance(command, tuple) else (command, faults)
                self.clean()
                with Hub(repo, faults=[fault() for fault in given]) as hub:
                    run = self.measure(hub, command(hub))
                    there = self.arrived()
                    if run.status or there != total or hub.errors:
                        self.failed.append(f"{name} ended with {run.status}, {there} of {total} bytes {hub.errors[:1]}")
                runs[name].append(run)
        self.clean()
        return self.table(title, runs, total)

    def table(self, title, runs, total):
        print(f"\n{title}, load {os.getloadavg()[0]:.1f}\n")
        print("| | median s | best s | GB/s | processor s | MiB |\n|---|---|---|---|---|---|")
        medians = {}
        for name, rows in runs.items():
            medians[name] = wall = statistics.median(run.wall for run in rows) / 1000
            memory = max(run.memory for run in rows) / 1024
            print(f"| {name} | {wall:.2f} | {min(run.wall for run in rows) / 1000:.2f} | {total / wall / 1e9:.2f} "
                  f"| {statistics.median(run.user + run.system for run in rows) / 1000:.2f} | {memory:.0f} |")
            if name.startswith(HFAUDIT) and memory >= MEMORY_MIB:
                self.failed.append(f"under {MEMORY_MIB} MiB: {title}, {name}")
        print(flush=True)
        return medians

    def ratio(self, what, of, to, most, medians):
        """`of` may take `most` times as long as `to`."""
        if of not in medians or to not in medians:
            return
        ratio = medians[of] / medians[to]
        if ratio > most:
            self.failed.append(what)
        print(f"- {'ok' if ratio <= most else '**missed**'}: {what}: {ratio:.2f} times its time "
              f"(at most {most:.2f})", flush=True)

    def of(self, **commands):
        """Those that can be run here."""
        names = {"hfaudit": HFAUDIT, "aria2c": "aria2c", "hf": HF, "transfer": TRANSFER}
        there = {"hfaudit": not self.options.peers, "aria2c": shutil.which("aria2c"), "hf": self.hf,
                 "transfer": "HF_TRANSFER_CLI" in os.environ}
        return {names[key]: command for key, command in commands.items() if there[key]}

    # --- what is measured ---

    def one(self):
        from hub import make_model, throttle
        repo = make_model("acme/one", shards=1, shard_size=self.options.size * 6 // 7 * MB)
        medians = self.in_turns(
            "One file, 40 MB/s per connection", repo, faults=[lambda: throttle(40 * MB)], commands=self.of(
                hfaudit=self.pull(repo), aria2c=self.aria2c(repo, "-x16", "-s16")))
        self.ratio("one slow file, beside aria2c -x16 -s16", HFAUDIT, "aria2c", 1.1, medians)

    def six(self):
        repo = self.big()
        medians = self.in_turns("Six files, unthrottled", repo, self.of(
            hfaudit=self.pull(repo), aria2c=self.aria2c(repo, "-j6", "-x4"), hf=self.download(repo),
            transfer=self.transfer(repo)))
        self.ratio("six files, no slower than aria2c -j6 -x4", HFAUDIT, "aria2c", 1.0, medians)
        self.ratio("six files, 1.8 times faster than hf download", HFAUDIT, HF, 1 / 1.8, medians)

    def stalls(self):
        """Each third answer that carries content falls silent for 40 s, after so many bytes of it."""
        from hub import stall, throttle
        if self.options.peers:
            return
        repo = self.big()
        for shape, slow in (("20 MB/s per connection", [lambda: throttle(20 * MB)]), ("unthrottled", [])):
            for after in self.options.stall_after:
                stalled = f"{HFAUDIT}, stalls after {after} bytes"
                medians = self.in_turns(f"Six files, {shape}, every third answer silent for 40 s", repo, {
                    HFAUDIT: (self.pull(repo), slow),
                    stalled: (self.pull(repo), [*slow, lambda after=after: stall(after, 40, every=3)])})
                self.ratio(f"with stalls after {after} bytes, {shape}", stalled, HFAUDIT, 1.25, medians)

    def small(self):
        from hub import Content, Repo
        files = {f"data/{i % 20}/{i}.{'json' if i % 2 else 'bin'}": Content.generate(f"small {i}", 2000 + 37 * i)
                 for i in range(self.options.small)}
        repo = Repo("acme/small").commit(files)
        medians = self.in_turns(f"{len(files)} small files, half of them on the CDN", repo, self.of(
            hfaudit=self.pull(repo), aria2c=self.aria2c(repo, "-j16"), hf=self.download(repo)))
        self.ratio("small files, no slower than hf download", HFAUDIT, HF, 1.0, medians)

    def big(self):
        from hub import make_model
        return make_model("acme/six", shards=self.options.files, shard_size=self.options.size * MB)

    def run(self):
        print(processor())
        print(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()}, {self.options.rounds} rounds, in {self.folder}",
              flush=True)
        for step in self.options.only or STEPS:
            getattr(self, step)()
        print(f"\nload {os.getloadavg()}\n" + ("missed: " + "; ".join(self.failed) if self.failed else
                                               "every target is met"))
        return 1 if self.failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hfaudit", default=os.environ.get("HFAUDIT", BUILT))
    parser.add_argument("--quick", action="store_true", help="a tenth of everything: shows that it works, no more")
    parser.add_argument("--peers", action="store_true", help="without hfaudit: what there is to beat")
    parser.add_argument("--files", type=int, default=6, help="large files")
    parser.add_argument("--size", type=int, help="MB of each; 700, with --quick 70")
    parser.add_argument("--small", type=int, default=500, help="small files")
    parser.add_argument("--stall-after", type=int, nargs="+", default=[0, MB], help="bytes before the silence")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=STEPS)
    parser.add_argument("--dir", help="where to download to; the default is the folder for temporary files")
    options = parser.parse_args()
    options.size = options.size or (70 if options.quick else 700)
    if not options.peers:
        require_program(parser, options)
    with bench_folder(options.dir) as folder:
        os.environ["HFAUDIT_HUB_SPOOL"] = os.path.join(folder, "spool")
        return Bench(options, folder).run()


if __name__ == "__main__":
    sys.exit(main())
