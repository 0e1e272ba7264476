"""The rules of include_boundary.py hold here, and would notice if they did not."""

import os
import tempfile
import unittest

import include_boundary

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

FORBIDDEN = [
    ("include/hfaudit/x.hpp", "#include <unistd.h>"),
    ("include/hfaudit/x.hpp", "#include <fmt/format.h>"),
    ("include/hfaudit/x.hpp", '#include "cache/inventory.hpp"'),
    ("libaudit/scan/x.cpp", "#include <sys/stat.h>"),
    ("libaudit/scan/x.cpp", "  #  include   <fcntl.h>"),
    ("libaudit/hub/x.cpp", "#include <curl/curl.h>"),
    ("libaudit/check/x.cpp", "#include <openssl/evp.h>"),
    ("tools/x.cpp", "#include <signal.h>"),
    ("tools/x.cpp", "#include <nlohmann/json.hpp>"),
    ("tools/x.cpp", '#include "scan/walk.hpp"'),
    ("tools/x.cpp", '#include "rules/finding_facts.hpp"'),
    ("libaudit/report/x.cpp", "#include <CLI/CLI.hpp>"),
    ("libaudit/scan/x.cpp", "#include <nlohmann/json.hpp>"),
    ("libaudit/model/x.cpp", '#include "scan/walk.hpp"'),
    ("libaudit/model/x.cpp", "#include <fstream>"),
    ("libaudit/manifest/x.cpp", '#include "os/fs.hpp"'),
    ("libaudit/manifest/x.cpp", '#include "scan/walk.hpp"'),
    ("libaudit/check/x.cpp", '#include "os/fs.hpp"'),
    ("libaudit/check/x.cpp", '#include "scan/walk.hpp"'),
    ("libaudit/check/x.cpp", '#include "base/numbers.hpp"'),
    ("libaudit/check/x.cpp", "#include <chrono>"),
    ("libaudit/check/x.cpp", "#include <cstdlib>"),
    ("libaudit/check/x.cpp", 'auto home = std::getenv("HOME");'),
    ("libaudit/repair/plan.cpp", '#include "os/fs.hpp"'),
    ("libaudit/repair/plan.cpp", "#include <chrono>"),
    ("libaudit/report/x.cpp", '#include "rules/rules.hpp"'),
    ("libaudit/report/x.cpp", '#include "scan/walk.hpp"'),
    ("libaudit/os/x.cpp", '#include "scan/walk.hpp"'),
    ("libaudit/digest/x.cpp", "#include <openssl/evp.h>"),
    ("libaudit/digest/x.cpp", "#include <cpuid.h>"),
    ("libaudit/digest/x.cpp", '#include "scan/walk.hpp"'),
    ("libaudit/os/x.cpp", "#include <immintrin.h>"),
    ("libaudit/scan/x.cpp", "#include <arm_neon.h>"),
    ("libaudit/unheard_of/x.cpp", '#include "cache/blob_name.hpp"'),
    ("libaudit/os/x.cpp", 'std::cerr << "oh";'),
    ("libaudit/os/x.cpp", 'std::printf("oh");'),
    ("libaudit/os/x.cpp", "if (bad) abort();"),
    ("libaudit/scan/x.cpp", "std::exit(1);"),
]

ALLOWED = [
    ("include/hfaudit/x.hpp", '#include <vector>\n#include <tl/expected.hpp>\n#include "hfaudit/result.hpp"'),
    ("libaudit/os/x.cpp", '#include <unistd.h>\n#include <sys/stat.h>\n#include "cache/inventory.hpp"'),
    ("libaudit/manifest/x.cpp", '#include <nlohmann/json.hpp>\n#include "cache/blob_name.hpp"'),
    ("libaudit/check/x.cpp", '#include "check/rule.hpp"\n#include "cache/inventory.hpp"\n#include "hfaudit/report.hpp"'),
    ("libaudit/digest/x.cpp", '#include <immintrin.h>\n#include <arm_neon.h>\n#include "os/cpu.hpp"'),
    ("libaudit/os/x.cpp", '#include <cpuid.h>\n#include <openssl/evp.h>'),
    ("libaudit/repair/apply.cpp", '#include <chrono>\n#include "os/fs.hpp"'),
    ("libaudit/audit/audit.cpp", '#include "scan/walk.hpp"\n#include "rules/rules.hpp"'),
    ("tools/main.cpp", '#include <CLI/CLI.hpp>\n#include "hfaudit/audit.hpp"\n#include "base/format.hpp"\n#include "os/output.hpp"\nreturn exit(1);'),
    ("libaudit/scan/x.cpp", '// #include <unistd.h>\n/* std::cout << 1; */\nauto s = "exit(1)"; on.exit(1); snprintf(b, 1, f);'),
]


class Rules(unittest.TestCase):
    def test_violations_are_found(self):
        for path, text in FORBIDDEN:
            with self.subTest(path=path, text=text):
                self.assertEqual([2], [one.line for one in include_boundary.check_file(path, f"\n{text}\n")])

    def test_what_is_allowed_is_left_alone(self):
        for path, text in ALLOWED:
            with self.subTest(path=path, text=text):
                self.assertEqual([], include_boundary.check_file(path, text))

    def test_a_tree_is_walked(self):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, "libaudit", "check", "deep"))
            with open(os.path.join(root, "libaudit", "check", "deep", "x.hpp"), "w", encoding="utf-8") as file:
                file.write("#pragma once\n#include <dirent.h>\n")
            found = [(one.path, one.line) for one in include_boundary.check_tree(root)]
        self.assertEqual([("libaudit/check/deep/x.hpp", 2)], found)


class House(unittest.TestCase):
    def test_every_include_is_allowed_and_nothing_prints(self):
        self.assertEqual("", "\n".join(str(one) for one in include_boundary.check_tree(ROOT)))


if __name__ == "__main__":
    unittest.main()
