"""Every command that a report, a line of preflight or an error prints makes its finding go away, or says why nothing can.

`test_advice.py -v` prints the table: how many commands were run, by what printed them.
"""

import collections
import os
import sys
import unittest

from advice_case import AdviceCase
from fixture_case import case_names
from test_fixtures import TOO_MUCH_TO_READ, expectation, method_of


class Advice(AdviceCase):
    @classmethod
    def tearDownClass(cls):
        if {"-v", "--verbose"} & set(sys.argv) or os.environ.get("HFAUDIT_TABLE"):
            print_table(cls.rows)

    def check(self, names):
        for name in names:
            with self.subTest(name):
                rows = self.try_fixture(name, expectation(name))
                self.rows.extend(rows)
                wrong = [row for row in rows if row.outcome not in ("gone", "explained")]
                for row in wrong:
                    with self.subTest(row.run, origin=row.origin, subject=row.subject):
                        self.fail(row.outcome)


def print_table(rows):
    counts = collections.Counter()
    for row in rows:
        counts[row.origin, row.subject, row.outcome.partition(":")[0]] += 1
    print(f"\n{'printed by':<24} {'for':<24} {'outcome':<16} commands")
    for (origin, subject, outcome), count in sorted(counts.items()):
        print(f"{origin:<24} {subject:<24} {outcome:<16} {count:8}")
    print(f"{len(rows)} commands of {len({row.fixture for row in rows})} fixtures")


def _add_all():
    groups = collections.defaultdict(list)
    for name in case_names():
        if name not in TOO_MUCH_TO_READ:
            groups[name.partition("/")[0]].append(name)
    for group, names in groups.items():
        setattr(Advice, method_of(group), lambda self, names=names: self.check(names))


_add_all()

if __name__ == "__main__":
    unittest.main()
