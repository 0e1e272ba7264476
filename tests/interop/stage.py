"""What every scenario stands on: a home to fill, a client to fill it with, a Hub to fill it from.

A scenario is a generator function. It makes a cache, and yields at the moment when somebody should
look at it; what comes after the yield tidies up (lets a live client finish, for one):

    @scenario(since="1.9")
    def finished_without_links(stage):
        with stage.hub(six()) as hub:
            stage.download(hub, env={"HF_HUB_DISABLE_SYMLINKS": 1})
        yield
"""

import contextlib
import functools
import os
import re
import shutil
import stat as modes
import sys
import time

for folder in ("support", "testhub"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder))

from clients import client, numbers, wait_until  # noqa: E402
from hub import MIB, Content, Hub, make_dataset, make_model  # noqa: E402

SCENARIOS = {}
SHARD = 2 * MIB
SIX = "acme/six"


def scenario(since="0.13", until=None):
    """Registers a scenario under its function's name, for the clients that it is about."""
    def register(function):
        SCENARIOS[function.__name__] = function
        function.since, function.until = numbers(since), until and numbers(until)
        return function
    return register


def applies(name, version):
    """Whether this client takes part in this scenario."""
    function = SCENARIOS[name]
    return function.since <= numbers(version) and (
        function.until is None or numbers(version) < function.until
    )


@functools.lru_cache
def six():
    """The repo of most scenarios: six shards of 2 MiB, their index, seven small files."""
    return make_model(SIX, shards=6, shard_size=SHARD)


@functools.lru_cache
def rows():
    return make_dataset("acme/rows", files=3, size=SHARD)


@functools.lru_cache
def moved():
    """The same model at two commits of main: one shard and the README differ. With a branch, a tag
    and a pull request."""
    repo = make_model("acme/moved", shards=3, shard_size=SHARD)
    other = make_model("acme/moved", shards=3, shard_size=SHARD, seed="second").head.files
    shard = "model-00002-of-00003.safetensors"
    repo.tag("v1").branch("dev")
    repo.commit({"README.md": Content.text("# moved\n"), shard: other[shard].content})
    repo.commit({"README.md": Content.text("# proposed\n")}, branch="refs/pr/1")
    return repo


class Stage:
    """One scenario of one client. `home` becomes HF_HOME; `local` is for --local-dir."""

    def __init__(self, version, name, root):
        self.version, self.name = version, name
        self.home = os.path.join(root, version, name)
        self.local = self.home + ".local"
        self.local_used = False
        self.client = client(version)
        for path in (self.home, self.home + ".user", self.local):
            shutil.rmtree(path, ignore_errors=True)
        os.makedirs(self.home)

    def hub(self, *repos, faults=(), **options):
        return Hub(*repos, faults=faults, **options)

    def start(self, hub, repo_id=SIX, local=False, **options):
        if local:
            self.local_used = True
            options["local_dir"] = self.local
        return self.client.start(hub, self.home, repo_id, **options)

    def download(self, hub, repo_id=SIX, **options):
        result = self.start(hub, repo_id, **options).wait().must()
        if hub.errors:
            raise AssertionError(hub.errors[0])
        return result

    def kill_at_barrier(self, hub, name, partial, held=1, done=None, **options):
        """SIGKILLs a download at a standstill: `held` responses stand at the barrier, `partial` bytes
        lie in partials, and all other files (`done` of them) are finished to their last step."""
        if done is None:
            done = len(hub.repos[0].head.files) - held
        running = self.start(hub, **options)
        hub.wait_held(name, held)
        wait_until(
            lambda: partial_bytes(self.home, self.local) >= partial
            and finished_files(self.home, self.local) >= done,
            f"{self.name}: {done} files and {partial} bytes of partials",
        )
        running.kill()


def _files(*roots):
    for root in roots:
        for folder, _, names in os.walk(root):
            for name in names:
                yield folder, name, os.path.join(folder, name)


def partial_bytes(*roots):
    """Bytes that lie in partials. Before 0.23 they are anonymous, in the hub folder or in a --local-dir."""
    total_bytes = 0
    for _, name, path in _files(*roots):
        if name.endswith(".incomplete") or re.fullmatch(r"tmp\w{8}", name):
            with contextlib.suppress(FileNotFoundError):  # it has just become a blob
                total_bytes += os.lstat(path).st_size
    return total_bytes


def finished_files(*roots):
    """Files whose very last step is done: the snapshot entry, or with --local-dir the metadata."""
    count = 0
    for folder, name, path in _files(*roots):
        if "/snapshots/" in folder:
            count += 1
        elif name.endswith(".metadata"):
            with contextlib.suppress(FileNotFoundError):
                count += os.path.getsize(path) > 0
    return count


@contextlib.contextmanager
def staged(version, name, root):
    """Runs a scenario up to its yield; leaving the block runs the rest of it."""
    stage = Stage(version, name, root)
    steps = SCENARIOS[name](stage)
    next(steps)
    try:
        yield stage
    finally:
        if next(steps, None) is not None:
            raise AssertionError(f"{name} yields twice")


def settle(root, quiet=0.5, timeout=30):
    """Waits until nothing below changes any more: a live client at a barrier still tidies its locks."""
    until = time.monotonic() + timeout
    seen, since = None, time.monotonic()
    while time.monotonic() - since < quiet:
        if time.monotonic() > until:
            raise TimeoutError(f"{root} keeps changing")
        now = listing(root)
        if now != seen:
            seen, since = now, time.monotonic()
        time.sleep(0.05)


def listing(*roots):
    """Every path below: type, mode, size, link target. For people, and for `diff`."""
    lines = []
    for root in roots:
        lines.append(root + ":")
        for folder, folders, names in os.walk(root):
            folders.sort()
            for name in sorted(folders + names):
                path = os.path.join(folder, name)
                try:
                    status = os.lstat(path)
                except FileNotFoundError:  # a live client has just removed it
                    continue
                line = f"{modes.filemode(status.st_mode)} {status.st_size:>9} "
                line += os.path.relpath(path, root)
                if modes.S_ISLNK(status.st_mode):
                    line += " -> " + os.readlink(path)
                lines.append(line)
    return "\n".join(lines) + "\n"
