"""Builds, and the tests that run in what was built."""

import json
import os
import re
import shutil
import sys
import tempfile
import xml.etree.ElementTree

import client_venvs
from suite_run import (BUILD, COMMAND_TIMEOUT, JOBS, LOGS, ROOT, SANITIZER_OPTIONS, TESTS, Ran, Tally, environment_of,
                       fixed_addresses, run)

BUILD_PRIORITY = 10  # of nice: tests that run beside it are served first


def build(preset, *targets, testing=True):
    """Configures and builds a preset; without targets all of it. A failed file does not keep the others from being compiled."""
    folder = os.path.join(BUILD, preset)
    configure = ["cmake", "--preset", preset, f"-DBUILD_TESTING={'ON' if testing else 'OFF'}", "-DHFAUDIT_WERROR=ON"]
    if is_from_elsewhere(os.path.join(folder, "CMakeCache.txt")):
        shutil.rmtree(folder)
    configured = run(configure, nice=BUILD_PRIORITY)
    tally = Tally(output=configured.out + configured.err, processor_s=configured.processor_s)
    built = configured.code == 0
    if built:
        ninja = run([*fixed_addresses(preset), "ninja", "-C", folder, "-k", "0", "-j", str(JOBS), *targets], SANITIZER_OPTIONS,
                    nice=BUILD_PRIORITY)
        tally.output += ninja.out + ninja.err
        tally.processor_s += ninja.processor_s
        built = ninja.code == 0
    tally.passed, tally.failed = int(built), int(not built)
    return tally


def is_from_elsewhere(cache):
    """A build folder that was copied with its checkout is of no use to CMake."""
    if not os.path.exists(cache):
        return False
    with open(cache, encoding="utf-8", errors="replace") as lines:
        return f"CMAKE_HOME_DIRECTORY:INTERNAL={ROOT}\n" not in lines


def missing_program(path):
    return None if os.access(path, os.X_OK) else Tally(failed=1, output=f"{os.path.relpath(path, ROOT)} was not built\n")


# Unit tests -----------------------------------------------------------------------------------------------------------

def unit_tests(preset, only=""):
    """All unit tests in one process. `only` is a part of the name of a test or of its source file."""
    program = os.path.join(BUILD, preset, "tests", "hfaudit_unit")
    if missing := missing_program(program):
        return missing
    command = [*fixed_addresses(preset), program]
    report = os.path.join(LOGS, f"unit-{preset}.xml")
    ran = run([*command, *unit_selection(only), "--reporter", "xml", "--out", report], SANITIZER_OPTIONS)
    tally = Tally(output=ran.out + ran.err, processor_s=ran.processor_s)
    with open(report, encoding="utf-8", errors="replace") as file:
        results = read_results(file.read())
    failed = [name for name, passed in results if not passed]
    tally.passed, tally.failed = len(results) - len(failed), len(failed)
    if failed:  # once more, in words for people
        again = run([*command, ",".join(map(escaped, failed))], SANITIZER_OPTIONS)
        tally.output += "".join(f"failed: {name}\n" for name in failed) + again.out + again.err
    elif ran.code != 0 or not results:
        tally.failed += 1
        tally.output += f"{program} ended with {ran.code} after {len(results)} tests\n"
    return tally


def read_results(text):
    """(name, passed) of each test case in Catch2's XML, which breaks off where the program crashed."""
    cases = re.findall(r'<TestCase name="([^"]*)".*?(?=<TestCase |\Z)', text, re.DOTALL)
    bodies = re.split(r"<TestCase ", text)[1:]
    unescape = xml.etree.ElementTree.fromstring
    return [(unescape(f"<x>{name}</x>").text.strip(), '<OverallResult success="true"' in body)
            for name, body in zip(cases, bodies)]


def unit_selection(only):
    if not only:
        return []
    names = []
    for place, _, files in os.walk(os.path.join(TESTS, "unit")):
        for file in files:
            if only.lower() in file.lower():
                with open(os.path.join(place, file), encoding="utf-8") as source:
                    names += re.findall(r'^TEST_CASE\("((?:[^"\\]|\\.)*)"', source.read(), re.MULTILINE)
    return [",".join(map(escaped, names)) if names else f"*{escaped(only)}*"]


def escaped(name):
    """A test's name as Catch2's command line takes it."""
    return re.sub(r"([\\,\[\]*])", r"\\\1", name)


# Fixtures -------------------------------------------------------------------------------------------------------------

