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
    ("libaudit/os/x.cpp", "#include <curl/curl.h>"),
    ("libaudit/http/x.cpp", "#include <unistd.h>"),
    ("libaudit/rules/x.cpp", "#include <openssl/evp.h>"),
    ("tools/x.cpp", "#include <signal.h>"),
    ("tools/x.cpp", "#include <nlohmann/json.hpp>"),
    ("tools/x.cpp", '#include "scan/walk.hpp"'),
    ("tools/x.cpp", '#include "rules/finding_facts.hpp"'),
    ("libaudit/report/x.cpp", "#include <CLI/CLI.hpp>"),
    ("tools/main.cpp", "#include <CLI/CLI.hpp>"),
    ("tools/options/x.cpp", "#include <CLI/CLI.hpp>"),
    ("libaudit/scan/x.cpp", "#include <nlohmann/json.hpp>"),
    ("libaudit/report/json/x.cpp", "#include <nlohmann/json.hpp>"),
    ("libaudit/cache/x.cpp", '#include "scan/walk.hpp"'),
    ("libaudit/cache/x.cpp", "#include <fstream>"),
    ("libaudit/base/x.cpp", '#include "cache/inventory.hpp"'),
    ("libaudit/formats/x.cpp", '#include "os/fs.hpp"'),
    ("libaudit/listings/x.cpp", '#include "scan/walk.hpp"'),
    ("libaudit/rules/x.cpp", '#include "os/fs.hpp"'),
    ("libaudit/rules/x.cpp", '#include "scan/walk.hpp"'),
    ("libaudit/rules/x.cpp", '#include "report/tally.hpp"'),
    ("libaudit/rules/x.cpp", "#include <chrono>"),
    ("libaudit/rules/x.cpp", "#include <cstdlib>"),
    ("libaudit/rules/x.cpp", 'auto home = std::getenv("HOME");'),
    ("libaudit/base/x.cpp", "auto now = std::chrono::system_clock::now();"),
    ("libaudit/repair/plan.cpp", '#include "os/fs.hpp"'),
    ("libaudit/repair/plan.cpp", "#include <chrono>"),
    ("libaudit/report/x.cpp", '#include "scan/walk.hpp"'),
    ("libaudit/os/x.cpp", '#include "scan/walk.hpp"'),
    ("libaudit/os/x.cpp", '#include "cache/inventory.hpp"'),
    ("libaudit/os/x.cpp", '#include "formats/structure.hpp"'),
    ("libaudit/os/x.cpp", '#include "listings/listings.hpp"'),
    ("libaudit/digest/x.cpp", "#include <openssl/evp.h>"),
    ("libaudit/digest/x.cpp", "#include <cpuid.h>"),
    ("libaudit/digest/x.cpp", '#include "scan/walk.hpp"'),
    ("libaudit/os/x.cpp", "#include <immintrin.h>"),
    ("libaudit/scan/x.cpp", "#include <arm_neon.h>"),
    ("libaudit/unheard_of/x.cpp", '#include "cache/blob_name.hpp"'),
    ("libaudit/x.cpp", '#include "cache/blob_name.hpp"'),
    ("libaudit/pull/x.cpp", '#include "run.hpp"'),
    ("libaudit/os/x.cpp", 'std::cerr << "oh";'),
    ("libaudit/os/x.cpp", 'std::printf("oh");'),
    ("libaudit/os/x.cpp", "if (bad) abort();"),
    ("libaudit/scan/x.cpp", "std::exit(1);"),
    ("libaudit/scan/x.cpp", "#include <boost/filesystem/path.hpp>"),
    ("tools/x.cpp", "#include <boost/filesystem.hpp>"),
]

