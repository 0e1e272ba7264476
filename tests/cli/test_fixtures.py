"""A few fixtures through the command line: each yields exactly what its case file says, and nothing changes.

hfaudit-fixture-judge (tests/fixtures) checks the same of all fixtures through the library. These prove that the command
line passes the environment and the arguments to it, and that the exit code and the JSON are those of its report.
"""

import collections
import json
import os
import unittest

from fixture_case import SEVERITY, FixtureCase, age_atimes, all_paths, case_names, case_text, entry_state

NEEDS_HASHES = {"digest-mismatch", "conflicting-digests", "unverifiable", "not-the-content"}  # what verify may add
TOO_MUCH_TO_READ = {"healthy/large-sparse"}  # five gigabytes that are not there, under a name that is no hash of them
# One or more of each kind of line in an expectation, and the trees that depend on the process or on root.
SAMPLE = (
    "story",  # several repos and findings
    "healthy/home",  # a whole home
    "healthy/large-sparse",  # too large to read: only scanned
    "dangling-entry/plain",
    "stale-lock/pid-reused",  # pid:live
    "incomplete-download/cache-elsewhere",  # env
    "missing-file/plain",  # arg: REPO, --include
    "several/detached-and-asked-for",  # arg: REPO@COMMIT
    "healthy/local-dir",  # arg: --local-dir
    "truncated-file/local-dir",
    "digest-mismatch/plain",  # command verify
    "unverifiable/copies",
    "foreign-owner/repo",  # needs root
    "no-access/plain",
)
# What cannot be without something else: space can only lack for what is missing.
COMPANY = {"low-disk-space": {"incomplete-download"}}
OF_SEVERAL_CACHES = {"node-differs"}  # a merge raises it: test_merge.py
HARMLESS = {"idle-lock"}  # where a lock that was left is what the case is about


class Expectation:
    def __init__(self, text):
        self.args, self.env, self.repos, self.findings = [], {}, [], collections.Counter()
        self.exit = self.verdict = None
        self.command = "scan"
        for line in text.splitlines():
            words = line.split()
            if not words or words[0].startswith("#") or words[0] == "needs":
                continue
            if words[0] == "exit":
                self.exit = int(words[1])
            elif words[0] == "verdict":
                self.verdict = words[1]
            elif words[0] == "repo":
                self.repos.append(words[1:])
            elif words[0] == "finding":
                severity = words[4] if words[3:4] == ["as"] else SEVERITY[words[1]]
                self.findings[(words[1], severity)] = int(words[2])
            elif words[0] == "command":
                self.command = words[1]
            elif words[0] == "arg":
                self.args.append(words[1])
            elif words[0] == "env":
                self.env.update([words[1].split("=", 1)])
            else:
                raise ValueError(f"not a line of an expectation: {line}")


def expectation(name):
    return Expectation(case_text(name)[1])


def method_of(name):
    return "test_" + name.replace("-", "_").replace(".", "__").replace("/", "__")


def matching_repos(report, wanted):
    """The report's repos, as exact as the expectation states them: type, id, verdict, basis."""
    depth = {tuple(words[:2]): len(words) for words in wanted}
    rows = []
    for repo in report["repos"]:
        row = [repo["repo_type"], repo["repo_id"], repo["verdict"], repo["basis"]]
        rows.append(row[:depth.get((row[0], row[1]), 4)])
    return sorted(rows)


class Fixtures(FixtureCase):
    def check(self, name):
        wanted = expectation(name)
        self.make(name)
        paths = all_paths(self.cache)
        age_atimes(paths)
        before = {path: entry_state(path) for path in paths}
        args = [arg.replace("{dest}", self.cache) for arg in wanted.args]
        env = {key: value.replace("{dest}", self.cache) for key, value in wanted.env.items()}
        scan = self.scan(*args, env=env, command=wanted.command)
        after = {path: entry_state(path) for path in paths}
        found = collections.Counter((f["id"], f["severity"]) for f in scan.report["findings"])
        detail = json.dumps(scan.report["findings"], indent=1) + scan.err
        self.assertEqual(dict(found), dict(wanted.findings), detail)
        if "--local-dir" not in args:
            self.assertEqual(matching_repos(scan.report, wanted.repos), sorted(wanted.repos), detail)
        self.assertEqual((scan.code, scan.report["verdict"]), (wanted.exit, wanted.verdict), detail)
        self.assertEqual(scan.report["exit_code"], scan.code)
        self.assertEqual(scan.report["summary"]["findings"].get("error", 0),
                         sum(count for (_, severity), count in found.items() if severity == "error"))
        self.assertEqual(before, after, f"a {wanted.command} changes nothing")
        self.assertEqual(paths, all_paths(self.cache), f"a {wanted.command} makes nothing")
        if wanted.command == "scan" and name not in TOO_MUCH_TO_READ:
            self.check_that_verify_agrees(name, scan, self.scan(*args, env=env, command="verify"))

    def check_that_verify_agrees(self, name, scan, verify):
        """A verify finds all that a scan finds; in the bytes of a healthy cache nothing but what has no hash."""
        found, more = (collections.Counter((f["id"], f["path"]) for f in one.report["findings"])
                       for one in (scan, verify))
        self.assertEqual(found - more, collections.Counter())
        added = {finding for finding, _ in more - found}
        self.assertLessEqual(added, NEEDS_HASHES, verify.out)
        if "healthy" in name:
            self.assertLessEqual(added, {"unverifiable"}, verify.out)
            self.assertEqual(verify.code, scan.code)
        read = verify.report["verified"]
        self.assertEqual(read["left"]["files"], 0, read)


def _add(name):
    setattr(Fixtures, method_of(name), lambda self: self.check(name))


for _name in SAMPLE:
    _add(_name)


class Catalogue(FixtureCase):
    def test_the_program_knows_the_findings_and_severities_of_the_tests(self):
        lines = self.run_hfaudit("explain").stdout.decode().splitlines()
        self.assertEqual(dict(line.split()[:2] for line in lines), SEVERITY)


class Coverage(unittest.TestCase):
    """The promise of the catalogue: a fixture that raises exactly the id, a healthy neighbour that does not."""

    def test_every_finding_has_a_fixture_and_a_healthy_neighbour(self):
        have = set(case_names())
        missing = [n for i in SEVERITY.keys() - OF_SEVERAL_CACHES for n in (i + "/plain", i + "/healthy") if n not in have]
        self.assertEqual(missing, [])

    def test_a_fixture_raises_what_its_name_says(self):
        for name in case_names():
            folder, _, case = name.rpartition("/")
            raised = {finding for finding, _ in expectation(name).findings}
            with self.subTest(name):
                if folder in SEVERITY and case.startswith("healthy"):
                    self.assertRegex(case, "^healthy($|-)")
                    self.assertLessEqual(raised, HARMLESS)
                elif folder in SEVERITY:
                    self.assertEqual(raised - HARMLESS - {folder}, COMPANY.get(folder, set()))
                    self.assertIn(folder, raised)
                    if case == "plain":
                        self.assertEqual(raised, {folder} | COMPANY.get(folder, set()))
                elif folder == "healthy":
                    self.assertLessEqual(raised, HARMLESS)
                else:
                    self.assertTrue(folder == "several" or name == "story", name)


if __name__ == "__main__":
    unittest.main()
