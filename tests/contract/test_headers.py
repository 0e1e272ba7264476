"""Every public header compiles by itself, whoever includes it first."""

import os
import re
import subprocess
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
INCLUDE = os.path.join(ROOT, "include")


class PublicHeaders(unittest.TestCase):
    def test_each_compiles_alone(self):
        names = sorted(name for name in os.listdir(os.path.join(INCLUDE, "hfaudit")) if name.endswith(".hpp"))
        self.assertIn("audit.hpp", names)
        for name in names:
            with self.subTest(name):
                done = subprocess.run(
                    ["c++", "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", f"-I{INCLUDE}", "-x", "c++", "-"],
                    input=f"#include <hfaudit/{name}>\n", capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(0, done.returncode, done.stderr)


class Names(unittest.TestCase):
    def test_no_two_headers_define_the_same_type(self):
        """The linker would take one of them for both, and not say so."""
        where = {}
        for top in ("include", "libaudit", "tools"):
            for folder, _, names in os.walk(os.path.join(ROOT, top)):
                for name in names:
                    if not name.endswith(".hpp"):
                        continue
                    with open(os.path.join(folder, name), encoding="utf-8") as file:
                        text = file.read()
                    space = re.search(r"^namespace ([\w:]+) \{", text, re.MULTILINE)
                    for found in re.findall(r"^(?:class|struct|enum class) (\w+)(?!::|\w)[^;{]*\{", text, re.MULTILINE):
                        where.setdefault((space[1] if space else "", found), []).append(name)
        self.assertGreater(len(where), 100)
        self.assertEqual({}, {"::".join(name): files for name, files in where.items() if len(files) > 1})


if __name__ == "__main__":
    unittest.main()
