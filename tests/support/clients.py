"""Real Hugging Face clients of several ages, one line each.

    with Hub(make_model("acme/six"), faults=[barrier("half", 1 << 20, path="*-00003-*")]) as hub:
        running = client("1.17").start(hub, home, "acme/six")
        hub.wait_held("half")
        running.kill_after(6 << 20)             # SIGKILL once so many bytes are on disk
        assert client("1.17").offline_load(home, "acme/six").exit_code

`home` becomes HF_HOME. HOME and XDG_CACHE_HOME point beside it, never at the real ones; anything but
loopback runs into a closed proxy; every run has a deadline. Only processes started here are ended.
"""

import json
import os
import signal
import stat
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

import client_venvs
from client_processes import Zygote
from client_venvs import NEWEST, VERSIONS, numbers  # noqa: F401

RUNNER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "client_runner.py")
STEP = 64 << 10  # bytes that a client reads before it writes, see client_runner
TIMEOUT = 120
NO_HUB = "http://127.0.0.1:9"  # discard: refused at once


@dataclass(frozen=True)
class Result:
    exit_code: int  # negative: ended by that signal
    stdout: str
    stderr: str
    seconds: float

    @property
    def value(self):
        """What the call returned (the last line of the output, as JSON)."""
        return json.loads(self.stdout.splitlines()[-1])

    def must(self):
        """This result where the run succeeded; else an error that shows why not."""
        if self.exit_code:
            raise AssertionError(f"client exited with {self.exit_code}:\n{self.stderr[-3000:]}")
        return self


def environment(home, hub=None, **more):
    """The whole environment of a client: nothing of ours leaks in."""
    home = os.path.abspath(home)
    user = home + ".user"
    os.makedirs(os.path.join(user, "tmp"), exist_ok=True)
    env = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8",
        "HOME": user, "XDG_CACHE_HOME": os.path.join(user, ".cache"),
        "TMPDIR": os.path.join(user, "tmp"), "HF_HOME": home,
        "HF_ENDPOINT": hub.url if hub else NO_HUB,
        "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "http_proxy": NO_HUB, "https_proxy": NO_HUB, "no_proxy": "127.0.0.1,127.0.0.2,localhost",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    env |= {name: str(value) for name, value in more.items() if value is not None}
    return env


def bytes_on_disk(home, *more):
    """Bytes of blobs and partials under a home (and `more` folders): what a download has achieved."""
    total = 0
    for root in (os.path.join(home, "hub"), *more):
        for folder, _, names in os.walk(root):
            if {"refs", "trees", ".locks"} & set(folder[len(root):].split(os.sep)):
                continue
            for name in names:
                try:
                    status = os.lstat(os.path.join(folder, name))
                except FileNotFoundError:
                    continue
                if stat.S_ISREG(status.st_mode):
                    total += status.st_size
    return total


def wait_until(condition, what, timeout=60):
    """Polls a condition; an error that says what never happened."""
    until = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {timeout} s: {what}")
        time.sleep(0.005)


def program(command, env):
    """How Running starts a program in a session of its own and in $HOME."""
    def start(out, err):
        return subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=env["HOME"],
                                start_new_session=True, umask=0o022)
    return start


class Running:
    """A client at work. Its deadline holds even when nobody waits for it."""

    def __init__(self, start, home, timeout=TIMEOUT, local_dir=None):
        self.home, self.local_dir, self._began = home, local_dir, time.monotonic()
        self._result = None
        # Files, not pipes: a client that says a lot must never block on us.
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self._process = start(self._out, self._err)
        self.pid = self._process.pid
        self._watchdog = threading.Timer(timeout, self._process.kill)
        self._watchdog.daemon = True
        self._watchdog.start()

    @property
    def alive(self):
        return self._process.poll() is None

    def wait(self):
        """Until it ends by itself or by its deadline."""
        if self._result is None:
            code = self._process.wait()
            self._watchdog.cancel()
            texts = []
            for file in (self._out, self._err):
                with file:
                    file.seek(0)
                    texts.append(file.read().decode(errors="replace"))
            self._result = Result(code, *texts, time.monotonic() - self._began)
        return self._result

    def kill(self, number=signal.SIGKILL):
        """Ends it (SIGKILL: no cleanup at all) and waits for it."""
        self._process.send_signal(number)
        return self.wait()

    def wait_bytes(self, count, timeout=60):
        """Waits until so many bytes of blobs and partials are on disk."""
        folders = (self.home, self.local_dir) if self.local_dir else (self.home,)
        def arrived():
            if not self.alive:
                raise AssertionError(f"the client ended early: {self.wait().stderr[-2000:]}")
            return bytes_on_disk(*folders) >= count
        wait_until(arrived, f"{count} bytes on disk, there are {bytes_on_disk(*folders)}", timeout)

    def kill_after(self, count):
        """SIGKILL once so many bytes are on disk. With a barrier in the Hub that holds the rest back
        this is exact; with a throttle, nearly."""
        self.wait_bytes(count)
        return self.kill()


