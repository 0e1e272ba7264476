"""repair --elevate: what it passes to sudo, when it asks for it, and that a sudo which does nothing is never called a repair.
Needs root.
"""

import json
import os
import shutil
import subprocess
import unittest

from cli_case import HFAUDIT
from system import reachable
from test_repair_root import USER, RootCase, owners

RECORD = 'printf "%s\\n" "$#" "$@" >>"$RECORDS/arguments"; env >"$RECORDS/environment"; '


class Elevate(RootCase):
    def setUp(self):
        super().setUp()
        self.tools, self.records = (os.path.join(self.scratch, name) for name in ("bin", "records"))
        for folder in (self.tools, self.records):
            os.mkdir(folder)
            os.chmod(folder, 0o777)
        os.chmod(self.scratch, 0o777)

    def program(self, name, script):
        path = os.path.join(self.tools, name)
        with open(path, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\n" + RECORD + script + "\n")
        os.chmod(path, 0o755)

    def leave(self):
        self.leave_of_root("xet", "logs", "a")
        os.chmod(self.path("xet"), 0o700)

    def run_it(self, *words, program="sudo", **env):
        """Of the user; the records of the calls that the program saw."""
        setpriv, *identity = self.as_user()
        command = [shutil.which(setpriv), *identity, reachable(HFAUDIT), "repair", "--offline", "--elevate", program,
                   "--format", "json", *words]
        settings = {"PATH": f"{self.tools}:/usr/bin:/bin", "RECORDS": self.records, **env}
        done = subprocess.run(command, env=self.environment(**settings), cwd=self.scratch, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)
        path = os.path.join(self.records, "arguments")
        if not os.path.exists(path):
            return done, []
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        calls = []
        while lines:
            count = int(lines.pop(0))
            calls.append(lines[:count])
            del lines[:count]
        os.unlink(path)
        return done, calls

    def test_the_program_gets_the_repair_of_owners_and_the_cache_alone(self):
        self.leave()
        self.program("sudo", "exit 1")
        for more in ((), ("--verify",), ("--only", "ownership"), ("acme/six",)):
            with self.subTest(more):
                _, calls = self.run_it(*more)
                if more == ("acme/six",):  # nothing of that repo is root's
                    self.assertEqual(calls, [])
                    continue
                self.assertEqual(len(calls), 1, calls)
                program, *rest = calls[0]
                self.assertEqual(os.path.realpath(program), os.path.realpath(reachable(HFAUDIT)))
                self.assertEqual(rest[:3], ["repair", "--only", "ownership"])
                self.assertIn("--quiet", rest)
                options = set(rest[3:]) - {"--quiet", "--hf-home", self.home}
                self.assertEqual(options, set(), rest)

    def test_it_asks_only_where_root_is_needed(self):
        self.program("sudo", "exit 0")
        done, calls = self.run_it()
        self.assertEqual((done.returncode, calls), (0, []), done.stderr)
        self.leave()
        _, calls = self.run_it("--dry-run")
        self.assertEqual(calls, [])

    def test_one_that_does_nothing_is_no_repair(self):
        """Refused, cancelled, killed, or it ran and changed nothing: never exit code 0, and the rest is reported."""
        self.leave()
        before = owners(self.home)
        for script in ("exit 0", "exit 1", "exit 126", "exit 127", "kill -9 $$", "kill -TERM $$"):
            with self.subTest(script):
                self.program("sudo", script)
                done, calls = self.run_it()
                self.assertEqual(len(calls), 1)
                self.assertNotEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertTrue(done.stderr.strip() or json.loads(done.stdout)["blind"] or json.loads(done.stdout)["results"])
                self.assertEqual(owners(self.home), before)

    def test_without_the_program(self):
        self.leave()
        for program in ("sudo", "doas", "pkexec"):
            done, _ = self.run_it(program=program, PATH=self.tools)
            self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
            self.assertIn(program, done.stderr)

    def test_no_other_program(self):
        """Neither a path nor an option of the program."""
        self.program("evil", "exit 0")
        for word in ("evil", os.path.join(self.tools, "evil"), "./evil", "sudo -u other", "su", ""):
            done, calls = self.run_it(program=word)
            self.assertEqual((done.returncode, calls), (2, []), done.stdout + done.stderr)

    def test_a_setting_of_the_cache_cannot_ask_for_it(self):
        """Of a variable: as on the command line, the same three programs."""
        self.leave()
        self.program("evil", "exit 0")
        command = [*self.as_user(), reachable(HFAUDIT), "repair", "--offline"]
        done = subprocess.run(command, env=self.environment(PATH=f"{self.tools}:/usr/bin:/bin", RECORDS=self.records,
                                                            HFAUDIT_ELEVATE="evil"),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        self.assertFalse(os.path.exists(os.path.join(self.records, "arguments")), done.stderr)

    def test_the_environment_is_the_callers(self):
        """No variable is added; what sudo lets through is sudo's decision. Nothing is written outside of the cache."""
        self.leave()
        self.program("sudo", "exit 1")
        self.run_it(HOME=os.path.join(self.records, "nowhere"))
        with open(os.path.join(self.records, "environment"), encoding="utf-8") as file:
            names = {line.partition("=")[0] for line in file}
        given = {*self.environment(), "PATH", "RECORDS", "HOME"}
        self.assertLessEqual(names - {"PWD", "OLDPWD", "SHLVL", "_"}, given)
        self.assertFalse(os.path.exists(os.path.join(self.records, "nowhere")))

    def test_as_root_it_repairs_what_is_left(self):
        """What sudo runs is a plain repair as root: it gives everything back, in this cache alone."""
        self.leave()
        done = subprocess.run([HFAUDIT, "repair", "--only", "ownership", "--hf-home", self.home, "--quiet"],
                              env=self.environment(HF_HOME=None), capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({uid for uid in owners(self.home).values()}, {USER})


if __name__ == "__main__":
    unittest.main()
