"""The documents agree with the code: the catalogue, the version, the example, what they point to."""

import os
import re
import sys
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "man"))

import findings  # noqa: E402


def text(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


class Documents(unittest.TestCase):
    def test_readme_lists_the_catalogue(self):
        rows = re.findall(r"^\| [^|`]*\|([^|]*)\|([^|]*)\|([^|]*)\|$", text("README.md"), re.MULTILINE)
        listed = [(name, severity) for row in rows for severity, cell in zip(("error", "warning", "info"), row)
                  for name in re.findall(r"`([a-z-]+)`", cell)]
        self.assertEqual(sorted(listed), sorted(findings.severities().items()))

    def test_one_version(self):
        version = re.search(r"project\(hfaudit VERSION (\S+)", text("CMakeLists.txt")).group(1)
        self.assertEqual(version, re.search(r"^## (\S+)", text("CHANGELOG.md"), re.MULTILINE).group(1))

    def test_the_example_is_the_one_that_is_tested(self):
        example = re.search(r"```cpp\n(.*?)```", text("README.md"), re.DOTALL).group(1)
        self.assertIn(example, text("tests", "contract", "test_install.py"))

    def test_each_folder_has_its_row(self):
        table = text("ARCHITECTURE.md")
        for parent in ("", "libaudit"):
            for folder in sorted(os.listdir(os.path.join(ROOT, parent))):
                path = f"{parent}/{folder}/".lstrip("/")
                if os.path.isdir(os.path.join(ROOT, path)) and path not in ("build/", "include/", "libaudit/") and not path.startswith("."):
                    with self.subTest(folder=path):
                        self.assertIn(f"\n| `{path}` |", table)

    def test_what_is_named_is_there(self):
        for document in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"):
            for name in set(re.findall(r"`((?:include|libaudit|tests|tools|fixtures|man|cmake)/[\w./-]*)`", text(document))):
                with self.subTest(document=document, name=name):
                    self.assertTrue(os.path.exists(os.path.join(ROOT, name)), name)

    def test_the_page_of_tasks(self):
        """Captures of the program on a cache at /ai/hf: no path or address of the machine that made them."""
        page = text("docs", "tasks.md")
        self.assertLess(len(page.splitlines()), 200)
        self.assertEqual(page.count("\n## "), 6)
        self.assertNotRegex(page, r"/tmp/|/home/|/work/|127\.0\.0|\x1b")
        self.assertEqual(re.findall(r" /ai/\S*", page.replace("/ai/hf/hub", "")), [])


if __name__ == "__main__":
    unittest.main()
