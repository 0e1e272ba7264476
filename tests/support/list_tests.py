"""Prints the names of all unittests below a folder, one a line.

    python3 tests/support/list_tests.py FOLDER
"""

import sys
import unittest


def leaves(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from leaves(test)
        else:
            yield test.id()


if __name__ == "__main__":
    for name in leaves(unittest.TestLoader().discover(sys.argv[1], top_level_dir=sys.argv[1])):
        print(name)