def fixtures(preset, only="", every=1):
    """All fixtures in one process: scan, verify and repair of each."""
    program = os.path.join(BUILD, preset, "tests", "fixtures", "hfaudit-fixture-judge")
    if missing := missing_program(program):
        return missing
    words = ["--filter", only] if only else []
    ran = run([*fixed_addresses(preset), program, "--every", str(every), *words, os.path.join(ROOT, "fixtures")],
              SANITIZER_OPTIONS)
    last = re.findall(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", ran.out, re.MULTILINE)
    tally = Tally(*map(int, last[-1])) if last else Tally(failed=1)
    if ran.code != 0 and not tally.failed or not tally.passed + tally.skipped:
        tally.failed += 1
    tally.output = "".join(f"{line}\n" for line in ran.out.splitlines() if not line.startswith("ok ")) + ran.err
    tally.processor_s = ran.processor_s
    return tally


# Tests in Python ------------------------------------------------------------------------------------------------------

def python_tests(folder, preset, only="", show=False, processes=1, names="", alone=0, leaks=""):
    """The unittests of a folder, class by class in several processes. `only` is a part of a test's name, `names` a regular
    expression that names match from their beginning. A class of more than `alone` tests is divided, 0: never. Leaks are
    searched for in the tests that match `leaks`."""
    env, without_leaks = environment_of(preset), environment_of(preset, leaks=False)
    for name in ("HFAUDIT", "HFAUDIT_FIXTURE"):
        if missing := missing_program(env[name]):
            return missing
    folder = os.path.join(TESTS, folder)
    program = [*fixed_addresses(preset), sys.executable]
    chosen = [name for name in test_names(folder, env) if re.match(names, name) and only.lower() in name.lower()]
    if not chosen:
        return Tally(failed=1, output=f"no test in {os.path.relpath(folder, ROOT)} has {only!r} in its name\n")
    total = Tally()
    with tempfile.TemporaryDirectory() as scratch:
        portions = [{"names": names, "environment": env if re.match(leaks, names[0]) else without_leaks,
                     "said": os.path.join(scratch, str(number))} for number, names in enumerate(deal(chosen, alone))]
        jobs = os.path.join(scratch, "jobs.json")
        with open(jobs, "w", encoding="utf-8") as file:
            json.dump({"processes": processes, "timeout_s": COMMAND_TIMEOUT, "portions": portions}, file)
        whole = run([*program, os.path.join(TESTS, "support", "run_portions.py"), jobs], env, folder,
                    timeout=COMMAND_TIMEOUT * len(portions))
        for portion in portions:
            total.add(count_unittest(what_ran(portion["said"], whole), show))
    total.processor_s = whole.processor_s
    return total


def what_ran(said, whole):
    """The end of a portion as run() reports that of a command. `whole` is the end of the process that started it."""
    if not os.path.exists(said + ".json"):
        return Ran(whole.code or 1, "", whole.err, 0)
    with open(said + ".json", encoding="utf-8") as file:
        ended = json.load(file)
    texts = []
    for suffix in (".out", ".err"):
        with open(said + suffix, encoding="utf-8", errors="replace") as file:
            texts.append(file.read())
    return Ran(ended["code"], *texts, ended["processor_s"])


def test_names(folder, env):
    ran = run([sys.executable, os.path.join(TESTS, "support", "list_tests.py"), folder], env)
    if ran.code != 0:
        raise OSError(f"the tests of {folder} cannot be listed: {ran.err}")
    return ran.out.split()


def deal(names, alone):
    """The tests in the portions that one process runs: a class, or a part of one; large portions come first."""
    by_class = {}
    for name in names:
        by_class.setdefault(name.rpartition(".")[0], []).append(name)
    portions = []
    for members in by_class.values():
        size = alone or len(members)
        portions += [members[i:i + size] for i in range(0, len(members), size)]
    return sorted(portions, key=len, reverse=True)


def count_unittest(ran, show):
    runs = re.findall(r"^Ran (\d+) tests? in ", ran.err, re.MULTILINE)
    bad = re.findall(r"^(?:OK|FAILED) \((.*)\)$", ran.err, re.MULTILINE)
    counts = dict(part.split("=") for part in bad[-1].split(", ")) if bad else {}
    failed = sum(int(counts.get(name, 0)) for name in ("failures", "errors", "unexpected successes"))
    skipped = int(counts.get("skipped", 0))
    passed = max(0, (int(runs[-1]) if runs else 0) - failed - skipped)
    if ran.code != 0 or not runs or not passed + skipped:
        failed = max(failed, 1)
    reasons = "".join(f"{line}\n" for line in ran.err.splitlines() if " ... skipped " in line)
    said = "".join(f"{line}\n" for line in ran.err.splitlines() if not line.endswith(" ... ok"))
    return Tally(passed, failed, skipped, ran.out + said if failed or show else "", (ran.out if show else "") + reasons,
                 ran.processor_s)


def environments(linter):
    """The virtual environments of the real clients and of the linter, made once: pip mostly waits."""
    client_venvs.ensure_all()
    client_venvs.ensure_of("lint", (linter,))
    return Tally(passed=1)
