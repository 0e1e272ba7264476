"""Runs inside a client's virtual environment: starts jobs of client_runner.py by forking, so that what the client imports of
others, two thirds of its start, is imported once. The client itself reads its environment when it is imported, and is
therefore imported by each job.

Each message on the socket that argv[1] names is one job, as JSON, with three descriptors: the job's output, its errors, and a
pipe. A process of the job's own writes two lines there: the job's process id, and once it has ended how, as subprocess does.
The end of the socket ends this process, but no job.
"""

import contextlib
import json
import os
import runpy
import select
import signal
import socket
import sys

OTHERS = ("asyncio", "concurrent.futures", "filelock", "fsspec", "httpx", "json", "packaging.version", "requests", "shutil", "ssl",
          "tempfile", "tqdm.auto", "typing_extensions", "yaml")
MOST_BYTES = 1 << 20  # of a message


def import_others():
    for name in OTHERS:
        try:
            __import__(name)
        except ImportError:  # this version of the client uses something else
            pass


def next_job(requests):
    """Waits for jobs and returns one in a new process that is to run it; None in this process at the end."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, MOST_BYTES, 3)
        reap(os.WNOHANG)
        if not message:
            reap(0)
            return None
        if os.fork() == 0:
            requests.close()
            job = json.loads(message)
            if start_and_watch(*descriptors):
                return job
            os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)


def reap(options):
    """Waits for the processes of jobs that have ended, or for all: their processor time becomes this one's, and so the suite's."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, options)[0]:
            pass


def start_and_watch(out, err, told):
    """True in the job's process, False in its parent at the end. The job stays a zombie, so that its number is no other's, until
    the code has been read."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.dup2(out, 1)
        os.dup2(err, 2)
        for descriptor in (out, err, told):
            os.close(descriptor)
        return True
    os.close(out)
    os.close(err)
    with contextlib.suppress(BrokenPipeError):
        os.write(told, f"{pid}\n".encode())
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        code = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        os.write(told, f"{code}\n".encode())
        reader = select.poll()
        reader.register(told, 0)
        reader.poll()  # until the reader has closed the pipe
    os.waitpid(pid, 0)
    return False


def become(job):
    """The user, folder and environment of a job."""
    os.umask(job["umask"])
    if job["extra_groups"] is not None:
        os.setgroups(job["extra_groups"])
    if job["group"] is not None:
        os.setgid(job["group"])
    if job["user"] is not None:
        os.setuid(job["user"])
    os.environ.clear()
    os.environ.update(job["environment"])
    os.chdir(os.environ["HOME"])
    sys.argv = job["command"]
    sys.path[1:1] = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))


def main():
    import_others()
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        job = next_job(requests)
    if job:
        become(job)
        sys.path[0] = os.path.dirname(sys.argv[0])
        runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