class Client:
    """One version of the client."""

    def __init__(self, version):
        self.version = version
        self.numbers = numbers(version)
        self.venv = client_venvs.ensure(version)
        self.python = os.path.join(self.venv, "bin", "python")
        self._zygote = None  # made with the first job

    def at_least(self, version):
        return self.numbers >= numbers(version)

    def start(self, hub, home, repo_id, *, filename=None, step=STEP, timeout=TIMEOUT, env=None,
              identity=None, **arguments):
        """Starts snapshot_download (hf_hub_download where `filename` is given) with its own keyword
        arguments: revision, repo_type, allow_patterns, local_dir, max_workers, force_download…
        `identity`: of subprocess.Popen, where another user runs it: user, group, extra_groups, umask."""
        if filename:
            arguments["filename"] = filename
        job = {"call": "file" if filename else "snapshot", "step": step,
               "arguments": {"repo_id": repo_id} | arguments}
        return self._job(job, home, hub, env, timeout, arguments.get("local_dir"), identity)

    def download(self, hub, home, repo_id, **options):
        """The same, to its end."""
        return self.start(hub, home, repo_id, **options).wait()

    def offline_load(self, home, repo_id, env=None, identity=None, **arguments):
        """What a program does that loads a model with HF_HUB_OFFLINE=1: exit code 0 and the folder."""
        job = {"call": "snapshot", "arguments": {"repo_id": repo_id} | arguments}
        env = {"HF_HUB_OFFLINE": 1} | (env or {})
        return self._job(job, home, None, env, TIMEOUT, None, identity).wait()

    def publish_shared(self, home, repo):
        """Moves the downloaded LFS blobs of a Repo into the shared blob store (2.x)."""
        hashes = {file.etag: file.content.xet_hash for file in repo.head.files.values() if file.lfs}
        job = {"call": "publish", "folder": repo.folder, "xet_hashes": hashes}
        return self._job(job, home, None, None, TIMEOUT).wait()

    def link_shared(self, home, repo, paths):
        """Links the blobs of these paths of a Repo from the shared blob store (2.x)."""
        files = {repo.head.files[path] for path in paths}
        blobs = {file.etag: (file.content.xet_hash, file.content.size) for file in files}
        job = {"call": "link", "folder": repo.folder, "blobs": blobs}
        return self._job(job, home, None, None, TIMEOUT).wait()

    def cache_verify(self, hub, home, repo_id, *options):
        """`hf cache verify`, since 1.1."""
        return self.cli(hub, home, "cache", "verify", repo_id, *options)

    def cache_ls(self, home, *options):
        """`hf cache ls`, and what it was called before 1.0."""
        if self.at_least("1.0"):
            return self.cli(None, home, "cache", "ls", *options)
        words = ("cache", "scan") if self.at_least("0.34") else ("scan-cache",)
        return self.cli(None, home, *words, *options)

    def cli(self, hub, home, *words, env=None, timeout=TIMEOUT):
        """The command line: `hf`, before 0.34 `huggingface-cli`."""
        programs = (os.path.join(self.venv, "bin", name) for name in ("hf", "huggingface-cli"))
        command = [next(program for program in programs if os.path.exists(program)), *words]
        return Running(program(command, environment(home, hub, **(env or {}))), home, timeout).wait()

    def run_python(self, code, home, hub=None, env=None, timeout=TIMEOUT):
        """Any code in this client's environment."""
        variables = environment(home, hub, **(env or {}))
        return Running(program([self.python, "-c", code], variables), home, timeout).wait()

    def _job(self, job, home, hub, env, timeout, local_dir=None, identity=None):
        if self._zygote is None:
            self._zygote = Zygote(self.python)
        variables = environment(home, hub, **(env or {}))

        def start(out, err):
            return self._zygote.start([RUNNER, json.dumps(job)], variables, out, err, **(identity or {}))
        return Running(start, home, timeout, local_dir)


_clients = {}


def client(version):
    """The client of this version; its environment is made on first use."""
    if version not in _clients:
        _clients[version] = Client(version)
    return _clients[version]
