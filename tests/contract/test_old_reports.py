"""The reports of 0.1, kept in reports-0.1, are read by every later version, and what they had a later one has too.

These files are never made anew: they are what a user's scripts and older nodes have.
"""

import json
import os
import subprocess
import tempfile
import unittest

HFAUDIT = os.environ.get("HFAUDIT", "")
OLD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reports-0.1")
CONTRACT = {"schema", "tool", "command", "cache", "started_at", "duration_ms", "verdict", "exit_code", "summary", "repos", "findings"}


def load(name):
    with open(os.path.join(OLD, name), encoding="utf-8") as file:
        return json.load(file)


@unittest.skipUnless(os.path.exists(HFAUDIT), "HFAUDIT names no program")
class OldReports(unittest.TestCase):
    def merge(self, *names):
        done = subprocess.run([HFAUDIT, "merge", "--format", "json", *(os.path.join(OLD, name) for name in names)],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)  # damage, and nothing that could not be read
        return json.loads(done.stdout)

    def test_each_is_read(self):
        names = sorted(os.listdir(OLD))
        self.assertGreater(len(names), 5)
        for name in names:
            if name.startswith("part-"):
                continue  # of a part alone the rest is not known
            with self.subTest(name):
                merged = self.merge(name)
                old = load(name.replace(".ndjson", ".json"))
                self.assertEqual({(r["repo_id"], r["verdict"]) for r in merged["repos"]},
                                 {(r["repo_id"], r["verdict"]) for r in old["repos"]})
                self.assertEqual({(f["id"], f["path"]) for f in merged["findings"] if f["severity"] != "info"},
                                 {(f["id"], f["path"]) for f in old["findings"] if f["severity"] != "info"})

    def test_parts_are_joined(self):
        merged = self.merge("part-1.json", "part-2.json")
        self.assertEqual(merged["verdict"], "damaged")
        self.assertEqual(merged["verified"]["left"]["files"], 0)
        self.assertEqual(merged["verified"]["total"], load("merged.json")["verified"]["total"])

    def test_a_new_report_has_what_an_old_one_had(self):
        """Keys and their types, at every depth; null fits everything."""
        with tempfile.TemporaryDirectory() as home:
            repo = os.path.join(home, "hub", "models--acme--fine")
            commit = "0123456789abcdef0123456789abcdef01234567"
            for path, text in ((f"snapshots/{commit}/a.txt", "a\n"), ("refs/main", commit), (f"snapshots/{commit}/b.txt", "b\n")):
                os.makedirs(os.path.dirname(os.path.join(repo, path)), exist_ok=True)
                with open(os.path.join(repo, path), "w", encoding="ascii") as file:
                    file.write(text)
            os.makedirs(os.path.join(repo, "blobs"))
            os.symlink("../../blobs/" + "1" * 40, os.path.join(repo, "snapshots", commit, "gone.txt"))
            done = subprocess.run([HFAUDIT, "scan", "--format", "json"], env={"HF_HOME": home, "HOME": home, "PATH": "/usr/bin:/bin"},
                                  capture_output=True, text=True, check=False)
        new, old = json.loads(done.stdout), load("scan.json")
        self.assertLessEqual(CONTRACT, set(old))
        self.assert_extends(new, old, "report")

    def assert_extends(self, new, old, where):
        if isinstance(old, dict) and isinstance(new, dict) and where not in ("report.summary.by_verdict", "report.findings[].details"):
            self.assertLessEqual(set(old), set(new), where)
            for key, value in old.items():
                self.assert_extends(new[key], value, f"{where}.{key}")
        elif isinstance(old, list) and old and isinstance(new, list) and new:
            self.assert_extends(new[0], old[0], where + "[]")
        elif old is not None and new is not None:
            self.assertIs(type(new), type(old), where)


if __name__ == "__main__":
    unittest.main()