ALLOWED = [
    ("libaudit/base/path.cpp", "#include <boost/filesystem/path.hpp>"),
    ("include/hfaudit/x.hpp", '#include <vector>\n#include <tl/expected.hpp>\n#include "hfaudit/result.hpp"'),
    ("libaudit/os/x.cpp", '#include <unistd.h>\n#include <sys/stat.h>\n#include "base/file_info.hpp"'),
    ("libaudit/json/x.cpp", '#include <nlohmann/json.hpp>\n#include "base/byte_source.hpp"'),
    ("libaudit/rules/x.cpp", '#include "rules/rule.hpp"\n#include "cache/inventory.hpp"\n#include "hfaudit/report.hpp"'),
    ("libaudit/digest/x.cpp", '#include <immintrin.h>\n#include <arm_neon.h>\n#include "os/cpu.hpp"'),
    ("libaudit/os/x.cpp", '#include <cpuid.h>\n#include <openssl/evp.h>'),
    ("libaudit/http/x.cpp", '#include <curl/curl.h>\n#include <dlfcn.h>\n#include "os/static_runtime.hpp"'),
    ("libaudit/base/x.cpp", '#include <chrono>\nauto day = std::chrono::floor<std::chrono::days>(time);'),
    ("libaudit/download/answer.cpp", '#include "hub/hub_error.hpp"'),
    ("libaudit/repair/apply.cpp", '#include <chrono>\n#include "os/fs.hpp"'),
    ("libaudit/audit/run.cpp", '#include "scan/walk.hpp"\n#include "rules/rules.hpp"'),
    ("tools/options/parser.cpp", '#include <CLI/CLI.hpp>\n#include "options/table.hpp"'),
    ("tools/main.cpp", '#include "options/arguments.hpp"\n#include "hfaudit/audit.hpp"\n#include "base/format.hpp"\n#include "os/output.hpp"\nreturn exit(1);'),
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
        self.assertEqual([("libaudit/rules/deep/x.hpp", 2)], violations({
            "libaudit/rules/deep/x.hpp": "#pragma once\n#include <dirent.h>\n"}, lambda one: (one.path, one.line)))

    def test_a_header_that_is_not_there_is_a_violation(self):
        self.assertEqual(["cache/y.hpp: there is no such file"], violations({"libaudit/cache/x.hpp": '#include "cache/y.hpp"\n'}))


class Cycles(unittest.TestCase):
    """What earlier trees had, and what would have been found if it had been looked for."""

    def test_pull_and_the_top_level(self):
        found = violations({
            "libaudit/pull_run.hpp": '#include "pull/repo_pull.hpp"\n',
            "libaudit/pull/repo_pull.hpp": '#include "pull_run.hpp"\n'})
        self.assertIn("pull_run.hpp: a header of libaudit is named with its folder", found)
        self.assertIn("no files directly in libaudit/: each belongs to a folder", found)
        self.assertIn("a cycle of folders: libaudit -> libaudit/pull -> libaudit", found)

    def test_repair_and_the_top_level(self):
        found = violations({
            "libaudit/audit_run.hpp": "",
            "libaudit/repair.cpp": '#include "audit_run.hpp"\n#include "repair/apply.hpp"\n',
            "libaudit/repair/apply.hpp": "",
            "libaudit/repair/ownership_walker.cpp": '#include "audit_run.hpp"\n'})
        self.assertIn("audit_run.hpp: a header of libaudit is named with its folder", found)
        self.assertIn("a cycle of folders: libaudit -> libaudit/repair -> libaudit", found)

    def test_the_steps_of_a_merge(self):
        found = violations({
            "libaudit/merge/gather.hpp": '#include "merge/join.hpp"\n',
            "libaudit/merge/join.hpp": "",
            "libaudit/merge/join.cpp": '#include "merge/cover.hpp"\n#include "merge/join.hpp"\n',
            "libaudit/merge/cover.hpp": "",
            "libaudit/merge/cover.cpp": '#include "merge/cover.hpp"\n#include "merge/gather.hpp"\n'})
        self.assertEqual(["a cycle of files: libaudit/merge/cover -> libaudit/merge/gather -> libaudit/merge/join -> "
                          "libaudit/merge/cover"], found)

    def test_public_headers(self):
        self.assertEqual(["a cycle of files: include/hfaudit/a -> include/hfaudit/b -> include/hfaudit/a"], violations({
            "include/hfaudit/a.hpp": "#include <hfaudit/b.hpp>\n", "include/hfaudit/b.hpp": '#include "hfaudit/a.hpp"\n'}))

    def test_each_cycle_is_told_once(self):
        circle = {"a": {"b"}, "b": {"c", "a"}, "c": {"a"}, "d": {"a", "e"}, "e": {"e", "d"}, "f": {"d"}}
        self.assertEqual([["a", "b", "a"], ["d", "e", "d"]], include_boundary.circles(circle))

    def test_the_layers_themselves_have_none(self):
        self.assertEqual([], include_boundary.circles(include_boundary.MAY_INCLUDE))


def violations(files, tell=lambda one: one.what):
    """Those of a tree of these files."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        return [tell(one) for one in include_boundary.check_tree(root)]


class House(unittest.TestCase):
    def test_every_include_is_allowed_and_nothing_prints(self):
        self.assertEqual("", "\n".join(str(one) for one in include_boundary.check_tree(ROOT)))

    def test_every_right_is_used(self):
        self.assertEqual([], include_boundary.unused_rights(ROOT))


if __name__ == "__main__":
    unittest.main()
