"""hfaudit repair of a few fixtures: a dry run changes nothing; a repair without network does once what it can.

hfaudit-fixture-judge (tests/fixtures) checks the same of all fixtures through the library.
"""

import json
import os
import unittest

from fixture_case import FixtureCase, age_atimes, all_paths, case_text, entry_state
from test_fixtures import SAMPLE, TOO_MUCH_TO_READ, expectation, method_of


def planned(report):
    return sorted((action["action"], action["path"]) for action in report["plan"])


def contents(root):
    """The regular files: path -> inode, mtime, size."""
    found = {}
    for path in all_paths(root):
        status = os.lstat(path)
        if os.path.isfile(path) and not os.path.islink(path):
            found[path] = status.st_ino, status.st_mtime_ns, status.st_size
    return found


class RepairOfFixtures(FixtureCase):
    def repair(self, *args, env=None):
        scan = self.scan("--offline", *self.args, *args, command="repair", env={**self.env, **(env or {})})
        self.assertEqual(scan.report["exit_code"], scan.code, scan.out + scan.err.encode())
        self.assertIn(scan.code, (0, 1, 3), scan.err)
        errors = scan.report["summary"]["findings"].get("error", 0)
        if scan.code != 3:
            self.assertEqual(scan.code, 1 if errors else 0, scan.out)
        return scan.report

    def check(self, name):
        wanted = expectation(name)
        self.make(name)
        self.args = [arg.replace("{dest}", self.cache) for arg in wanted.args]
        self.env = {key: value.replace("{dest}", self.cache) for key, value in wanted.env.items()}
        verify = [] if name in TOO_MUCH_TO_READ else ["--verify"]
        self.check_dry_run("--dry-run", *verify, "--idle-locks", "--break-locks")
        plan = planned(self.repair("--dry-run", *verify))
        before = contents(self.cache)
        first = self.repair(*verify)
        said = json.dumps([first["plan"], first["results"]], indent=1)
        for action in plan:
            self.assertIn(action, planned(first), "what a dry run says is done")
        self.check_that_it_helped(first, said)
        if not wanted.findings:
            self.assertEqual((first["plan"], contents(self.cache)), ([], before))
        self.check_that_nothing_is_lost(before, first)
        second = self.repair(*verify)
        self.assertEqual([r for r in second["results"] if r["outcome"] == "done"], [], said)
        self.assertEqual([f["path"] for f in second["findings"]], [f["path"] for f in first["findings"]])

    def check_dry_run(self, *args):
        paths = all_paths(self.cache)
        age_atimes(paths)
        before = {path: entry_state(path) for path in paths}
        self.repair(*args)
        self.assertEqual(before, {path: entry_state(path) for path in paths}, "a dry run changes nothing")
        self.assertEqual(paths, all_paths(self.cache), "a dry run makes nothing")

    def check_that_it_helped(self, report, said):
        """A finding whose action is done is gone."""
        left = {(f["id"], f["path"]) for f in report["findings"]}
        for action, result in zip(report["plan"], report["results"]):
            if result["outcome"] == "done":
                self.assertNotIn((action.get("finding"), action["path"]), left, said)
            else:
                self.assertTrue(result["detail"], said)

    def check_that_nothing_is_lost(self, before, report):
        """A file that is gone from its place was planned to go, or lies in a quarantine."""
        after = contents(self.cache)
        kept = {state[0] for state in after.values()}
        removed = {a["path"] for a in report["plan"] if a["action"] in ("remove", "prune")}
        for path, state in before.items():
            if path in after and after[path] == state or state[0] in kept:
                continue
            short = os.path.relpath(path, self.cache)
            planned_so = any(short == r or path == r or short.startswith(r + "/") or short == r + ".state" or
                             os.path.dirname(path) == r for r in removed)
            ref = "/refs/" in path
            self.assertTrue(planned_so or ref, f"{path} is lost: {report['plan']}")


def is_given_away(name):
    """Made for another user: repairs of those begin as root."""
    return any(line.startswith("owner ") for line in case_text(name)[0].splitlines())


def _add(name):
    setattr(RepairOfFixtures, method_of(name), lambda self: self.check(name))


# One or more of each group of repairs, besides those of the scans.
for _name in (*SAMPLE, "stale-lock/plain", "orphan-partial/plain", "ref-malformed/plain", "entry-to-partial/plain", "temp-debris/plain"):
    if not is_given_away(_name):
        _add(_name)


if __name__ == "__main__":
    unittest.main()
