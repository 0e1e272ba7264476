"""Runs commands for the suite and counts what they report. A result is a Tally."""

import os
import select
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TESTS = os.path.join(ROOT, "tests")
BUILD = os.path.join(ROOT, "build")
LOGS = os.path.join(BUILD, "test-logs")
JOBS = os.cpu_count() or 1
COMMAND_TIMEOUT = 1800

SANITIZER_OPTIONS = {
    # Traces of ten callers and stacks of 64 KiB for the frames that are watched after their return: larger ones take a fifth
    # of the time of a short command.
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1"
                    ":max_uar_stack_size_log=16:malloc_context_size=10",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "LSAN_OPTIONS": "print_suppressions=0:suppressions=" + os.path.join(os.path.dirname(os.path.abspath(__file__)), "leaks.txt"),
    "TSAN_OPTIONS": "halt_on_error=1:atexit_sleep_ms=0",  # the thread that waits for signals outlives main()
}


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    output: str = ""  # goes to the log, and is printed when a test failed
    shown: str = ""  # is always printed
    processor_s: float = 0.0

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.output += other.output
        self.shown += other.shown
        self.processor_s += other.processor_s


# The process groups of run(), and whether stop_all() has ended them.
_running, _stopped = set(), []


@dataclass
class Ran:
    code: int
    out: str
    err: str
    processor_s: float


def run(command, env=None, cwd=ROOT, timeout=COMMAND_TIMEOUT, nice=0):
    """Runs a command without input to its end. It and what it started are killed at the timeout and at an exception."""
    if _stopped:
        raise RuntimeError("interrupted")
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(["nice", "-n", str(nice), *command] if nice else command, cwd=cwd, stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=err, env={**os.environ, **(env or {})}, start_new_session=True)
        _running.add(process.pid)
        try:
            in_time = wait_until_ended(process.pid, timeout)
            if not in_time:
                os.killpg(process.pid, signal.SIGKILL)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            _running.discard(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said = [read_text(out), read_text(err)]
    if not in_time:
        said[1] += f"\nstopped: not done after {timeout} s\n"
    return Ran(process.returncode, *said, usage.ru_utime + usage.ru_stime)


def stop_all():
    """Kills what run() has started, in whatever thread, and lets it start nothing more."""
    _stopped.append(True)
    for group in list(_running):
        os.killpg(group, signal.SIGKILL)


def wait_until_ended(pid, timeout):
    """Waits for a child without reaping it, so that wait4 can report the processor time of the whole family."""
    descriptor = os.pidfd_open(pid)
    try:
        return bool(select.select([descriptor], [], [], timeout)[0])
    finally:
        os.close(descriptor)


def read_text(file):
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def check(*command, env=None, nice=0):
    """A command as one test: passed if it exits with 0."""
    ran = run(command, env, nice=nice)
    return Tally(passed=int(ran.code == 0), failed=int(ran.code != 0), output=ran.out + ran.err, processor_s=ran.processor_s)


def source_files(*suffixes, under=("include", "libaudit", "tools", "tests")):
    """The checkout's files with such names, sorted."""
    found = []
    for folder in under:
        for place, _, names in os.walk(os.path.join(ROOT, folder)):
            found += [os.path.join(place, name) for name in names if name.endswith(suffixes)]
    return sorted(found)


def fixed_addresses(preset):
    """TSan of these compilers fails under the address randomisation of newer kernels."""
    if preset != "tsan" or run(["setarch", "-R", "true"]).code != 0:
        return []
    return ["setarch", "-R"]


def environment_of(preset, leaks=True):
    """The variables by which tests find the programs of a build. `leaks`: a program of AddressSanitizer looks for leaks at
    its end, which takes as long as its start."""
    folder = os.path.join(BUILD, preset)
    options = SANITIZER_OPTIONS if leaks else {
        **SANITIZER_OPTIONS, "ASAN_OPTIONS": SANITIZER_OPTIONS["ASAN_OPTIONS"].replace("detect_leaks=1", "detect_leaks=0")}
    return {**options,
            "HFAUDIT": os.path.join(folder, "tools", "hfaudit"),
            "HFAUDIT_FIXTURE": os.path.join(BUILD, fixtures_from(preset), "tests", "support", "hfaudit-fixture"),
            "HFAUDIT_BUILD": folder}


def fixtures_from(preset):
    """The build whose program makes the fixtures. Under a sanitizer that takes longer than the program that is tested; the
    groups `fixtures-asan` and `fixtures-tsan` make each of them in a program with sanitizers."""
    return "release" if preset in ("asan", "tsan", "static") else preset


def seconds_since(started):
    return time.monotonic() - started
