"""bootstrap on machines that have less than it needs: a copy of it, among programs that only record their calls."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path.insert(0, os.path.join(HERE, "..", "support"))

from system import mount, open_terminal  # noqa: E402

REAL = (
    "cat chmod cut date dirname env find grep head ls mkdir mv readlink rm sed sh sleep stty tail touch tr"
    " uname"
).split()
SUITE = 'GROUPS = (\n    Group("format", formatting),\n    Group("cli", lambda: 0),\n    Group("cli-asan",\n)\n'

STUBS = {
    "id": 'echo "${FAKE_UID:-0}"',
    "dpkg-query": '[ -n "$FAKE_MISSING" ] || printf installed',
    "apt-get": """
echo "apt-get $*" >>"$CALLS"
case " $* " in *" ${FAKE_APT_FAILS:-none} "*) echo "$FAKE_OUTPUT"; exit 100 ;; esac
case " $* " in *" download "*) touch libclang-rt-19-dev.deb ;; esac
""",
    "dpkg-deb": """
echo "dpkg-deb $*" >>"$CALLS"
mkdir -p usr/lib/llvm-19/lib/clang/19/lib/linux
touch "usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.asan-$(uname -m).a"
""",
    # `--preset` makes a build folder, `--build` the programs in it.
    "cmake": """
echo "cmake $*" >>"$CALLS"
case $1 in
  --preset)
    [ -z "$FAKE_CONFIGURE_FAILS" ] || { echo "$FAKE_OUTPUT"; exit 1; }
    mkdir -p "build/$2"
    {
      echo "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD"
      for word; do case $word in -D*) echo "${word#-D}" | sed 's/=/:STRING=/' ;; esac; done
    } >"build/$2/CMakeCache.txt"
    touch "build/$2/build.ninja"
    ;;
  --build)
    echo "${NINJA_STATUS:+[1/3] }Building CXX object libaudit/CMakeFiles/hfaudit.dir/os/fs.cpp.o"
    [ -z "$FAKE_BUILD_TAKES" ] || sleep "$FAKE_BUILD_TAKES"
    if [ -n "$FAKE_BUILD_FAILS" ] && grep -q "WERROR:STRING=$FAKE_BUILD_FAILS" "$2/CMakeCache.txt"; then
      echo "$FAKE_OUTPUT"
      exit 1
    fi
    mkdir -p "$2/tools" "$2/tests/support"
    echo 'echo "hfaudit $*" >>"$CALLS"; exit ${FAKE_SCAN:-1}' >"$2/tools/hfaudit"
    echo '[ -z "$FAKE_DEMO_FAILS" ] || { echo "$FAKE_OUTPUT"; exit 1; }' >"$2/tests/support/hfaudit-fixture"
    chmod +x "$2/tools/hfaudit" "$2/tests/support/hfaudit-fixture"
    ;;
