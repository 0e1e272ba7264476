"""On a terminal: colours, the width, and what a signal does."""

import fcntl
import json
import os
import re
import signal
import struct
import subprocess
import termios
import threading
import unittest

from cli_case import COMMIT, HFAUDIT, CliCase
from system import open_terminal  # cli_case knows where that is

SGR = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(CliCase):
    def setUp(self):
        super().setUp()
        self.add_repo()
        self.add_broken("models--acme--" + "long" * 24, "weights-" + "long" * 20 + ".safetensors")

    def on_terminal(self, *args, columns=80, code=1, **env):
        """What a terminal of so many columns is shown."""
        ours, theirs = open_terminal(self)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        shown = []

        def read():
            try:
                while piece := os.read(ours, 65536):
                    shown.append(piece)
            except OSError:
                pass  # the other side is closed

        reader = threading.Thread(target=read)
        reader.start()
        done = self.run_hfaudit("scan", *args, stdout=theirs, env={"TERM": "xterm", **env})
        os.close(theirs)
        reader.join(timeout=30)
        os.close(ours)
        self.assertEqual((done.returncode, done.stderr), (code, b""))
        return b"".join(shown).decode().replace("\r\n", "\n")

    def test_colours_on_a_terminal_and_none_in_a_log(self):
        self.assertRegex(self.on_terminal(), SGR)
        self.assertNotIn("\x1b", self.text(code=1))

    def test_who_does_not_want_colours(self):
        self.assertNotIn("\x1b", self.on_terminal(NO_COLOR="1"))
        self.assertNotIn("\x1b", self.on_terminal(TERM="dumb"))
        self.assertNotIn("\x1b", self.on_terminal("--color", "never"))
        self.assertRegex(self.on_terminal(NO_COLOR=""), SGR)

    def test_who_wants_them_anyhow(self):
        self.assertRegex(self.text("--color", "always", code=1, env={"NO_COLOR": "1"}), SGR)
        self.assertRegex(self.on_terminal("--color", "always", NO_COLOR="1"), SGR)

    def test_who_forces_them(self):
        for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
            self.assertRegex(self.text(code=1, env={name: "1"}), SGR)
            self.assertRegex(self.on_terminal(TERM="dumb", **{name: "3"}), SGR)
            for env in ({name: "0"}, {name: ""}, {name: "false"}, {name: "1", "NO_COLOR": "1"}):
                self.assertNotIn("\x1b", self.text(code=1, env=env))
            self.assertNotIn("\x1b", self.text("--color", "never", code=1, env={name: "1"}))
        self.assertNotIn("\x1b", self.on_terminal(CLICOLOR="0"))
        self.assertRegex(self.on_terminal(CLICOLOR="1"), SGR)

    def test_help_fits_the_terminal(self):
        whole = self.run_hfaudit("scan", "--help").stdout.decode()
        for columns in (40, 60, 80, 200):
            text = self.on_terminal("--help", columns=columns, code=0)
            self.assertEqual([word for word in text.split() if word != "\\"], whole.split())
            for line in text.splitlines():
                if len(line.split()) > 2:
                    self.assertLessEqual(len(line), min(columns, 110), line)
        for title in ("Selection:", "Report:", "General:"):
            self.assertIn("\n" + title + "\n", whole)

    def test_json_has_no_colours(self):
        text = self.on_terminal("--format", "json", "--color", "always")
        self.assertEqual(json.loads(text)["verdict"], "damaged")

    def test_lines_fit_the_width_but_for_commands(self):
        for columns in (64, 80, 120):
            for line in SGR.sub("", self.on_terminal(columns=columns)).splitlines():
                if "run: " not in line:
                    self.assertLessEqual(len(line), columns, line)

    def test_the_number_of_a_shard_is_kept(self):
        name = "models--acme--sharded"
        repo = self.add_repo(name, {f"model-0000{i}-of-00003.safetensors": b"%d" % i for i in (1, 2, 3)})
        for shard in (2, 3):
            entry = os.path.join(os.fsdecode(repo), "snapshots", COMMIT, f"model-0000{shard}-of-00003.safetensors")
            os.unlink(os.path.join(os.path.dirname(entry), os.readlink(entry)))
        for columns, shown in ((200, "missing model-00002-of-00003.safetensors and 1 more"), (70, "…00002-of-00003… and 1 more"),
                               (54, "  missing …00002-of-00003…\n"), (48, "  …00002-of-00003…\n")):
            text = SGR.sub("", self.on_terminal("acme/sharded", columns=columns)).replace("\r", "")
            self.assertIn(shown, text)

    def test_a_log_has_every_name_whole(self):
        text = self.text(code=1)
        self.assertIn("long" * 24, text)
        self.assertNotIn("…", text)

    def test_a_terminal_that_does_not_know_its_width_cuts_nothing(self):
        self.assertNotIn("…", self.on_terminal(columns=0))


class Signals(CliCase):
    def setUp(self):
        super().setUp()
        for number in range(150):  # many entries for few files
            self.add_repo(f"models--acme--r{number}", {f"file{i}.txt": b"the same" for i in range(20)})

    def interrupted(self, which):
        """The exit code and the report of a scan that got a signal as soon as it minded."""
        command = [HFAUDIT, "scan", "--format", "json", "--jobs", "1"]
        with subprocess.Popen(command, env=self.environment(), stdout=subprocess.PIPE) as process:
            self.signal_once_handled(process, which)
            out = process.communicate(timeout=60)[0]
        return process.returncode, out

    def check(self, which):
        codes = []
        for _ in range(100):  # a fast machine may be done before it is told
            code, out = self.interrupted(which)
            self.assertIn(code, (128 + which, 0))
            codes.append(code)
            if code == 128 + which:
                report = json.loads(out)
                self.assertEqual((report["exit_code"], report["verdict"]), (code, "unknown"))
                return
        self.fail(f"never caught it at work: {codes}")

    def test_an_interrupt_ends_with_130_and_a_termination_with_143_and_what_was_found(self):
        self.check(signal.SIGINT)
        self.check(signal.SIGTERM)


if __name__ == "__main__":
    unittest.main()
