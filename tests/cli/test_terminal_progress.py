"""Progress for the terminal itself (OSC 9;4): only where it is known to show it, and gone at the end however that comes."""

import os
import re
import select
import signal
import subprocess
import time
import unittest

from cli_case import HFAUDIT, CliCase
from system import open_terminal  # cli_case knows where that is

OSC = re.compile(r"\x1b\]9;4;(\d)(?:;(\d+))?\x1b\\")
SIZE = 6_000_000


class TerminalProgress(CliCase):
    def setUp(self):
        super().setUp()
        self.add_repo(files={"weights.dat": bytes(SIZE)})

    def start(self, env, *args):
        """A verify of about three seconds."""
        master, slave = open_terminal(self)
        words = [HFAUDIT, "verify", "--max-rate", str(SIZE // 3), *args]
        process = subprocess.Popen(words, env=self.environment(**{"TERM": "xterm", **env}), cwd=self.scratch,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=slave)
        self.addCleanup(process.kill)
        os.close(slave)
        return process, master

    def read(self, master, until=None, seconds=60):
        """What comes until the other side is closed, or has shown `until`."""
        shown, end = "", time.monotonic() + seconds
        while time.monotonic() < end and not (until and until in shown):
            if not select.select([master], [], [], 0.1)[0]:
                continue
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            shown += piece.decode(errors="replace")
        return shown

    def shown(self, env, *args):
        process, master = self.start(env, *args)
        text = self.read(master)
        os.close(master)
        self.assertEqual(process.wait(timeout=60), 0)
        return text

    def test_who_is_shown_it(self):
        for env, expected in [
                ({"WT_SESSION": "1"}, True), ({"ConEmuANSI": "ON"}, True), ({"ConEmuANSI": "OFF"}, False),
                ({"TERM_PROGRAM": "ghostty", "TERM_PROGRAM_VERSION": "1.2.0"}, True),
                ({"TERM_PROGRAM": "ghostty", "TERM_PROGRAM_VERSION": "1.1.3"}, False), ({"TERM_PROGRAM": "ghostty"}, False),
                ({"TERM_PROGRAM": "WezTerm", "TERM_PROGRAM_VERSION": "20240203-110809-5046fc22"}, False),
                ({"TERM_PROGRAM": "WezTerm", "TERM_PROGRAM_VERSION": "20250501-000000-aaaaaaaa"}, True),
                ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.6.6"}, True),
                ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.5.14"}, False),
                ({"VTE_VERSION": "8000"}, True), ({"VTE_VERSION": "7600"}, False),
                ({"WT_SESSION": "1", "TMUX": "/tmp/x"}, False), ({"WT_SESSION": "1", "TERM": "screen-256color"}, False),
                ({"WT_SESSION": "1", "TERM": "dumb"}, False), ({"TERM": "xterm-kitty"}, False), ({}, False)]:
            with self.subTest(env=env):
                process, master = self.start(env)
                text = self.read(master, until="\x1b[K" if env.get("TERM") != "dumb" else None, seconds=8)
                text += self.read(master, seconds=0.5)
                process.kill()
                process.wait()
                os.close(master)
                self.assertEqual(bool(OSC.search(text)), expected, text)

    def test_it_grows_and_is_gone_at_the_end(self):
        found = OSC.findall(self.shown({"WT_SESSION": "1"}))
        self.assertEqual(found[-1], ("0", ""))
        steps = [int(percent) for state, percent in found[:-1] if state == "1"]
        self.assertGreaterEqual(len(steps), 3)
        self.assertEqual(steps, sorted(set(steps)))
        self.assertLessEqual(steps[-1], 100)

    def test_not_with_quiet_and_not_in_a_log(self):
        self.assertNotIn("\x1b", self.shown({"WT_SESSION": "1"}, "--quiet"))
        done = self.run_hfaudit("verify", "--max-rate", str(SIZE), env={"WT_SESSION": "1", "TERM": "xterm"})
        self.assertNotIn(b"\x1b", done.stderr)

    def test_a_signal_clears_it(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                process, master = self.start({"WT_SESSION": "1"})
                shown = self.read(master, until="\x1b]9;4;1;")
                self.signal_once_handled(process, number)
                shown += self.read(master)
                os.close(master)
                self.assertEqual(process.wait(timeout=60), 128 + number)
                self.assertEqual(OSC.findall(shown)[-1], ("0", ""))


if __name__ == "__main__":
    unittest.main()
