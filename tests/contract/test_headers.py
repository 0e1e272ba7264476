"""Every public header compiles by itself, whoever includes it first."""

import os
import subprocess
import unittest

INCLUDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "include")


class PublicHeaders(unittest.TestCase):
    def test_each_compiles_alone(self):
        names = sorted(os.listdir(os.path.join(INCLUDE, "hfaudit")))
        self.assertIn("audit.hpp", names)
        for name in names:
            with self.subTest(name):
                done = subprocess.run(
                    ["c++", "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", f"-I{INCLUDE}", "-x", "c++", "-"],
                    input=f"#include <hfaudit/{name}>\n", capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(0, done.returncode, done.stderr)


if __name__ == "__main__":
    unittest.main()
