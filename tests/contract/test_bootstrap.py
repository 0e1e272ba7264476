"""bootstrap on machines that have less than it needs: its words, packages and builds."""

import os
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from bootstrap_case import ROOT, BootstrapCase  # noqa: E402
from system import open_terminal  # noqa: E402


class Words(BootstrapCase):
    def test_an_unknown_command(self):
        said = self.bootstrap("foo", code=2)
        self.assertIn("bootstrap: unknown command: foo\n", said)
        self.assertIn("usage: ./bootstrap scan", said)
        self.assertEqual(self.called(), [])

    def test_an_unknown_group_is_refused_before_anything_is_installed(self):
        self.remove("python3", "g++")
        for word in ("clj", "clj:pull", "cl", "cli-", "cli.*", "4", ""):
            with self.subTest(word):
                said = self.bootstrap("test", "cli", word, code=2, FAKE_MISSING="yes")
                self.assertIn(f"unknown group: {word}; the groups are: format cli cli-asan\n", said)
        self.assertEqual(self.called(), [])
        self.assertFalse(os.path.exists(os.path.join(self.tree, "build")))

    def test_groups_filters_and_options_reach_the_suite(self):
        for words in (
            (),
            ("cli",),
            ("cli-asan", "format"),
            ("cli:pull", "format"),
            ("--jobs", "4", "cli:a:b"),
            ("--jobs=4",),
            ("-v", "cli"),
            ("cli", "--jobs", "4"),
        ):
            with self.subTest(words):
                self.bootstrap("test", *words)
                self.assertEqual(
                    self.called("python3")[-1], " ".join(("python3 tests/suite.py", *words))
                )

    def test_a_list_of_groups_installs_only_python(self):
        self.remove("python3", "g++")
        self.bootstrap("test", "--list", code=127, FAKE_MISSING="yes")
        self.assertIn(
            "apt-get install -y --no-install-recommends python3",
            self.called("apt-get")[-1].replace(
                "-q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 ", ""
            ),
        )

    def test_the_groups_of_this_suite_are_found(self):
        with open(os.path.join(ROOT, "tests", "suite.py"), encoding="utf-8") as file:
            text = file.read()
        if "Group(" not in text:
            self.skipTest("tests/suite.py has no groups of this form")
        shutil.copy(os.path.join(ROOT, "tests", "suite.py"), os.path.join(self.tree, "tests"))
        said = self.bootstrap("test", "none", code=2)
        for name in ("unit", "cli", "contract", "interop"):
            self.assertIn(f" {name}", said)


class Packages(BootstrapCase):
    def test_advice_without_root_and_sudo(self):
        self.remove("sudo", "g++")
        said = self.bootstrap("build", code=3, FAKE_MISSING="yes", FAKE_UID="1000")
        self.assertRegex(
            said,
            r"(?m); as root, run: apt-get update && apt-get install -y --no-install-recommends"
            r" g\+\+ .*libssl-dev nlohmann-json3-dev$",
        )
        self.assertEqual(self.called(), [])

    def test_sudo_where_there_is_one(self):
        self.remove("g++")
        self.bootstrap("build", FAKE_MISSING="yes", FAKE_UID="1000")
        self.assertEqual(
            len(self.called("sudo DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get")), 2
        )

    def test_root_installs_what_is_missing_and_no_more(self):
        self.remove("g++")
        self.bootstrap("build", FAKE_MISSING="yes")
        update, install = self.called("apt-get")
        self.assertIn(" update ", update + " ")
        self.assertRegex(
            install,
            r"install -y --no-install-recommends g\+\+ libarchive-dev libboost-filesystem-dev .*nlohmann-json3-dev$",
        )
        for present in ("cmake", "ninja"):
            self.assertNotIn(present, install)

    def test_nothing_is_installed_where_all_is_there(self):
        self.bootstrap("build")
        self.assertEqual(self.called("apt-get"), [])

    def test_the_sanitizers_are_unpacked_and_not_installed(self):
        self.bootstrap("test", FAKE_MISSING="yes")
        self.assertNotIn(
            "libclang-rt", "".join(line for line in self.called("apt-get") if " install " in line)
        )
        self.assertEqual(
            len([line for line in self.called("apt-get") if " download libclang-rt-" in line]), 1
        )
        folder = os.path.join(self.tree, "build", "clang-19")
        self.assertEqual(os.listdir(folder), ["lib"])
        self.bootstrap("test")
        self.assertEqual(len(self.called("dpkg-deb")), 1, "unpacked again")

    def test_a_failure_of_apt_is_shown_without_its_lists(self):
        self.remove("g++")
        output = (
            "Reading package lists...\nThe following NEW packages will be installed:\n  cpp g++\n"
            "0 upgraded, 2 newly installed\nE: no route"
        )
        said = self.bootstrap(
            "build", code=3, FAKE_MISSING="yes", FAKE_APT_FAILS="update", FAKE_OUTPUT=output
        )
        self.assertRegex(said, r"nlohmann-json3-dev\nE: no route\nbootstrap")
        self.assertIn("bootstrap: apt-get update failed", said)


