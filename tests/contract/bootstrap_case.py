"""Base of the tests of bootstrap: a copy of it, among programs that only record their calls."""

import os
import shutil
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
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
