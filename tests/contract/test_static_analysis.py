"""cppcheck finds nothing, beside clang-tidy (the group `lint`). HFAUDIT_LONG=1, and the version whose mistakes are known."""

import os
import re
import shutil
import subprocess
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
VERSION = "Cppcheck 2.10"
MISTAKES = {
    "internalAstError": "an `if` with an initialiser inside a template argument",
    "iterators3": "std::tie of members that have equal names",
    "invalidContainer": "`rest` was copied before the erase",
    "ignoredReturnValue": "an argument of std::map::operator[]",
    "identicalConditionAfterEarlyExit": "a folder that is opened twice may be gone the second time",
}


@unittest.skipUnless(os.environ.get("HFAUDIT_LONG") and shutil.which("cppcheck"), "HFAUDIT_LONG is not set, or no cppcheck")
class Cppcheck(unittest.TestCase):
    def test_it_finds_nothing(self):
        version = subprocess.run(["cppcheck", "--version"], capture_output=True, text=True, check=True).stdout.strip()
        if version != VERSION:
            self.skipTest(f"{version} is not {VERSION}")
        done = subprocess.run(["cppcheck", "--enable=warning,portability", "--std=c++20", "--language=c++", "--quiet", "-j2",
                               "--suppress=missingInclude", "--suppress=missingIncludeSystem", "--suppress=unknownMacro",
                               "--suppress=syntaxError", *(f"--suppress={name}" for name in MISTAKES),
                               "--template={file}:{line}: {message} [{id}]", "-I", "libaudit", "-I", "include", "-I", "tools",
                               "libaudit", "tools"], cwd=ROOT, capture_output=True, text=True, check=False)
        self.assertEqual(re.findall(r"^\S+:\d+: .*", done.stderr, re.MULTILINE), [])


if __name__ == "__main__":
    unittest.main()
