"""The pages that list the findings say what the table and the rules say."""

import os
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "man"))

import findings  # noqa: E402


class Pages(unittest.TestCase):
    maxDiff = None

    def test_each_page_is_made_from_the_table_and_the_rules(self):
        for name, text in findings.pages().items():
            with self.subTest(name):
                self.assertEqual(findings.read(name), text, "run python3 man/findings.py")

    def test_each_manual_is_in_a_file_of_rules_named_after_a_finding(self):
        named = {row.enumerator for row in findings.table()}
        for name in findings.manuals():
            with self.subTest(name):
                source = findings.source_of(name)
                self.assertIn(source[:-len(".cpp")], named)


class Changed(unittest.TestCase):
    """A change of one source shows: on a copy."""

    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="hfaudit-findings-")
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        for name in (findings.TABLE, findings.MANUAL, findings.README, findings.MANUALS):
            os.makedirs(os.path.dirname(os.path.join(self.root, name)), exist_ok=True)
            shutil.copy(os.path.join(findings.ROOT, name), os.path.join(self.root, name))
        shutil.copytree(os.path.join(findings.ROOT, findings.RULES), os.path.join(self.root, findings.RULES))

    def change(self, name, old, new):
        text = findings.read(name, self.root)
        self.assertIn(old, text)
        with open(os.path.join(self.root, name), "w", encoding="utf-8") as file:
            file.write(text.replace(old, new, 1))

    def differing(self):
        return sorted(name for name, text in findings.pages(self.root).items() if text != findings.read(name, self.root))

    def test_a_copy_agrees(self):
        self.assertEqual(self.differing(), [])

    def test_a_changed_severity_shows(self):
        self.change(findings.TABLE, '"orphan-blob", info', '"orphan-blob", warning')
        self.assertEqual(self.differing(), [findings.README, findings.MANUAL])

    def test_a_changed_comment_shows(self):
        self.change(os.path.join(findings.RULES, "orphan_blob.cpp"), "// A blob that no entry", "// Any blob that no entry")
        self.assertEqual(self.differing(), [findings.MANUAL, findings.MANUALS])

    def test_a_page_that_was_edited_shows(self):
        self.change(findings.README, "`orphan-blob`", "`lonely-blob`")
        self.assertEqual(self.differing(), [findings.README])

    def test_a_row_without_a_manual_is_an_error(self):
        self.change(findings.TABLE, "HFAUDIT_FINDING(orphan_blob",
                    'HFAUDIT_FINDING(new_one, "new-one", error, pull, "Links",\n                "It is new.")\n'
                    "HFAUDIT_FINDING(orphan_blob")
        with self.assertRaisesRegex(ValueError, "new-one"):
            findings.pages(self.root)

    def test_a_manual_without_a_row_or_a_paragraph_is_an_error(self):
        for old, new in (("// # orphan-blob", "// # lonely-blob"), ("// Causes:", "// Reasons:")):
            with self.subTest(new):
                self.setUp()
                self.change(os.path.join(findings.RULES, "orphan_blob.cpp"), old, new)
                with self.assertRaisesRegex(ValueError, "orphan-blob"):
                    findings.pages(self.root)


if __name__ == "__main__":
    unittest.main()
