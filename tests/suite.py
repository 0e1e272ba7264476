"""Everything that `./bootstrap test` runs, group by group. The last line is the sum of all single tests.

A group that fails prints what it said and the rest goes on. Logs stay in build/test-logs.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree
from dataclasses import dataclass

TESTS = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(TESTS, "support"))

import client_venvs  # noqa: E402

ROOT = os.path.dirname(TESTS)
BUILD = os.path.join(ROOT, "build")
LOGS = os.path.join(BUILD, "test-logs")
JOBS = os.cpu_count() or 1
GROUP_TIMEOUT = 1800
TEST_TIMEOUT = 120
MOST_LINES = 400  # of a failed group's output

FORMATTER = "clang-format-19"
LINTER = "clang-tidy==23.1.4"  # of PyPI: Debian's look into all headers of others, which takes twice as long
LINTED = ("libaudit", "tools")
ALIKE = ("release", "static")  # nearly all of their files are compiled alike, so once
THREADED = "test_(pull|verify|online|watch|repair_all)"  # command line tests of what has more threads than a scan

SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1",
}


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    output: str = ""
    shown: str = ""  # printed even when all is well

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


def run(command, env=None, cwd=ROOT, timeout=GROUP_TIMEOUT):
    """Exit code, standard output and standard error of a command that gets no input."""
    process = subprocess.Popen(
        command, cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True)
    try:
        out, err = process.communicate(timeout=timeout)
    except BaseException as stop:  # Ctrl-C too: what was started here does not outlive it
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        if not isinstance(stop, subprocess.TimeoutExpired):
            raise
        err += f"\nstopped: not done after {timeout} s\n"
    return process.returncode, out, err


def check(*command, env=None):
    """A command as one test: passed when it ends with 0."""
    code, out, err = run(command, env)
    return Tally(passed=int(code == 0), failed=int(code != 0), output=out + err)


def files(*suffixes, under=("include", "libaudit", "tools", "tests")):
    """Our files with such names, sorted."""
    found = []
    for folder in under:
        for place, _, names in os.walk(os.path.join(ROOT, folder)):
            found += [os.path.join(place, name) for name in names if name.endswith(suffixes)]
    return sorted(found)


# Builds and what runs in them -----------------------------------------------------------------------------------

def fixed_addresses(preset):
    """TSan of these compilers cannot live with all the address randomisation of newer kernels."""
    plain = preset != "tsan" or run(["setarch", "-R", "true"])[0] != 0
    return [] if plain else ["setarch", "-R"]


def build(preset, testing=True):
    folder = os.path.join(BUILD, preset)
    cache = os.path.join(folder, "CMakeCache.txt")
    env = {}
    if preset in ALIKE and shutil.which("ccache"):
        env = {"CCACHE_DIR": os.path.join(BUILD, "ccache"), "CCACHE_BASEDIR": ROOT, "CCACHE_NOHASHDIR": "1"}
    code, out, err = run(["cmake", "--preset", preset, f"-DBUILD_TESTING={'ON' if testing else 'OFF'}", "-DHFAUDIT_WERROR=ON"]
                         + (["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if env else [])
                         + (["--fresh"] if is_from_elsewhere(cache) else []), env)
    if code == 0:
        targets = [] if testing else ["--target", "hfaudit_cli", "hfaudit_fixture"]
        code, more, err = run([*fixed_addresses(preset), "cmake", "--build", folder, *targets, "--", "-k", "0"],
                              {**SANITIZER_OPTIONS, **env})
        out += more
    return Tally(passed=int(code == 0), failed=int(code != 0), output=out + err)


def is_from_elsewhere(cache):
    if not os.path.exists(cache):
        return False
    with open(cache, encoding="utf-8", errors="replace") as lines:
        return f"CMAKE_HOME_DIRECTORY:INTERNAL={ROOT}\n" not in lines


def ctest(preset):
    report = os.path.join(LOGS, f"unit-{preset}.xml")
    if os.path.exists(report):
        os.unlink(report)
    code, out, err = run([*fixed_addresses(preset), "ctest", "--test-dir", os.path.join(BUILD, preset),
                          "--label-exclude", "python", "--parallel", str(JOBS), "--timeout", str(TEST_TIMEOUT),
                          "--no-tests=error", "--output-on-failure", "--quiet", "--output-junit", report], SANITIZER_OPTIONS)
    tally = Tally(output=out + err)
    if os.path.exists(report):
        suite = xml.etree.ElementTree.parse(report).getroot()
        tally.output += "".join(f"{case.get('name')}\n{case.findtext('system-out', '')}\n"
                                for case in suite.iter("testcase") if case.get("status") == "fail")
        tally.failed = int(suite.get("failures", "0"))
        tally.skipped = int(suite.get("skipped", "0")) + int(suite.get("disabled", "0"))
        tally.passed = int(suite.get("tests", "0")) - tally.failed - tally.skipped
    if code != 0 or not tally.passed:
        tally.failed = max(tally.failed, 1)
    return tally


def python_tests(folder, preset, show=False, spread=False, only=""):
    """The unittests of a folder; `preset` is the build whose program they run. `spread`: they mostly wait, so many at once.
    `only`: those whose names it matches, a regular expression."""
    folder = os.path.join(TESTS, folder)
    build_folder = os.path.join(BUILD, preset)
    env = {**SANITIZER_OPTIONS,
           "HFAUDIT": os.path.join(build_folder, "tools", "hfaudit"),
           "HFAUDIT_FIXTURE": os.path.join(build_folder, "tests", "support", "hfaudit-fixture"),
           "HFAUDIT_BUILD": build_folder}
    for name in ("HFAUDIT", "HFAUDIT_FIXTURE"):
        if not os.access(env[name], os.X_OK):
            return Tally(failed=1, output=f"{env[name]} is not there\n")
    program = [*fixed_addresses(preset), sys.executable]
    if not spread:
        return count_unittest(*run([*program, "-m", "unittest", "discover", "-v", "-s", folder, "-t", folder], env), show)
    total = Tally()
    with concurrent.futures.ThreadPoolExecutor(len(hands := hand_out([name for name in test_names(folder, env) if re.match(only, name)], 5 * JOBS))) as pool:
        for ran in pool.map(lambda names: run([*program, "-m", "unittest", "-v", *names], env, folder), hands):
            tally = count_unittest(*ran, show)
            total.add(tally)
            total.output += tally.output
    return total


def test_names(folder, env):
    code, out, err = run([sys.executable, os.path.join(TESTS, "support", "list_tests.py"), folder], env)
    if code != 0:
        raise OSError(f"the tests of {folder} cannot be listed: {err}")
    return out.split()


def hand_out(names, hands):
    """Deals the tests out by class; those of a big class, which are alike, one by one."""
    by_class = {}
    for name in names:
        by_class.setdefault(name.rpartition(".")[0], []).append(name)
    many = 40
    dealt = [[] for _ in range(hands)]
    for name in [name for members in by_class.values() if len(members) > many for name in members]:
        min(dealt, key=len).append(name)
    for members in sorted((m for m in by_class.values() if len(m) <= many), key=len, reverse=True):
        min(dealt, key=len).extend(members)
    return [names for names in dealt if names]


def count_unittest(code, out, err, show):
    ran = re.findall(r"^Ran (\d+) tests? in ", err, re.MULTILINE)
    bad = re.findall(r"^(?:OK|FAILED) \((.*)\)$", err, re.MULTILINE)
    counts = dict(part.split("=") for part in bad[-1].split(", ")) if bad else {}
    failed = sum(int(counts.get(name, 0)) for name in ("failures", "errors", "unexpected successes"))
    skipped = int(counts.get("skipped", 0))
    passed = max(0, (int(ran[-1]) if ran else 0) - failed - skipped)
    if code != 0 or not ran or not passed + skipped:
        failed = max(failed, 1)
    reasons = "".join(f"{line}\n" for line in err.splitlines() if " ... skipped " in line)
    said = "".join(f"{line}\n" for line in err.splitlines() if not line.endswith(" ... ok"))
    return Tally(passed, failed, skipped, out + said, (out if show else "") + reasons)


# Checks of the text ---------------------------------------------------------------------------------------------

def formatting():
    tally = check(FORMATTER, "--dry-run", "-Werror", *files(".cpp", ".hpp"))
    first = dict.fromkeys(re.findall(r"^(/.*?\.[ch]pp):", tally.output, re.MULTILINE))
    if first:
        names = " ".join(os.path.relpath(name, ROOT) for name in first)
        tally.output = f"not as {FORMATTER} lays it out; run: {FORMATTER} -i {names}\n"
    return tally


def lint():
    """clang-tidy on what ships; a file that did not change since is not read again."""
    try:
        program = os.path.join(client_venvs.ensure_of("lint", (LINTER,)), "bin", "clang-tidy")
    except RuntimeError as error:
        return Tally(failed=1, output=f"{error}\n")
    with open(os.path.join(BUILD, "release", "compile_commands.json"), encoding="utf-8") as database:
        units = [entry for entry in json.load(database) if entry["file"].startswith(
            tuple(os.path.join(ROOT, folder) + os.sep for folder in LINTED))]
    state = hashlib.sha256(LINTER.encode())
    for name in files(".hpp", ".clang-tidy") + [os.path.join(ROOT, ".clang-tidy")]:
        with open(name, "rb") as file:
            state.update(file.read())
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        results = list(pool.map(lambda unit: lint_unit(program, unit, state.copy()), units))
    said = dict.fromkeys(block for code, out in results for block in re.split(r"(?m)^(?=/)", out) if code)
    failed = any(code for code, _ in results) or not results
    return Tally(passed=int(not failed), failed=int(failed), output="".join(said))


def lint_unit(program, unit, state):
    with open(unit["file"], "rb") as file:
        state.update(unit["command"].encode() + b"\0" + file.read())
    stamp = os.path.join(BUILD, "lint", state.hexdigest())
    if os.path.exists(stamp):
        return 0, ""
    # Debian 12's <algorithm> instantiates a deprecated name itself; the compilers tell of those that we use.
    code, out, err = run([program, "--quiet", "-p", os.path.join(BUILD, "release"),
                          "--extra-arg=-Wno-deprecated-declarations", unit["file"]])
    if code == 0:
        os.makedirs(os.path.dirname(stamp), exist_ok=True)
        with open(stamp, "wb"):
            pass
    return code, out + ("" if out else err)


def manual():
    pages = files(".1", ".7", under=("man",))
    return check("mandoc", "-T", "lint", "-W", "warning", *pages) if pages else Tally(failed=1, output="no pages\n")


def shell():
    return check("shellcheck", "bootstrap", ".ci/run", *files(".sh"), *files(".sh", under=("cmake", "examples")))


GROUPS = {
    "build-release": lambda: build("release"),
    "format": formatting,
    "shell": shell,
    "man": manual,
    "unit": lambda: ctest("release"),
    "contract": lambda: python_tests("contract", "release"),
    "cli": lambda: python_tests("cli", "release", spread=True),
    "build-static": lambda: build("static", testing=False),
    "static": lambda: python_tests("static", "static", show=True),
    "build-asan": lambda: build("asan"),
    "unit-asan": lambda: ctest("asan"),
    "cli-asan": lambda: python_tests("cli", "asan", spread=True),
    "build-tsan": lambda: build("tsan"),
    "unit-tsan": lambda: ctest("tsan"),
    "cli-tsan": lambda: python_tests("cli", "tsan", spread=True, only=THREADED),
    "interop": lambda: python_tests("interop", "release", show=True),
    "lint": lint,
}


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run_group(name):
    started, used = time.monotonic(), processor_seconds()
    try:
        tally = GROUPS[name]()
    except OSError as error:
        tally = Tally(failed=1, output=f"{error}\n")
    took = f"{time.monotonic() - started:.1f} s, {processor_seconds() - used:.1f} s of processor"
    log = os.path.join(LOGS, name + ".log")
    with open(log, "w", encoding="utf-8") as file:
        file.write(tally.output)
    if tally.failed:
        lines = tally.output.splitlines()
        if len(lines) > MOST_LINES:
            print(f"… {len(lines) - MOST_LINES} lines left out, see {os.path.relpath(log, ROOT)}")
        print("\n".join(lines[-MOST_LINES:]))
    elif tally.shown:
        print(tally.shown, end="")
    word = "FAILED" if tally.failed else "ok"
    skipped = f", {tally.skipped} skipped" if tally.skipped else ""
    print(f"{word:6} {name:14} {tally.passed} passed, {tally.failed} failed{skipped} ({took})", flush=True)
    return tally


def main(names):
    sys.stdout.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # through run(), which ends what it started
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        print(f"no such group: {' '.join(unknown)}; there are: {' '.join(GROUPS)}", file=sys.stderr)
        return 2
    os.makedirs(LOGS, exist_ok=True)
    total = Tally()
    for name in GROUPS:
        if not names or name in names:
            total.add(run_group(name))
    if total.skipped:
        print(f"skipped, see above: {total.skipped}")
    print(f"{total.passed} passed, {total.failed} failed")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
