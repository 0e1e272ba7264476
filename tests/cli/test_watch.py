"""hfaudit watch: somebody else downloads, in every way that shows on a disk; then the verdict."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import unittest

from cli_case import COMMIT, HFAUDIT, CliCase
from system import open_terminal  # cli_case knows where that is

SIZE = 20_000_000
CONTENT = b"x" * SIZE
BLOB = hashlib.sha256(CONTENT).hexdigest()
LINE = re.compile(r"  \[acme/big\] (\d+\.\d)%  \d+\.\d\d MB / 20\.00 MB  \d+\.\d MB/s")
BARE = re.compile(r"  \[acme/big\] \d+(?:\.\d\d)? [kM]?B  \d+\.\d MB/s")

# Writes blobs/NAME.incomplete in steps, then gives it its name and its link. `how`: with the lock and the file held
# (lock), with a new open at each step as another host's writes look (steps), or with a hole before the end (hole).
# `led`: half way, or at the end, it waits until it is told to go on.
WRITER = """
import fcntl, os, sys, time
repo, blob, how, steps, until, pause, led = sys.argv[1:8]
steps, until, pause, size = int(steps), int(until), float(pause), 20_000_000
partial, lock = f"{repo}/blobs/{blob}.incomplete", f"{os.path.dirname(repo)}/.locks/{os.path.basename(repo)}/{blob}.lock"
os.makedirs(os.path.dirname(partial), exist_ok=True)
if how != "steps":
    os.makedirs(os.path.dirname(lock), exist_ok=True)
    held = os.open(lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
file = open(partial, "ab")
if how == "hole":
    file.truncate(size)
    file = open(partial, "r+b")
print("ready", flush=True)
for step in range(until):
    if led == "half" and step == until // 2:
        sys.stdin.readline()
    time.sleep(pause)
    file.write(b"x" * (size // steps))
    file.flush()
    if how == "steps":
        file.close()
        file = open(partial, "ab")
        file.close() if step + 1 == until else None
if led == "end":
    sys.stdin.readline()
if until < steps:
    sys.exit()
entry = f"{repo}/snapshots/%s/table.dat"
os.makedirs(os.path.dirname(entry), exist_ok=True)
os.rename(partial, f"{repo}/blobs/{blob}")
os.symlink(f"../../blobs/{blob}", entry)
""" % COMMIT


class Watch(CliCase):
    def setUp(self):
        super().setUp()
        self.repo = os.path.join(self.home, "hub", "models--acme--big")

    def begin(self, tree=True):
        """What a client makes before the first byte."""
        self.write(os.path.join(self.repo, "refs", "main"), COMMIT.encode())
        os.makedirs(os.path.join(self.repo, "snapshots", COMMIT), exist_ok=True)
        if tree:
            files = {"table.dat": {"size": SIZE, "blob_id": "b" * 40, "lfs_sha256": BLOB, "lfs_size": SIZE}}
            text = json.dumps({"format_version": 1, "files": files})
            self.write(os.path.join(self.repo, "trees", COMMIT + ".json"), text.encode())

    def write_as(self, how="lock", steps=20, until=None, pause=0.07, led=""):
        writer = subprocess.Popen([sys.executable, "-S", "-c", WRITER, self.repo, BLOB, how, str(steps),
                                   str(steps if until is None else until), str(pause), led],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(self.end, writer)
        self.assertEqual(writer.stdout.readline(), b"ready\n")
        return writer

    @staticmethod
    def end(writer):
        writer.kill()
        writer.wait()
        writer.stdout.close()
        if writer.stdin:
            writer.stdin.close()

    def watch(self, *args, code=0, grace="0.4", interval="0.2"):
        started = time.monotonic()
        done = self.run_hfaudit("watch", "acme/big", "--grace", grace, "--interval", interval, *args)
        self.took = time.monotonic() - started
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done.stdout.decode(), done.stderr.decode().splitlines()

    def start(self, *args, grace="0.4"):
        """A watch under way."""
        watching = subprocess.Popen([HFAUDIT, "watch", *args, "--grace", grace, "--interval", "0.2"],
                                    env=self.environment(), cwd=self.scratch, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(lambda: (watching.kill(), watching.wait(), watching.stdout.close(), watching.stderr.close()))
        return watching

    def lead(self, writer, *args, code=0):
        """As watch(), and the writer goes on once three lines were told, however long that takes."""
        watching = self.start(*args)
        lines = [watching.stderr.readline().decode() for _ in range(3)]
        writer.stdin.write(b"go on\n")
        writer.stdin.flush()
        out, err = watching.communicate(timeout=60)
        self.assertEqual(watching.returncode, code, err + out)
        return out.decode(), "".join(lines + [err.decode()]).splitlines()

    def verdict(self, out):
        return json.loads(out)["repos"][0]["verdict"]

    def test_a_download_to_its_end(self):
        self.begin()
        out, lines = self.lead(self.write_as(led="half"), "acme/big", "--format", "json")
        report = json.loads(out)
        self.assertEqual((report["command"], self.verdict(out), report["exit_code"]), ("watch", "complete", 0))
        self.assertGreaterEqual(len(lines), 3, lines)
        shares = [float(LINE.fullmatch(line)[1]) for line in lines]
        self.assertEqual(shares, sorted(shares))
        self.assertTrue(any(0 < share < 100 for share in shares), shares)
        self.assertEqual(shares[-1], 100.0)
        self.assertTrue(all(share < 100 or "20.00 MB / 20.00 MB" in line for share, line in zip(shares, lines)))

    def test_without_a_listing_there_is_no_share(self):
        self.begin(tree=False)
        _, lines = self.lead(self.write_as(steps=10, led="half"), "acme/big")
        self.assertGreaterEqual(len(lines), 3)
        for line in lines:
            self.assertRegex(line, BARE)

    def test_a_download_that_dies(self):
        self.begin()
        out, lines = self.lead(self.write_as(until=10, led="end"), "acme/big", "--format", "json", code=1)
        self.assertEqual(self.verdict(out), "incomplete")
        self.assertRegex(lines[-1], r"50\.0%  10\.00 MB / 20\.00 MB")

    def test_what_no_process_of_ours_does_shows_by_its_growth(self):
        self.begin()
        self.write_as("steps", steps=16, pause=0.15)
        out, _ = self.watch("--format", "json", grace="1")
        self.assertEqual(self.verdict(out), "complete")
        self.assertGreater(self.took, 2.5)

    def test_a_hole_is_not_there(self):
        self.begin()
        _, lines = self.lead(self.write_as("hole", until=5, led="end"), "acme/big", code=1)
        shares = [float(LINE.fullmatch(line)[1]) for line in lines]
        self.assertLess(max(shares), 40, lines)

    def test_a_pause_between_two_files(self):
        self.begin()
        self.write_as(until=0).wait()
        watching = subprocess.Popen([HFAUDIT, "watch", "acme/big", "--grace", "15", "--format", "json"],
                                    env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        time.sleep(0.7)
        self.write_as(steps=5)
        out = watching.communicate(timeout=100)[0]
        self.assertEqual((watching.returncode, self.verdict(out)), (0, "complete"))

    def test_nobody_at_work(self):
        self.add_repo("models--acme--big")
        _, lines = self.watch(grace="1.5")
        self.assertEqual(lines, [])
        self.assertGreater(self.took, 1)  # without a listing, what changed just now may go on
        for folder, _, _ in os.walk(self.repo):
            os.utime(folder, (1767225600, 1767225600))
        self.watch(grace="60")
        self.assertLess(self.took, 5)

    def test_nobody_at_work_and_all_is_there(self):
        self.begin()
        self.write_as(steps=1, pause=0).wait()
        out, lines = self.watch(grace="60")
        self.assertEqual(lines, [])
        self.assertLess(self.took, 5)
        self.assertIn("acme/big", self.watch("-v", grace="60")[0])
        self.assertEqual(self.watch("-q", grace="60")[0], "")

    def test_waits_for_a_repo_that_is_not_there_yet(self):
        watching = subprocess.Popen([HFAUDIT, "watch", "acme/big", "--wait", "60", "--grace", "15", "--format", "json"],
                                    env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        time.sleep(0.4)
        self.begin()
        self.write_as(steps=10)
        out = watching.communicate(timeout=100)[0]
        self.assertEqual((watching.returncode, self.verdict(out)), (0, "complete"))

    def test_a_repo_that_never_comes(self):
        self.assert_usage("watch", "acme/big", "--wait", "0.3", says="acme/big: not in the cache")
        self.assert_usage("watch", "acme/big", "--cache-dir", self.scratch + "/none", says="nothing was downloaded yet")

    def test_waits_for_nobody_beside_a_finished_repo(self):
        self.begin()
        self.write_as(steps=1, pause=0).wait()
        self.watch("--wait", "1.5")
        self.assertGreater(self.took, 1.4)

    def test_interrupted(self):
        self.begin()
        self.write_as(led="half")
        for sent in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(sent):
                watching = self.start("acme/big", "--format", "json")
                self.assertRegex(watching.stderr.readline().decode(), LINE)
                watching.send_signal(sent)
                out, err = watching.communicate(timeout=100)
                self.assertEqual(watching.returncode, 128 + sent, err)
                for line in err.decode().splitlines():
                    self.assertRegex(line, LINE)
                self.assertEqual((self.verdict(out), json.loads(out)["exit_code"]), ("in-progress", 128 + sent))

    def test_events_for_programs(self):
        self.begin()
        writer = self.write_as(steps=10, led="half")
        watching = self.start("acme/big", "--format", "ndjson")
        begun = [watching.stdout.readline() for _ in range(2)]  # the first progress comes with it, after a second
        writer.stdin.write(b"go on\n")
        writer.stdin.flush()
        out, err = watching.communicate(timeout=60)
        events = [json.loads(line) for line in [*begun, *out.splitlines()]]
        self.assertEqual((watching.returncode, err), (0, b""))
        self.assertEqual([events[0]["type"], events[0]["command"], events[-1]["type"]], ["start", "watch", "end"])
        progress = [event for event in events if event["type"] == "progress"]
        self.assertGreaterEqual(len(progress), 1)
        self.assertEqual(set(progress[0]), {"type", "repo", "repo_id", "repo_type", "files", "files_total", "bytes",
                                            "bytes_total", "seconds"})
        self.assertEqual((progress[0]["repo_id"], progress[0]["files_total"], progress[0]["bytes_total"]),
                         ("acme/big", 1, SIZE))

    def test_on_a_terminal_one_line(self):
        self.begin()
        writer = self.write_as(led="half")
        master, slave = open_terminal(self)
        watching = subprocess.Popen([HFAUDIT, "watch", "acme/big", "--grace", "0.5"], stderr=slave,
                                    stdout=subprocess.DEVNULL, env=self.environment(TERM="xterm"))
        os.close(slave)
        shown = os.read(master, 100_000).decode()
        writer.stdin.write(b"go on\n")
        writer.stdin.flush()
        watching.wait(timeout=60)
        shown += os.read(master, 100_000).decode()
        os.close(master)
        self.assertRegex(shown, r"\r  \[acme/big\] \d+\.\d%  \d+\.\d\d MB / 20\.00 MB  \S+ MB/s\x1b\[K")
        self.assertNotIn("\n", shown)
        self.assertTrue(shown.endswith("\r\x1b[K"))

    def test_a_local_dir(self):
        folder = os.path.join(self.scratch, "local")
        partial = os.path.join(folder, ".cache/huggingface/download", f"table.dat.{BLOB}.incomplete")
        self.write(partial, b"")
        script = "import sys,time\nf=open(sys.argv[1],'ab')\nprint('ready',flush=True)\n" \
                 "for i in range(15): time.sleep(.08); f.write(b'x'*100000); f.flush()\nsys.stdin.readline()"
        writer = subprocess.Popen([sys.executable, "-S", "-c", script, partial], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        self.addCleanup(self.end, writer)
        self.assertEqual(writer.stdout.readline(), b"ready\n")
        out, lines = self.lead(writer, "acme/big", "--local-dir", folder, "--format", "json", code=1)
        self.assertGreaterEqual(len(lines), 3)
        for line in lines:
            self.assertRegex(line, BARE)
        self.assertEqual(self.verdict(out), "incomplete")

    def test_usage(self):
        self.assert_usage("watch", says="no repo given: hfaudit watch org/name")
        self.assert_usage("watch", "a/b", "c/d", says="name one REPO")
        for option in ("--interval", "--grace", "--wait"):
            self.assert_usage("watch", "a/b", option, "soon", says='invalid value "soon" for ' + option)
        self.assert_usage("watch", "a/b", "--interval", "0", says="at least")
        self.assert_usage("watch", "a/b", "--grace", "-1", says="--grace")


if __name__ == "__main__":
    unittest.main()
