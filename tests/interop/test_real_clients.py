"""hfaudit against caches that real clients have left: every version, every scenario.

    python3 -m unittest discover -s tests/interop -v

HFAUDIT names the binary (build/release/tools/hfaudit), HFAUDIT_INTEROP_VERSIONS and
HFAUDIT_INTEROP_SCENARIOS narrow the run, HFAUDIT_KEEP names a folder that keeps the caches; those of
a run that failed are kept anyway. The table at the end is the result at a glance.
"""

import os
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from audit_runs import audit_all, binary  # noqa: E402
from expected import EXPECTED, exit_code, expected  # noqa: E402
from stage import SCENARIOS  # noqa: E402

import client_venvs  # noqa: E402


class RealClients(unittest.TestCase):
    """One test a scenario (made below), one subtest a client."""

    longMessage = True

    @classmethod
    def setUpClass(cls):
        if not os.access(binary(), os.X_OK):
            raise AssertionError(f"{binary()} is not there: build it first, or set HFAUDIT")
        client_venvs.ensure_all()
        cls.keep = os.environ.get("HFAUDIT_KEEP")
        cls.root = cls.keep or tempfile.mkdtemp(prefix="hfaudit-interop-")
        cls.outcomes = audit_all(cls.root)
        cls.failed = set()

    @classmethod
    def tearDownClass(cls):
        print(table(cls.outcomes, cls.failed))  # on stdout: unittest itself speaks on stderr
        if cls.failed:
            print(f"caches kept in {cls.root}", file=sys.stderr)
        elif not cls.keep:
            shutil.rmtree(cls.root, ignore_errors=True)

    def check(self, name):
        for (version, scenario), outcome in self.outcomes.items():
            if scenario == name:
                self.failed.add((version, name))  # until everything below has held
                with self.subTest(client=version):
                    self.check_one(expected(name, version), outcome)
                    self.failed.discard((version, name))

    def check_one(self, row, outcome):
        if outcome.error:
            raise outcome.error
        said = "\n" + outcome.explain()
        for verdict in outcome.repo_verdicts:
            self.assertIn(verdict, row.verdicts, said)
        self.assertTrue(outcome.repo_verdicts, "no repo was seen")
        self.assertLessEqual(row.must, outcome.ids, said)
        self.assertFalse(row.unexpected(outcome.ids), said)
        if row.revisions:
            self.assertEqual(outcome.revision_verdicts, row.revisions, said)
        self.assertEqual(outcome.exit_code, exit_code(outcome.ids), said)
        self.assertEqual(outcome.report["exit_code"], outcome.exit_code, said)
        self.assertFalse(outcome.touched, "the scan changed these")

    def test_table_is_complete(self):
        self.assertEqual(set(EXPECTED), set(SCENARIOS))


def _make(name):
    def test(self):
        self.check(name)
    test.__doc__ = SCENARIOS[name].__doc__
    return test


for _name in SCENARIOS:
    setattr(RealClients, f"test_{_name}", _make(_name))


def cell(outcome, failed):
    if outcome is None:
        return "-"
    if outcome.error:
        return "! no result"
    ids = ",".join(outcome.above_info())
    return ("! " if failed else "") + "/".join(outcome.repo_verdicts) + (f" {ids}" if ids else "")


def table(outcomes, failed):
    """Scenario by scenario, the clients that got the same answer on one line."""
    lines = ["", f"{'scenario':32} {'clients':30} verdict, findings above info", "-" * 100]
    for name in dict.fromkeys(scenario for _, scenario in outcomes):
        answers = {}
        for (version, scenario), outcome in outcomes.items():
            if scenario == name:
                text = cell(outcome, (version, name) in failed)
                answers.setdefault(text, []).append(version)
        for text, versions in answers.items():
            lines.append(f"{name:32} {' '.join(versions):30} {text}")
            name = ""
    wrong = len(failed)
    lines.append(f"{len(outcomes)} caches, {wrong} judged wrong (marked with !)")
    return "\n".join(lines)


if __name__ == "__main__":
    unittest.main()
