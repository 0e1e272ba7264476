"""What the tests of the command line share: small caches made by hand, and the program run on them."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import schemas  # noqa: E402

schemas.install()

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # run in the background of a script: hfaudit would heed that
    signal.signal(signal.SIGINT, signal.default_int_handler)

HFAUDIT = os.environ.get("HFAUDIT", "")
SANITIZED = os.path.basename(os.environ.get("HFAUDIT_BUILD", "")) in ("asan", "tsan")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def each(items, step=3):
    """All of them; under sanitizers, where a run takes six times as long, the first of every `step`. tests/README.md lists where."""
    items = list(items)
    return items[::step] if SANITIZED else items


class CliCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        if not os.path.exists(HFAUDIT):
            self.skipTest("HFAUDIT names no program")
        self.scratch = tempfile.mkdtemp(prefix="hfaudit-cli-")
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)
        os.chmod(self.scratch, 0o755)
        self.home = os.path.join(self.scratch, "hf")
        os.makedirs(os.path.join(self.home, "hub"))

    def environment(self, **more):
        """Nothing of the caller's but what a sanitizer passes over; None takes a variable away."""
        given = {"PATH": "/usr/bin:/bin", "HOME": self.scratch, "HF_HOME": self.home, "LC_ALL": "C.UTF-8",
                 "LSAN_OPTIONS": os.environ.get("LSAN_OPTIONS"), **more}
        return {name: value for name, value in given.items() if value is not None}

    def run_hfaudit(self, *args, env=None, **options):
        options.setdefault("stdout", subprocess.PIPE)
        return subprocess.run([HFAUDIT, *args], env=self.environment(**(env or {})), cwd=self.scratch,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=180, check=False, **options)

    def text(self, *args, code=0, **options):
        done = self.run_hfaudit("scan", *args, **options)
        self.assertEqual((done.returncode, done.stderr), (code, b""), done.stdout)
        return done.stdout.decode()

    def report(self, *args, code=0, **options):
        return json.loads(self.text("--format", "json", *args, code=code, **options))

    def assert_usage(self, *args, says, **options):
        """Exit code 2, one line on standard error, nothing on standard output."""
        done = self.run_hfaudit(*args, **options)
        message = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (2, b""), message)
        self.assertRegex(message, r"\Ahfaudit: [^\n]+\n\Z")
        self.assertIn(says, message)

    def wait_until(self, happened, process=None, seconds=90):
        """Until `happened()`, however slow the machine; `process` still runs by then."""
        until = time.monotonic() + seconds
        while not happened():
            self.assertLess(time.monotonic(), until, "it never happens")
            if process:
                self.assertIsNone(process.poll(), "it has ended early")
            time.sleep(0.002)

    def signal_once_handled(self, process, number):
        """Sends a signal once the process handles it; before, it would just end by it."""
        def handled():
            with open(f"/proc/{process.pid}/status", encoding="ascii", errors="replace") as file:
                caught = next((line.split()[1] for line in file if line.startswith("SigCgt:")), "0")
            return int(caught, 16) >> (number - 1) & 1

        self.wait_until(handled, process)
        process.send_signal(number)

    def wait_reading(self, process, *paths):
        """Until the process has one of these files open for longer than a look at its head takes."""
        wanted = [os.stat(path) for path in paths]

        def opened():
            folder = f"/proc/{process.pid}/fd"
            found = set()
            for number in os.listdir(folder):
                try:
                    status = os.stat(os.path.join(folder, number))
                except OSError:
                    continue  # closed meanwhile
                if any(os.path.samestat(status, one) for one in wanted):
                    found.add((number, status.st_ino))
            return found

        def reads():
            before = opened()
            if before:
                time.sleep(0.1)
            return before & opened()

        self.wait_until(reads, process)

    def add_repo(self, folder="models--acme--fine", files=None, ref="main", hub=None, commit=COMMIT):
        """A repo as huggingface_hub leaves it: blobs by their hash, links to them, a ref."""
        repo = os.path.join(os.fsencode(hub or os.path.join(self.home, "hub")), os.fsencode(folder))
        for name, content in (files or {"README.md": b"# Fine", "weights.dat": b"a\nb\n"}).items():
            blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest().encode()
            self.write(os.path.join(repo, b"blobs", blob), content)
            entry = os.path.join(repo, b"snapshots", commit.encode(), os.fsencode(name))
            os.makedirs(os.path.dirname(entry), exist_ok=True)
            os.symlink(os.path.relpath(os.path.join(repo, b"blobs", blob), os.path.dirname(entry)), entry)
        if ref:
            self.write(os.path.join(repo, b"refs", os.fsencode(ref)), commit.encode())
        return repo

    def add_broken(self, folder="models--acme--broken", name="vocab.txt"):
        """A repo with an entry whose blob is gone."""
        repo = self.add_repo(folder, {"README.md": b"# Broken", name: b"gone"})
        entry = os.path.join(repo, b"snapshots", COMMIT.encode(), os.fsencode(name))
        os.unlink(os.path.join(os.path.dirname(entry), os.readlink(entry)))
        return repo

    @staticmethod
    def write(path, content):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
