"""Jobs of client_runner.py as processes, forked from one that has imported what all of them import (client_zygote.py)."""

import array
import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess

ZYGOTE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "client_zygote.py")


class Zygote:
    """Of one virtual environment. It ends with this process."""

    def __init__(self, python):
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
                       "HOME": "/nonexistent"}
        with theirs:
            self._process = subprocess.Popen([python, ZYGOTE, str(theirs.fileno())], env=environment, stdin=subprocess.DEVNULL,
                                             stdout=subprocess.DEVNULL, pass_fds=[theirs.fileno()], start_new_session=True)
        atexit.register(self._end)

    def _end(self):
        """Its processor time counts as this process's once it has been waited for."""
        self._requests.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(30)

    def start(self, command, environment, out, err, *, user=None, group=None, extra_groups=None, umask=0o022):
        """Runs a script, in a session of its own and in $HOME. What it says goes to the files `out` and `err`."""
        job = {"command": command, "environment": environment, "user": user, "group": group, "extra_groups": extra_groups,
               "umask": umask}
        told, theirs = os.pipe()
        try:
            descriptors = array.array("i", [out.fileno(), err.fileno(), theirs])
            self._requests.sendmsg([json.dumps(job).encode()],
                                   [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
        except OSError:
            os.close(told)
            raise
        finally:
            os.close(theirs)
        return ForkedProcess(os.fdopen(told, "rb", buffering=0))


class ForkedProcess:
    """What subprocess.Popen would be for it, as far as the tests need that."""

    def __init__(self, told):
        self._told, self._read, self._code = told, b"", None
        while b"\n" not in self._read:
            self._take()
        self.pid = int(self._read.partition(b"\n")[0])

    def _take(self):
        some = self._told.read(100)
        if not some:
            raise RuntimeError("the process that starts clients has ended")
        self._read += some

    def poll(self):
        """Its exit code, or the number of the signal that ended it, negative; None while it runs."""
        if self._code is None and (self._read.count(b"\n") == 2 or select.select([self._told], [], [], 0)[0]):
            return self.wait()
        return self._code

    def wait(self):
        while self._code is None:
            if self._read.count(b"\n") < 2:
                self._take()
                continue
            self._code = int(self._read.splitlines()[1])
            self._told.close()
        return self._code

    def send_signal(self, number):
        """Reads nothing: a timer may call this while another thread waits."""
        if self._code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)
