"""What the tests of repair share: caches that a pull has made, damage, the repair, and what must hold after each."""

import json
import os
import subprocess

from cli_case import HFAUDIT
from pull_case import PullCase


class RepairCase(PullCase):
    """`repair` runs the program to its end and checks what holds of every run."""

    def repair(self, hub, *args, code=0, env=None, timeout=100):
        """The report."""
        usual = ["--waits", "0.05,0.1", "--max-attempts", "2", "--timeout", "20"]
        command = [HFAUDIT, "repair", "--format", "json", *usual, *args]
        done = subprocess.run(command, env=self.settings(hub, **(env or {})), cwd=self.scratch,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False)
        said = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        if code is not None:
            self.assertEqual(done.returncode, code, said)
        report = json.loads(done.stdout)
        self.assertEqual((report["exit_code"], report["command"]), (done.returncode, "repair"))
        if "--dry-run" in args:
            self.assertEqual(report["results"], [])
        else:
            self.assertEqual([(a["action"], a["path"]) for a in report["plan"]],
                             [(r["action"], r["path"]) for r in report["results"]])
        return report

    def verify(self, *args, code=0):
        done = self.run_hfaudit("verify", "--format", "json", *args)
        self.assertEqual(done.returncode, code, done.stdout.decode() + done.stderr.decode())
        return json.loads(done.stdout)

    @staticmethod
    def outcomes(report):
        """(action, outcome) -> how often."""
        counts = {}
        for result in report["results"]:
            key = result["action"], result["outcome"]
            counts[key] = counts.get(key, 0) + 1
        return counts

    def good_files(self, but=()):
        """What no repair may touch: path -> inode, mtime, bytes."""
        found = {}
        for folder, _, names in os.walk(os.path.join(self.home, "hub")):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.islink(path) or any(path.startswith(bad) for bad in but):
                    continue
                status = os.lstat(path)
                with open(path, "rb") as file:
                    found[path] = status.st_ino, status.st_mtime_ns, file.read()
        return found
