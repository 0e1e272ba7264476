"""Limits and signals: too little memory, descriptors, threads or file size, full pipes, hung mounts, no working directory.
The program ends with exit code 3 and a report, or with the signal that it was sent; it never aborts and never hangs.
"""

import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import time
import unittest

from pull_case import SANITIZED, PullCase
from cli_case import HFAUDIT
from hub import Content, Repo, make_model, status, throttle
from system import as_user, run_for_peak, run_or_skip

SMALL = make_model("acme/small", shards=1, shard_size=20_000)
COMMANDS = (["scan"], ["scan", "acme/small"], ["verify"], ["preflight", "acme/small"], ["preflight", "--check", "full", "acme/small"],
            ["repair", "--max-attempts", "1", "--waits", "0.01"], ["pull", "--max-attempts", "1", "--waits", "0.01", "acme/small"])


def limited(which, value):
    return lambda: resource.setrlimit(which, (value, value))


class Limits(PullCase):
    def setUp(self):
        super().setUp()
        self.served = self.hub(SMALL)
        self.pull(self.served, "acme/small")

    def ends_well(self, command, limit, prefix=()):
        """Exit code 0 or 3, with a report of just that."""
        done = subprocess.run([*prefix, HFAUDIT, *command, "--format", "json"], env=self.settings(self.served), cwd=self.scratch,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=100, check=False, preexec_fn=limit)
        self.assertIn(done.returncode, (0, 3), (command, done.stdout[-300:], done.stderr[-500:]))
        self.assertEqual(json.loads(done.stdout)["exit_code"], done.returncode, command)
        return done.returncode

    @unittest.skipIf(SANITIZED and "asan" in os.environ.get("HFAUDIT_BUILD", ""), "a sanitizer needs more memory")
    @unittest.skipIf("tsan" in os.environ.get("HFAUDIT_BUILD", ""), "a sanitizer needs more memory")
    def test_memory(self):
        seen = set()
        for megabytes in (24, 36, 48, 60, 75, 90, 120, 400):
            for command in COMMANDS:
                with self.subTest(megabytes, command=command):
                    seen.add(self.ends_well(command, limited(resource.RLIMIT_AS, megabytes << 20)))
        self.assertEqual(seen, {0, 3})

    @unittest.skipIf(SANITIZED, "a sanitizer needs descriptors, threads and /proc of its own")
    def test_descriptors(self):
        for count in (6, 8, 12, 20):
            for command in COMMANDS[:5]:
                with self.subTest(count, command=command):
                    self.ends_well(command, limited(resource.RLIMIT_NOFILE, count))

    @unittest.skipIf(SANITIZED, "a sanitizer needs descriptors, threads and /proc of its own")
    def test_threads(self):
        prefix = as_user(self, 54_398)
        for folder in (self.scratch, self.home):
            os.chmod(folder, 0o755)
        for count in (1, 2, 3):
            for command in COMMANDS[:5]:
                with self.subTest(count, command=command):
                    self.ends_well(command, limited(resource.RLIMIT_NPROC, count), prefix)

    def test_file_size(self):
        """No SIGXFSZ: a write that fails is an error, whatever was to be written."""
        for command in (["scan"], ["verify"], ["scan", "--output", "report.json", "--format", "json"]):
            with self.subTest(command), open(os.path.join(self.scratch, "out"), "wb") as out:
                done = subprocess.run([HFAUDIT, *command], env=self.environment(), cwd=self.scratch, stdout=out,
                                      stderr=subprocess.PIPE, timeout=60, check=False,
                                      preexec_fn=limited(resource.RLIMIT_FSIZE, 0))
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn(b"File too large", done.stderr)
        done = self.run_hfaudit("preflight", "acme/small", "--", "grep", "SigIgn", "/proc/self/status")
        self.assertEqual(int(done.stdout.split()[1], 16) >> (signal.SIGXFSZ - 1) & 1, 0)

    def test_download_over_the_file_size(self):
        home = self.home = os.path.join(self.scratch, "other")
        os.makedirs(os.path.join(home, "hub"))
        self.assertEqual(self.ends_well(COMMANDS[-1], limited(resource.RLIMIT_FSIZE, 10_000)), 3)
        self.pull(self.served, "acme/small")

    def test_descriptors_reach_the_command_as_they_were(self):
        script = "import os,sys;open(sys.argv[1],'w').write(str([n for n in (0,1,2) if os.path.exists(f'/proc/self/fd/{n}')]))"
        for closed in ((), (0,), (1,), (2,), (0, 1), (0, 1, 2)):
            with self.subTest(closed):
                out = os.path.join(self.scratch, "descriptors")
                redirections = " ".join(f"{number}{'<' if number == 0 else '>'}&-" for number in closed)
                command = f'exec "$@" {redirections}'
                subprocess.run(["sh", "-c", command, "sh", HFAUDIT, "preflight", "acme/small", "--", sys.executable, "-S", "-c",
                                script, out], env=self.environment(), cwd=self.scratch, stdin=subprocess.DEVNULL,
                               capture_output=True, timeout=60, check=True)
                with open(out, encoding="ascii") as file:
                    # Python itself opens none; its own file gets the lowest number that is free
                    self.assertEqual(len(json.loads(file.read())), max(3 - len(closed) + (1 if closed else 0), 1))

    def test_no_working_directory(self):
        for command in (["scan", "--hf-home", "rel"], ["scan", "--cache-dir", "rel"], ["scan", "--local-dir", "rel"],
                        ["pull", "acme/small", "--hf-home", "rel"], ["pull", "acme/small", "--local-dir", "rel"],
                        ["repair", "--hf-home", "rel"], ["preflight", "acme/small", "--cache-dir", "rel"]):
            with self.subTest(command):
                gone = os.path.join(self.scratch, "gone")
                os.makedirs(gone)
                done = subprocess.run(["sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", HFAUDIT, *command],
                                      env=self.settings(self.served), cwd=gone, stdin=subprocess.DEVNULL, capture_output=True,
                                      timeout=60, check=False)
                self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)
                self.assertIn(b"working directory", done.stderr)
                self.assertFalse(os.path.exists("/rel"))
        os.makedirs(gone)
        done = subprocess.run(["sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", HFAUDIT, "scan"], env=self.environment(), cwd=gone,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)  # an absolute path needs none

    @unittest.skipIf(SANITIZED, "a sanitizer needs descriptors, threads and /proc of its own")
    def test_without_proc(self):
        """Nothing says which processes there are; all else is as ever."""
        script = 'mount -t tmpfs none /proc && exec "$@"'
        run_or_skip(self, "unshare", "--mount", "--pid", "--fork", "sh", "-c", "mount -t tmpfs none /proc")
        for command in COMMANDS:
            with self.subTest(command):
                self.ends_well(command, None, ("unshare", "--mount", "--fork", "sh", "-c", script, "sh"))


