"""A terminal is told within a second what a command waits for, and nothing of that is left on it."""

import os
import pty
import select
import signal
import socket
import subprocess
import time
import unittest

from cli_case import HFAUDIT, CliCase


class StatusLine(CliCase):
    def setUp(self):
        super().setUp()
        self.add_repo("models--acme--fine")
        self.lock = os.path.join(self.scratch, "models.lock")
        self.assertEqual(self.run_hfaudit("lock", "acme/fine", "--output", self.lock).returncode, 0)
        self.mute = socket.create_server(("127.0.0.1", 0))  # takes connections, and never answers
        self.addCleanup(self.mute.close)

    def seen(self, *words, until, seconds=30, **variables):
        """What a terminal gets until `until` is there or the time is over, then after an interrupt."""
        terminal, other = pty.openpty()
        env = self.environment(HF_ENDPOINT=f"http://127.0.0.1:{self.mute.getsockname()[1]}", **{"TERM": "xterm", **variables})
        process = subprocess.Popen([HFAUDIT, *words], env=env, cwd=self.scratch, stdin=subprocess.DEVNULL, stdout=other, stderr=other)
        self.addCleanup(lambda: process.poll() is None and (process.kill(), process.wait()))
        os.close(other)
        self.addCleanup(os.close, terminal)
        text, ends = b"", time.monotonic() + seconds
        while time.monotonic() < ends and until not in text:
            if select.select([terminal], [], [], 0.1)[0]:
                text += os.read(terminal, 1 << 16)
        process.send_signal(signal.SIGINT)
        before = text
        try:
            while more := os.read(terminal, 1 << 16):
                text += more
        except OSError:  # its other end is closed
            pass
        self.assertEqual(process.wait(30), 130)
        return before, text[len(before):]

    def test_each_command_that_asks_the_hub(self):
        for words in (["pull", "acme/fine"], ["pull", "acme/fine", "--dry-run"], ["scan", "--online"], ["verify", "--online"],
                      ["preflight", "acme/fine", "--online"], ["lock", "--update", "--output", self.lock]):
            with self.subTest(words=words):
                before, after = self.seen(*words, until=b"asking the Hub, 1 s")
                self.assertIn(b"asking the Hub, 1 s", before)
                self.assertTrue(b"\r\x1b[K" in after, after)  # wiped

    def test_a_watch(self):
        before, _ = self.seen("watch", "acme/absent", "--wait", "1m", until=b"waiting for a download to begin, 1 s")
        self.assertIn(b"waiting for a download to begin, 1 s", before)

    def test_a_scan_of_several_repos_counts_them(self):
        self.add_repo("models--acme--other")
        before, _ = self.seen("scan", "--online", until=b" repos, 1 s")
        self.assertRegex(before, rb"asking the Hub, [01] of 2 repos, 1 s")

    def test_nothing_where_it_is_not_wanted(self):
        for words, variables in ((["scan", "--online", "--quiet"], {}), (["scan", "--online"], {"TERM": "dumb"})):
            with self.subTest(words=words):
                self.assertEqual(self.seen(*words, until=b"asking", seconds=2, **variables)[0], b"")

    def test_a_plan_without_an_answer_is_not_of_present_files(self):
        _, after = self.seen("pull", "acme/fine", "--dry-run", "--color", "never", until=b"asking the Hub, 1 s")
        self.assertIn(b"unknown  acme/fine", after)
        self.assertNotIn(b"present", after)


if __name__ == "__main__":
    unittest.main()
