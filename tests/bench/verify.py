#!/usr/bin/env python3
"""How fast `hfaudit verify` is, beside the newest client's `hf cache verify`, openssl and dd, in one run.

    HFAUDIT=build/release/tools/hfaudit python3 tests/bench/verify.py [--size 700] [--quick]

Everything is made in a temporary folder and removed again. README.md says what is measured and what to expect.
"""

import argparse
import ctypes
import glob
import hashlib
import mmap
import os
import re
import shutil
import statistics
import subprocess
import sys

from scan import HERE, ROOT, Run, bench_folder, find_hf, require_program

for folder in ("support", "testhub"):
    sys.path.insert(0, os.path.join(ROOT, "tests", folder))
BUILT = os.path.join(ROOT, "build/release/tools/hfaudit")
MB, CORES = 10**6, len(os.sched_getaffinity(0))
STEPS = ["warm", "cold", "memory", "cache", "chain"]


def add_repo(home, repo):
    """A repo of the test Hub as its client leaves it; large blobs are hard links to the Hub's own files."""
    folder = os.path.join(home, "hub", repo.folder)
    snapshot = os.path.join(folder, "snapshots", repo.head.oid)
    for path in (os.path.join(folder, "blobs"), os.path.join(folder, "refs"), snapshot):
        os.makedirs(path)
    with open(os.path.join(folder, "refs", "main"), "w", encoding="ascii") as ref:
        ref.write(repo.head.oid)
    for name, file in repo.head.files.items():
        blob = os.path.join(folder, "blobs", file.etag)
        if file.content.path:
            os.link(file.content.path, blob)
        else:
            with open(blob, "wb") as out:
                out.write(file.content.read())
        os.symlink(f"../../blobs/{file.etag}", os.path.join(snapshot, name))
    return sorted(os.path.join(folder, "blobs", name) for name in os.listdir(os.path.join(folder, "blobs")))


def add_plain_repo(home, name, contents):
    """A repo of files of (size, first bytes). The rest is a hole, of which the name knows nothing."""
    folder = os.path.join(home, "hub", f"models--acme--{name}")
    commit = hashlib.sha1(name.encode()).hexdigest()
    os.makedirs(os.path.join(folder, "blobs"))
    os.makedirs(os.path.join(folder, "snapshots", commit))
    for number, (size, head) in enumerate(contents):
        etag = hashlib.sha256(head).hexdigest()
        with open(os.path.join(folder, "blobs", etag), "wb") as out:
            out.write(head)
            out.truncate(size)
        os.symlink(f"../../blobs/{etag}", os.path.join(folder, "snapshots", commit, f"part{number}.dat"))


def sync(paths):
    for path in paths:
        with open(path, "rb") as file:
            os.fsync(file.fileno())