esac
""",
    "df": 'echo "Filesystem 1024-blocks Used Available Capacity Mounted"; echo "tmpfs 9 9 ${FAKE_FREE:-9999999} 99% /"',
    "sudo": 'echo "sudo $*" >>"$CALLS"; env "$@"',
    "python3": 'case $1 in -c) exit 0 ;; esac; echo "python3 $*" >>"$CALLS"',
    "clang-19": "echo /nowhere",
}
PROGRAMS = "g++ ninja readelf mandoc mount openssl shellcheck strace clang-format-19 unshare setpriv".split()
FULL = "fatal error: error writing to /tmp/x.s: No space left on device"


class BootstrapCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.scratch = tempfile.mkdtemp(prefix="hfaudit-bootstrap-")
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)
        self.tree = os.path.join(self.scratch, "tree")
        self.bin = os.path.join(self.scratch, "bin")
        self.calls = os.path.join(self.scratch, "calls")
        self.home = os.path.join(self.scratch, "user")
        for folder in (self.tree, self.bin, self.home):
            os.mkdir(folder)
        shutil.copy(os.path.join(ROOT, "bootstrap"), self.tree)
        self.write(os.path.join(self.tree, "tests", "suite.py"), SUITE)
        for name in REAL:
            os.symlink(shutil.which(name, path="/usr/bin:/bin"), os.path.join(self.bin, name))
        for name in PROGRAMS:
            self.stub(name, "")
        for name, text in STUBS.items():
            self.stub(name, text)

    def write(self, path, text=""):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def make(self, path):
        """An empty file, or a folder if the path ends with a slash."""
        if path.endswith("/"):
            os.makedirs(path)
        else:
            self.write(path)

    def stub(self, name, text):
        self.write(os.path.join(self.bin, name), f"#!/bin/sh\nset -e\n{text}\n")
        os.chmod(os.path.join(self.bin, name), 0o755)

    def remove(self, *names):
        for name in names:
            os.unlink(os.path.join(self.bin, name))

    def environment(self, **more):
        return {
            "PATH": self.bin,
            "HOME": self.home,
            "CALLS": self.calls,
            "LC_ALL": "C.UTF-8",
            **more,
        }

    def bootstrap(self, *args, code=0, cwd=None, **environment):
        """Runs it; what it has printed."""
        done = subprocess.run(
            [os.path.join(self.tree, "bootstrap"), *args],
            env=self.environment(**environment),
            cwd=cwd or self.scratch,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(done.returncode, code, done.stdout)
        return done.stdout

    def called(self, *beginning):
        """The recorded calls of a program, or all of them."""
        if not os.path.exists(self.calls):
            return []
        with open(self.calls, encoding="utf-8") as file:
            return [line.rstrip("\n") for line in file if line.startswith(beginning or "")]


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


class FullDisk(BootstrapCase):
    def assert_names_the_disk(self, what, *args, output=FULL, **environment):
        said = self.bootstrap(*args, code=3, FAKE_OUTPUT=output, FAKE_FREE="5000", **environment)
        self.assertRegex(
            said.splitlines()[-1],
            rf"\Abootstrap: the disk is full: /\S* \(tmpfs\) has 4 MB free; {what}"
            r" needs about \d+ MB\Z",
        )
        return said

    def test_every_step(self):
        self.assert_names_the_disk("configuring the build", "build", FAKE_CONFIGURE_FAILS="yes")
        self.assert_names_the_disk("the build", "build", FAKE_BUILD_FAILS="ON")
        self.assert_names_the_disk("the demo", "scan", FAKE_DEMO_FAILS="yes")
        self.remove("g++")
        for step in ("update", "install"):
            self.assert_names_the_disk(
                f"apt-get {step}", "build", FAKE_APT_FAILS=step, FAKE_MISSING="yes"
            )

    def test_what_apt_knows_is_used(self):
        self.remove("g++")
        said = self.assert_names_the_disk(
            "apt-get install",
            "build",
            FAKE_APT_FAILS="install",
            FAKE_MISSING="yes",
            output="After this operation, 523 MB of additional disk space will be used.\n"
            "E: You don't have enough free space in /var/cache/apt/archives/.",
        )
        self.assertRegex(said, r"the disk is full: /var\S* ")
        self.assertIn("needs about 523 MB", said)

    def test_dpkg_names_a_folder(self):
        self.remove("g++")
        said = self.assert_names_the_disk(
            "apt-get install",
            "build",
            FAKE_APT_FAILS="install",
            FAKE_MISSING="yes",
            output="cannot copy extracted data for './usr/bin/none' to '/usr/bin/none.dpkg-new':"
            " failed to write (No space left on device)",
        )
        self.assertIn("the disk is full: /usr/bin ", said)

    def test_a_full_disk_that_is_none_of_those_known(self):
        said = self.bootstrap("build", code=3, FAKE_BUILD_FAILS="ON", FAKE_OUTPUT=FULL)
        self.assertIn(FULL, said)
        self.assertIn("bootstrap: a disk is full, see above: ", said)

    def test_an_empty_disk_without_a_word_in_the_log(self):
        said = self.bootstrap("build", code=3, FAKE_BUILD_FAILS="ON", FAKE_FREE="12")
        self.assertIn("has 0 MB free", said)

    def test_another_failure_is_not_taken_for_a_full_disk(self):
        said = self.bootstrap("build", code=3, FAKE_BUILD_FAILS="ON", FAKE_OUTPUT="error: wrong")
        self.assertNotIn("disk", said)

    def test_a_disk_on_which_not_even_a_log_fits(self):
        build = os.path.join(self.tree, "build")
        os.mkdir(build)
        self.remove("df")
        os.symlink(shutil.which("df"), os.path.join(self.bin, "df"))
        mount(self, "-t", "tmpfs", "-o", "size=64k,mode=755", "tmpfs", build)
        with open(os.path.join(build, "filler"), "wb", buffering=0) as file, self.assertRaises(
            OSError
        ):
            while True:
                file.write(b"x" * 4096)
        said = self.bootstrap("build", code=3)
        self.assertRegex(said, rf"the disk is full: {build}\S* \(tmpfs\) has 0 MB free; ")


class Scans(BootstrapCase):
    def setUp(self):
        super().setUp()
        self.hf = os.path.join(self.home, ".cache", "huggingface")

    def assert_demo(self, code=0, says="", **environment):
        said = self.bootstrap("scan", code=code, **environment)
        self.assertEqual(self.called("hfaudit")[-1], "hfaudit scan --hf-home build/demo", said)
        self.assertIn(says, said)

    def assert_scan(self, *args, **environment):
        said = self.bootstrap("scan", *args, code=7, FAKE_SCAN="7", **environment)
        self.assertEqual(self.called("hfaudit")[-1], " ".join(("hfaudit scan", *args)), said)
        self.assertNotIn("demo", said)

    def test_no_cache(self):
        self.assert_demo(says=f"{self.hf} does not exist")

    def test_a_named_folder_that_does_not_exist(self):
        absent = os.path.join(self.scratch, "absent")
        self.assert_demo(code=2, says=f"no such folder: {absent}", HF_HOME=absent)
        self.assert_demo(code=2, says=f"no such folder: {absent}", HF_HUB_CACHE=absent)
        self.assert_demo(code=2, says=f"no such folder: {self.home}/absent", HF_HOME="~/absent")

    def test_nothing_downloaded(self):
        """What login, the import of a client and an empty download folder leave."""
        for names in (
            (),
            ("token", "stored_tokens"),
            (".check_for_update_done", ".agent_harnesses.json"),
            ("hub/",),
            ("hub/.locks/",),
            ("hub/CACHEDIR.TAG", "hub/version.txt"),
            ("xet/logs/xet_1.log", "xet/logs/xet_2.log"),
        ):
            with self.subTest(names):
                shutil.rmtree(self.hf, ignore_errors=True)
                os.makedirs(self.hf)
                for name in names:
                    self.make(os.path.join(self.hf, name))
                where = (
                    os.path.join(self.hf, "hub")
                    if any(n.startswith("hub") for n in names)
                    else self.hf
                )
                self.assert_demo(says=f"nothing was downloaded to {where} yet")
                self.assert_demo(says="nothing was downloaded to", HF_HOME=self.hf)
                self.assert_demo(says="nothing was downloaded to", HF_HOME="~/.cache/huggingface")
        empty = os.path.join(self.scratch, "empty")
        os.mkdir(empty)
        self.assert_demo(says=f"nothing was downloaded to {empty} yet", HF_HUB_CACHE=empty)

    def test_anything_else_is_scanned(self):
        for name in (
            "hub/models--a--b/refs/main",
            "hub/models--a--b/",
            "models--a--b/",
            "models--a--b/refs/main",
            "hub/tmpabc",
            "hub/.locks/models--a--b/x.lock",
            "hub/blobs/ab/c",
            "xet/staging/a",
            "notes",
            "hub/token",
            "assets/x/y",
            "datasets--a--b/",
            "hub/two words",
            "hub/CACHEDIR.TAG.x",
        ):
            with self.subTest(name):
                shutil.rmtree(self.hf, ignore_errors=True)
                path = os.path.join(self.hf, name)
                self.make(path)
                self.assert_scan()
                self.assert_scan(HF_HOME=self.hf)
                if name.startswith("hub"):
                    self.assert_scan(HF_HUB_CACHE=os.path.join(self.hf, "hub"))

    def test_links(self):
        elsewhere = os.path.join(self.scratch, "disk")
        os.makedirs(elsewhere)
        os.makedirs(self.hf)
        os.symlink(elsewhere, os.path.join(self.hf, "hub"))
        self.assert_demo(says="nothing was downloaded to")
        self.write(os.path.join(elsewhere, "models--a--b", "refs", "main"))
        self.assert_scan()
        shutil.rmtree(elsewhere)
        self.assert_scan()  # a disk that is not mounted is no empty cache

    def test_a_file_in_place_of_a_folder(self):
        self.write(self.hf)
        self.assert_scan()

    def test_arguments_always_scan(self):
        self.assert_scan("--online")
        self.assert_scan("acme/six", HF_HOME=os.path.join(self.scratch, "absent"))

    def test_a_folder_that_cannot_be_read(self):
        hub = os.path.join(self.hf, "hub")
        os.makedirs(hub)
        for name in ("find", "ls"):  # root can read everything, so these two report it
            self.remove(name)
            self.stub(name, f"echo \"{name}: cannot open '$3': Permission denied\" >&2; exit 2")
            self.assert_scan()

    def test_a_demo_that_fails(self):
        self.assertIn(
            "exited with 0; the demo expects 1", self.bootstrap("scan", code=3, FAKE_SCAN="0")
        )


if __name__ == "__main__":
    unittest.main()