@unittest.skipIf("asan" in os.environ.get("HFAUDIT_BUILD", "") or "tsan" in os.environ.get("HFAUDIT_BUILD", ""),
                 "a sanitizer needs more memory")
class Memory(PullCase):
    """Of a listing that a repo's owner made as long as it can be: some 260 bytes a file."""

    FILES = 150_000

    def peak(self, *words):
        """Bytes."""
        peak, code = run_for_peak([HFAUDIT, *words], self.environment(), os.path.join(self.scratch, "out"))
        self.assertEqual(code, 1)
        return peak * 1024

    def test_a_listing_of_many_files(self):
        commit = "0123456789abcdef0123456789abcdef01234567"
        repo = os.path.join(self.home, "hub", "models--acme--many")
        os.makedirs(os.path.join(repo, "snapshots", commit))
        self.write(os.path.join(repo, "refs", "main"), commit.encode())
        entries = ",".join(f'"f{i:06}.bin":{{"size":10,"blob_id":"{i:040x}"}}' for i in range(self.FILES))
        self.write(os.path.join(repo, "trees", commit + ".json"),
                   ('{"format_version":1,"files":{' + entries + "}}").encode())
        self.assertLess(self.peak("scan"), 80 << 20)  # 110 MiB when each of its texts was kept twice