class Builds(BootstrapCase):
    def configured(self):
        return self.called("cmake --preset")

    def test_warnings_are_errors_as_in_the_tests(self):
        self.bootstrap("build")
        self.assertEqual(
            self.configured(), ["cmake --preset release -DBUILD_TESTING=OFF -DHFAUDIT_WERROR=ON"]
        )
        self.bootstrap("build")
        self.assertEqual(len(self.configured()), 1, "configured again")

    def test_a_compiler_with_other_warnings(self):
        said = self.bootstrap(
            "build", FAKE_BUILD_FAILS="ON", FAKE_OUTPUT="x.cpp:1:1: error: odd [-Werror=odd]"
        )
        self.assertEqual(len([line for line in said.splitlines() if "-Werror" in line]), 1, said)
        self.assertEqual(self.configured()[1:], ["cmake --preset release -DHFAUDIT_WERROR=OFF"])
        self.bootstrap("build", FAKE_BUILD_FAILS="ON")
        self.assertEqual(len(self.configured()), 2)

    def test_warnings_beside_an_error(self):
        said = self.bootstrap(
            "build",
            code=3,
            FAKE_BUILD_FAILS="O",
            FAKE_OUTPUT="error: odd [-Werror=odd]\nerror: worse",
        )
        self.assertIn("error: worse\n", said)

    def test_an_error_is_shown_and_not_tried_again(self):
        said = self.bootstrap(
            "build", code=3, FAKE_BUILD_FAILS="ON", FAKE_OUTPUT="x.cpp:1:1: error: wrong"
        )
        self.assertIn("x.cpp:1:1: error: wrong\n", said)
        self.assertNotIn("[1/3]", said)
        self.assertEqual(len(self.configured()), 1)

    def test_a_build_whose_ccache_is_gone(self):
        self.stub("ccache", "")
        self.bootstrap("build")
        with open(os.path.join(self.tree, "build", "release", "CMakeCache.txt"), "a", encoding="utf-8") as cache:
            cache.write("HFAUDIT_LAUNCHER:STRING=cmake;-E;env;/usr/bin/ccache\n")
        self.bootstrap("build")
        self.assertEqual(len(self.configured()), 1)
        self.remove("ccache")
        self.bootstrap("build")
        self.assertEqual(len(self.configured()), 2, "it is configured anew")

    def test_a_folder_that_was_moved_here(self):
        self.bootstrap("build")
        os.rename(self.tree, self.tree + "2")
        self.tree += "2"
        self.bootstrap("build")
        self.assertEqual(len(self.configured()), 2)

    def test_progress_in_a_log(self):
        self.remove("sleep")
        self.stub("sleep", 'case $1 in 10) exec /bin/sleep 0.2 ;; esac; exec /bin/sleep "$1"')
        said = self.bootstrap("build", FAKE_BUILD_TAKES="1")
        self.assertRegex(said, r"(?m)^bootstrap: building: 1 of 3 files, \d+ s$")
        self.assertNotIn("\r", said)

    def test_progress_on_a_terminal(self):
        master, slave = open_terminal(self)
        running = subprocess.Popen(
            [os.path.join(self.tree, "bootstrap"), "build"],
            stderr=slave,
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            env=self.environment(FAKE_BUILD_TAKES="2.5", TERM="xterm"),
        )
        os.close(slave)
        said = b""
        try:
            while data := os.read(master, 4096):
                said += data
        except OSError:
            pass  # closed by the other side
        os.close(master)
        self.assertEqual(running.wait(timeout=60), 0, said)
        self.assertRegex(said, rb"\r\x1b\[K\[1/3\] libaudit/os/fs\.cpp, \d+ s\r\x1b\[K")

    def test_a_quick_build_does_not_wait_for_its_progress(self):
        self.bootstrap("build")
        started = time.monotonic()
        self.bootstrap("build")
        self.assertLess(time.monotonic() - started, 5)  # the progress is reported every 10 s


if __name__ == "__main__":
    unittest.main()
