"""Runs unittests in portions, each in a process forked from one that has imported all of their modules: a start of Python and
its imports are a fifth of a second, as much as the tests of many a portion.

    python3 tests/support/run_portions.py JOBS

in the folder of the tests. JOBS is a JSON file: {"processes": how many at once, "timeout_s": for a portion, "portions":
[{"names": tests, "environment": variables, "said": a file's name}]}. Each portion leaves its standard output in <said>.out, its
errors in <said>.err and {"code": exit code, "processor_s": seconds} in <said>.json.
"""

import gc
import json
import os
import signal
import sys
import time
import unittest

PAUSE_S = 0.02


def import_modules(portions):
    for module in sorted({name.partition(".")[0] for portion in portions for name in portion["names"]}):
        __import__(module)


def run_all(jobs):
    """Returns the portion that the calling process is to run, None in the parent at the end."""
    waiting, running = list(jobs["portions"]), {}
    while waiting or running:
        while waiting and len(running) < jobs["processes"]:
            portion = waiting.pop(0)
            pid = os.fork()
            if pid == 0:
                return portion
            running[pid] = portion, time.monotonic() + jobs["timeout_s"]
        time.sleep(PAUSE_S)
        for pid, (portion, end) in list(running.items()):
            late = time.monotonic() > end
            if late:
                os.kill(pid, signal.SIGKILL)
            ended, status, usage = os.wait4(pid, 0 if late else os.WNOHANG)
            if ended:
                del running[pid]
                if late:
                    with open(portion["said"] + ".err", "a", encoding="utf-8") as file:
                        file.write(f"\nstopped: not done after {jobs['timeout_s']} s\n")
                with open(portion["said"] + ".json", "w", encoding="utf-8") as file:
                    json.dump({"code": os.waitstatus_to_exitcode(status), "processor_s": usage.ru_utime + usage.ru_stime}, file)
    return None


def run(portion):
    for number, suffix in ((1, ".out"), (2, ".err")):
        file = os.open(portion["said"] + suffix, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.dup2(file, number)
        os.close(file)
    os.environ.update(portion["environment"])
    unittest.main(module=None, argv=["python3 -m unittest", "-v", *portion["names"]])  # ends as that command does


if __name__ == "__main__":
    sys.path[0] = os.getcwd()
    with open(sys.argv[1], encoding="utf-8") as file:
        todo = json.load(file)
    import_modules(todo["portions"])
    gc.freeze()
    if mine := run_all(todo):
        run(mine)