class Waits(PullCase):
    """What others can hold up, and for how long."""

    def full_pipe(self):
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETFL, os.O_NONBLOCK)
        try:
            while True:
                os.write(writer, b"x" * 4096)
        except BlockingIOError:
            pass
        fcntl.fcntl(writer, fcntl.F_SETFL, 0)
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        return writer

    def test_progress_never_blocks_the_work(self):
        hub = self.hub(SMALL, faults=[status(503, on="api", times=2)])  # each wait is a line
        done = subprocess.run(self.command("acme/small"), env=self.settings(hub), cwd=self.scratch, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=self.full_pipe(), timeout=60, check=False)
        self.assertEqual((done.returncode, json.loads(done.stdout)["exit_code"]), (0, 0))

    def test_the_second_signal_ends_it(self):
        big = Repo("acme/big").commit({"model.bin": Content.generate("big", 3_000_000)})
        for first, second in ((signal.SIGINT, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT), (signal.SIGINT, signal.SIGINT)):
            with self.subTest(first=first, second=second):
                hub = self.hub(big, faults=[throttle(100_000)])
                process = subprocess.Popen(self.command("acme/big", "--hf-home", os.path.join(self.scratch, str(int(first + second)))),
                                           env=self.settings(hub), cwd=self.scratch, stdin=subprocess.DEVNULL,
                                           stdout=self.full_pipe(), stderr=self.full_pipe())
                self.addCleanup(lambda process=process: process.poll() is None and (process.kill(), process.wait()))
                self.signal_once_handled(process, first)
                time.sleep(0.5)  # its report is for a pipe that takes nothing
                self.assertIsNone(process.poll())
                process.send_signal(second)
                self.assertEqual(process.wait(20), -second)

    def test_a_hung_mount(self):
        """A FUSE file system that never answers: the kernel itself waits for it."""
        mount = os.path.join(self.scratch, "hung")
        os.makedirs(mount)
        try:
            device = os.open("/dev/fuse", os.O_RDWR)
        except OSError as error:
            self.skipTest(str(error))
        self.addCleanup(subprocess.run, ["umount", "-l", mount], capture_output=True)
        self.addCleanup(os.close, device)
        mounted = subprocess.run([sys.executable, "-c", (
            "import ctypes,sys;libc=ctypes.CDLL(None,use_errno=True);"
            "sys.exit(libc.mount(b'hung',sys.argv[1].encode(),b'fuse',0,sys.argv[2].encode()) and 1)"),
            mount, f"fd={device},rootmode=40000,user_id=0,group_id=0"], pass_fds=(device,), check=False)
        if mounted.returncode:
            self.skipTest("mounts are not permitted")
        for command in (["scan", "acme/x"], ["scan"], ["verify"], ["pull", "acme/x"], ["preflight", "acme/x"]):
            with self.subTest(command):
                process = subprocess.Popen([HFAUDIT, *command, "--hf-home", mount],
                                           env=self.environment(HF_ENDPOINT="http://127.0.0.1:9"), cwd=self.scratch,
                                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                time.sleep(0.7)  # it waits for the mount; a scan of one repo handles no signal
                process.send_signal(signal.SIGINT)
                time.sleep(0.3)
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=20)
                self.assertIn(process.returncode, (-signal.SIGTERM, -signal.SIGINT))

    def test_a_server_that_asks_for_a_day(self):
        """Said, and bounded: by a minute at least, so the run is interrupted here."""
        hub = self.hub(SMALL, faults=[status(429, headers={"Retry-After": "86400"}, on="api")])
        process = self.start(hub, "acme/small")
        process.files[1].seek(0)

        def said():
            process.files[1].seek(0)
            return b"waits" in process.files[1].read()

        self.wait_until(said, process)
        process.files[1].seek(0)
        text = process.files[1].read()
        self.assertIn(b"asks for 86400 s", text)
        self.assertRegex(text, rb"retrying in (60|59) s")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 143)

    def test_a_strangers_lock(self):
        """Whoever may read a lock or a partial can hold it for ever; it is respected for --timeout seconds."""
        etags = [file.etag for file in SMALL.head.files.values()]
        locks = os.path.join(self.home, "hub", ".locks", SMALL.folder)
        blobs = os.path.join(self.home, "hub", SMALL.folder, "blobs")
        os.makedirs(locks)
        os.makedirs(blobs)
        held = []
        for path in [os.path.join(locks, etag + ".lock") for etag in etags] + [
                os.path.join(blobs, etag + ".hfaudit.incomplete") for etag in etags]:
            self.write(path, b"")
            held.append(open(path, "rb"))
            self.addCleanup(held[-1].close)
            fcntl.flock(held[-1], fcntl.LOCK_EX)
        began = time.monotonic()
        self.pull(self.hub(SMALL), "acme/small", "--timeout", "2", agrees=False)
        self.assertGreater(time.monotonic() - began, 1.9)
        for name in SMALL.head.files:
            self.assert_content(os.path.join(self.folder(SMALL), "snapshots", SMALL.head.oid, name), SMALL.head.files[name])


if __name__ == "__main__":
    unittest.main()