def make_cold(paths):
    for path in paths:
        with open(path, "rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def make_warm(paths):
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            while file.read(1 << 20):
                pass


def resident(paths):
    """How many pages of the files lie in the page cache, by mincore(2); and how many there are."""
    libc = ctypes.CDLL(None, use_errno=True)
    there = total = 0
    for path in paths:
        size = os.path.getsize(path)
        if not size:
            continue
        with open(path, "rb") as file, mmap.mmap(file.fileno(), size, mmap.MAP_PRIVATE,
                                                 mmap.PROT_READ | mmap.PROT_WRITE) as area:
            pages = (ctypes.c_ubyte * -(-size // mmap.PAGESIZE))()
            first = ctypes.c_char.from_buffer(area)
            if libc.mincore(ctypes.c_void_p(ctypes.addressof(first)), ctypes.c_size_t(size), pages):
                raise OSError(ctypes.get_errno(), "mincore")
            del first
        there += sum(page & 1 for page in pages)
        total += len(pages)
    return there, total


def processor():
    """Its model, and what of it SHA-256 can use."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        lines = dict(line.split(":", 1) for line in file.read().split("\n\n")[0].splitlines())
    known = {name.strip(): value.split() for name, value in lines.items()}
    has = [name for name in ("sha_ni", "avx2", "avx512bw", "sha2") if name in known.get("flags", known.get("Features", []))]
    return " ".join([*known.get("model name", ["a processor without a name"]), "with", *has])


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.hfaudit, self.hf = os.path.abspath(options.hfaudit), find_hf()
        self.home, self.user = os.path.join(folder, "home"), os.path.join(folder, "user")
        os.makedirs(self.user)
        self.failed = []
        self.measure_program = os.path.join(folder, "measure")
        subprocess.run(["cc", "-O2", "-o", self.measure_program, os.path.join(HERE, "measure.c")], check=True)

    def measure(self, command, home=None, **more):
        env = {"PATH": "/usr/bin:/bin", "HOME": self.user, "HF_HOME": home or self.home, "LC_ALL": "C.UTF-8",
               "HFAUDIT_SHA256": self.options.kernels,
               **{name: value for name, value in os.environ.items() if name == "OPENSSL_ia32cap"},
               "HF_HUB_DISABLE_UPDATE_CHECK": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1",
               "no_proxy": "127.0.0.1,127.0.0.2", **more}
        out = subprocess.run([self.measure_program, "1", *command], env=env, check=True, text=True, cwd=self.user,
                             stdout=subprocess.PIPE).stdout
        wall, user, system, memory, status = (int(word) for word in out.split())
        return Run(wall / 1000, user / 1000, system / 1000, memory, status)

    def verdict(self, what, value, good):
        if not good:
            self.failed.append(what)
        print(f"- {'ok' if good else '**missed**'}: {what}: {value}", flush=True)

    def in_turns(self, commands, before):
        """The commands in turn, so that a busy machine is busy for all."""
        runs = {name: [] for name in commands}
        for _ in range(self.options.rounds):
            for name, command in commands.items():
                before()
                runs[name].append(run := command())
                if run.status:
                    self.failed.append(f"{name} ended with {run.status}")
        return runs

    def table(self, title, runs, total):
        """Medians, in GB/s; returned by name."""
        print(f"\n{title}, load {os.getloadavg()[0]:.1f}\n\n| | median s | GB/s | best GB/s | processor s | MiB |")
        print("|---|---|---|---|---|---|")
        rates = {}
        for name, rows in runs.items():
            wall = statistics.median(run.wall for run in rows) / 1000
            rates[name] = total / wall / 1e9
            print(f"| {name} | {wall:.2f} | {rates[name]:.2f} | {total / min(run.wall for run in rows) / 1e6:.2f} "
                  f"| {statistics.median(run.user + run.system for run in rows) / 1000:.2f} "
                  f"| {max(run.memory for run in rows) / 1024:.0f} |")
        print()
        return rates

    def openssl(self):
        """What the machine can hash by OpenSSL, in GB/s: -multi, or a process a core where that reaches more."""
        def rate(text):
            return sum(float(word) for word in re.findall(r"^sha256 +([\d.]+)k", text, re.MULTILINE)) / 1e6
        command = ["openssl", "speed", "-evp", "sha256", "-bytes", "1048576",
                   "-seconds", "1" if self.options.quick else "3"]
        multi = rate(subprocess.run([*command, "-multi", str(CORES)], stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, text=True, check=True).stdout)
        crew = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                for _ in range(CORES)]
        each = sum(rate(process.communicate()[0]) for process in crew)
        print(f"\n`openssl speed -evp sha256`: -multi {CORES}: {multi:.2f} GB/s;"
              f" {CORES} processes: {each:.2f} GB/s")
        return max(multi, each)

    def warm(self, hub, blobs, total):
        make_warm(blobs)
        commands = {"hfaudit verify": lambda: self.measure([self.hfaudit, "verify", "acme/big"])}
        if self.hf:
            commands["hf cache verify"] = lambda: self.measure(
                [self.hf, "cache", "verify", "acme/big"], HF_ENDPOINT=hub.url)
        commands["sha256sum, a process a core"] = lambda: self.measure(
            ["sh", "-c", f"printf '%s\\n' \"$@\" | xargs -n1 -P{CORES} sha256sum >/dev/null", "sh", *blobs])
        if shutil.which("restic"):
            kept = {"RESTIC_REPOSITORY": os.path.join(self.folder, "restic"), "RESTIC_PASSWORD": "bench"}
            for words in (["init"], ["backup", os.path.dirname(blobs[0])]):
                self.measure(["restic", "--quiet", "--no-cache", *words], **kept)
            commands["restic check --read-data"] = lambda: self.measure(
                ["restic", "--quiet", "--no-cache", "check", "--read-data"], **kept)
        rates = self.table("Warm page cache", self.in_turns(commands, lambda: None), total)
        if self.hf:
            ratio = rates["hfaudit verify"] / rates["hf cache verify"]
            self.verdict("at least 3.0 times faster than hf cache verify", f"{ratio:.1f} times", ratio >= 3)
        ratio = rates["hfaudit verify"] / self.openssl()
        self.verdict("at least 0.95 of openssl's rate", f"{ratio:.2f}", ratio >= 0.95)

    def cold(self, blobs, total):
        dd = "; ".join(f"dd if={blob} of=/dev/null iflag=direct bs=4M" for blob in blobs)
        commands = {"hfaudit verify": lambda: self.measure([self.hfaudit, "verify", "acme/big"]),
                    "dd iflag=direct": lambda: self.measure(["sh", "-c", dd])}
        rates = self.table("Cold page cache", self.in_turns(commands, lambda: make_cold(blobs)), total)
        ratio = rates["hfaudit verify"] / rates["dd iflag=direct"]
        self.verdict("at least 0.95 of dd's rate", f"{ratio:.2f}", ratio >= 0.95)

    def memory(self, blobs):
        def peak(what, run, status=0):
            good = run.memory < 64 << 10 and run.status == status
            value = f"{run.memory / 1024:.0f} MiB, {run.wall / 1000:.2f} s, exit code {run.status}"
            self.verdict(f"under 64 MiB: {what}", value, good)
        print("\nPeak memory\n")
        make_cold(blobs)
        peak("large files, cold", self.measure([self.hfaudit, "verify", "acme/big"]))
        peak("large files, cold, --jobs 64", self.measure([self.hfaudit, "verify", "--jobs", "64", "acme/big"]))
        home = os.path.join(self.folder, "plain")
        add_plain_repo(home, "hole", [(self.options.sparse * MB, b"a hole")])
        run = self.measure([self.hfaudit, "verify"], home)
        peak(f"a hole of {self.options.sparse} MB, whose name is wrong", run, 1)
        shutil.rmtree(home)
        add_plain_repo(home, "small", [(2000, (b"%09d\n" % number) * 200) for number in range(self.options.small)])
        peak(f"{self.options.small} files of 2 KB", self.measure([self.hfaudit, "verify"], home))
        shutil.rmtree(home)

    def cache(self, blobs, served):
        """One model is being served; the rest is verified. Then the same by a plain reader, to compare."""
        print("\nPage cache, in pages\n")
        make_cold(blobs)
        make_warm(served)
        before, held = resident(blobs)[0], resident(served)
        self.measure([self.hfaudit, "verify"])
        after, kept = resident(blobs), resident(served)[0]
        self.verdict("at least 99 % of the served model stays", f"{kept} of {held[0]}", kept >= 0.99 * held[0])
        came = after[0] - before  # configs, indices and the heads of weights, which a scan reads
        self.verdict("under 0.5 % of the rest comes in", f"{came} of {after[1]}", came < 0.005 * after[1])
        self.measure(["cat", *blobs])
        print(f"- `cat` of the same files leaves {resident(blobs)[0] - after[0]}")

    def chain(self):
        """One file on all cores, from the states of its chain, beside two files of half its size, and itself without."""
        home = os.path.join(self.folder, "chain")
        size = 2 * self.options.size * MB
        for name, sizes in (("one", [size]), ("two", [size // 2, size // 2])):
            folder = os.path.join(home, name, "hub", "models--acme--chain")
            commit = "c" * 40
            os.makedirs(os.path.join(folder, "blobs"))
            os.makedirs(os.path.join(folder, "snapshots", commit))
            for number, length in enumerate(sizes):
                digest, path = hashlib.sha256(), os.path.join(folder, "blobs", "new")
                with open(path, "wb") as out:
                    for at in range(0, length, MB):
                        piece = (b"%d %d" % (number, at)).ljust(min(MB, length - at), b".")
                        digest.update(piece)
                        out.write(piece)
                os.rename(path, os.path.join(folder, "blobs", digest.hexdigest()))
                os.symlink(f"../../blobs/{digest.hexdigest()}", os.path.join(folder, "snapshots", commit, f"{number}.bin"))
        ledger = os.path.join(self.folder, "ledger")
        one, two = os.path.join(home, "one"), os.path.join(home, "two")
        for folder in (one, two):  # which leaves it in the page cache, and the chains in the ledger
            self.measure([self.hfaudit, "verify", "--ledger", ledger], folder)
            make_warm(glob.glob(os.path.join(folder, "hub", "*", "blobs", "*")))
        commands = {"two files": lambda: self.measure([self.hfaudit, "verify", "--ledger", ledger], two),
                    "one file, from its chain": lambda: self.measure([self.hfaudit, "verify", "--ledger", ledger], one),
                    "one file, without": lambda: self.measure([self.hfaudit, "verify"], one, HOME="/nonexistent")}
        rates = self.table(f"One file of {size / 1e9:.1f} GB", self.in_turns(commands, lambda: None), size)
        ratio = rates["one file, from its chain"] / rates["two files"]
        self.verdict("at least 0.9 of what two files get", f"{ratio:.2f}", ratio >= 0.9)
        shutil.rmtree(home)

    def run(self):
        from hub import Hub, make_model
        size, count = self.options.size * MB, self.options.files
        print(f"making {count} files of {self.options.size} MB …", flush=True)
        big = make_model("acme/big", shards=count, shard_size=size)
        model = make_model("acme/served", shards=2, shard_size=size)
        blobs, served = add_repo(self.home, big), add_repo(self.home, model)
        sync(blobs + served)
        total = sum(os.path.getsize(blob) for blob in blobs)
        print(f"{CORES} cores, load {os.getloadavg()}; {processor()}; kernels: {self.options.kernels or 'as chosen'}")
        steps = {"warm": lambda: self.warm(hub, blobs, total), "cold": lambda: self.cold(blobs, total),
                 "memory": lambda: self.memory(blobs), "cache": lambda: self.cache(blobs, served), "chain": self.chain}
        with Hub(big) as hub:
            for step in self.options.only or STEPS:
                steps[step]()
        print(f"\nload {os.getloadavg()}\n" + ("missed: " + "; ".join(self.failed) if self.failed else
                                               "every target is met"))
        return 1 if self.failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hfaudit", default=os.environ.get("HFAUDIT", BUILT))
    parser.add_argument("--quick", action="store_true", help="a tenth of everything: shows that it works, no more")
    parser.add_argument("--files", type=int, default=6, help="large files")
    parser.add_argument("--size", type=int, help="MB of each; 700, with --quick 70")
    parser.add_argument("--sparse", type=int, help="MB of the hole; 20000, with --quick 2000")
    parser.add_argument("--small", type=int, help="small files; 20000, with --quick 2000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kernels", default="", help="HFAUDIT_SHA256 of CONTRIBUTING.md, as openssl,avx2")
    parser.add_argument("--only", nargs="+", choices=STEPS)
    parser.add_argument("--dir", help="where to make the cache; the default is the folder for temporary files")
    options = parser.parse_args()
    for name, usual in (("size", 700), ("sparse", 20000), ("small", 20000)):
        if getattr(options, name) is None:
            setattr(options, name, usual // 10 if options.quick else usual)
    require_program(parser, options)
    with bench_folder(options.dir) as folder:
        os.environ["HFAUDIT_HUB_SPOOL"] = os.path.join(folder, "spool")
        return Bench(options, folder).run()


if __name__ == "__main__":
    sys.exit(main())
