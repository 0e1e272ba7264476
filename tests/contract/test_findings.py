"""The pages that list the findings say what their table says."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "man"))

import findings  # noqa: E402


class Pages(unittest.TestCase):
    maxDiff = None

    def test_each_page_is_what_the_table_and_the_rules_give(self):
        for name, text in findings.pages().items():
            with self.subTest(name):
                self.assertEqual(findings.read(name), text, "run python3 man/findings.py")


if __name__ == "__main__":
    unittest.main()
