"""What test_verify damages: which file of which cache in which way, and what must be said of it.

The damage is silent: size, mode and times of the file stay as they were, as with a bad disk.
"""

import contextlib
import glob
import os
import shutil
import stat as modes
from copy import copy
from dataclasses import dataclass

from stage import MIB, SIX, moved, six

MOVED = moved().repo_id
SHARD = "model-00003-of-00006.safetensors"
OTHER_SHARD = "model-00004-of-00006.safetensors"
OLD_SHARD = "model-00002-of-00003.safetensors"  # of the repo that moved: the one that differs
OLD, NEW = (commit.oid for commit in moved().history[:2])

# Since then a client keeps the tree. Before, a copy without a link has nothing to be checked against.
TREES_SINCE = "1.22"


class Cache:
    """What a client has left: a home, and the folder of a --local-dir download beside it."""

    def __init__(self, home, scenario):
        self.home = home
        self.local = home + ".local" if scenario.startswith("local_dir") else None
        self.repo_id = MOVED if scenario == "main_moved" else SIX
        self.repo = os.path.join(self.home, "hub", "models--" + self.repo_id.replace("/", "--"))

    def copy(self, folder):
        """To be damaged."""
        other = copy(self)
        other.home = os.path.join(folder, "home")
        other.repo = self.repo.replace(self.home, other.home, 1)
        os.makedirs(other.home + ".user")
        shutil.copytree(self.home, other.home, symlinks=True)
        if self.local:
            other.local = other.home + ".local"
            shutil.copytree(self.local, other.local, symlinks=True)
        return other

    def place(self, path, commit=None):
        """A file of the repo, as findings name it."""
        if self.local:
            return os.path.join(self.local, path)
        commit = commit or (NEW if self.repo_id == MOVED else six().head.oid)
        return os.path.relpath(os.path.join(self.repo, "snapshots", commit, path), self.home)

    def file(self, path, commit=None):
        """The regular file that holds the content, wherever links lead."""
        return os.path.realpath(os.path.join(self.home, self.place(path, commit)))

    def tag_old_commit(self):
        with open(os.path.join(self.repo, "refs", "v1"), "w", encoding="ascii") as file:
            file.write(OLD)

    def forget_old_snapshot(self):
        """As `hf cache rm` is not: what only the old snapshot used stays."""
        shutil.rmtree(os.path.join(self.repo, "snapshots", OLD))
        for tree in glob.glob(os.path.join(self.repo, "trees", OLD + ".json")):
            os.unlink(tree)


@contextlib.contextmanager
def opened_in_silence(path):
    """For writing, with everything but the content as it was. Payloads of the shared store are read-only."""
    before = os.stat(path)
    os.chmod(path, 0o600)
    with open(path, "r+b") as file:
        yield file
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    os.chmod(path, modes.S_IMODE(before.st_mode))


def flip(at):
    """One bit of the byte at this offset; a negative one counts from the end."""
    def damage(path, _):
        with opened_in_silence(path) as file:
            file.seek(at, os.SEEK_END if at < 0 else os.SEEK_SET)
            byte = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte[0] ^ 1]))
    return damage


def zeros(at, size):
    """A hole, as a crash leaves it where blocks were promised and never written."""
    def damage(path, _):
        with opened_in_silence(path) as file:
            file.seek(at)
            file.write(b"\0" * size)
    return damage


def content_of(other):
    """What another file of the repo holds."""
    def damage(path, cache):
        with open(cache.file(other), "rb") as source, opened_in_silence(path) as file:
            file.write(source.read())
    return damage


def web_page(path, _):
    """A proxy's login page that happens to be as long as the file."""
    head, tail = b"<!DOCTYPE html><html><body>Log in", b"</body></html>"
    with opened_in_silence(path) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        file.write(head + b" " * (size - len(head) - len(tail)) + tail)


def cut(path, _):
    """The second half is gone."""
    with opened_in_silence(path) as file:
        file.truncate(file.seek(0, os.SEEK_END) // 2)


@dataclass(frozen=True)
class Case:
    scenario: str  # that made the cache
    path: str
    damage: object
    must: tuple = ("digest-mismatch",)  # one of these is said of the file
    commit: str = None  # of which the path is; None: of main
    asked: str = None  # the revision that the user names
    then: object = None  # what else is done to the copy, afterwards
    place: str = "snapshot"  # or "blob": where the finding points
    exit_code: int = 1
    scan_knows: bool = False  # then there is nothing to add
    no_judge: str = None  # why the client cannot tell

    @property
    def asks_hub(self):
        """Whether the Hub says what this file should be: not of old commits that nobody asked for."""
        return self.place == "snapshot" and not self.scan_knows and self.exit_code == 1


def of_shard(damage, scenario="finished", **more):
    return Case(scenario, SHARD, damage, **more)


CASES = {
    "shard, first byte": of_shard(flip(0), must=("not-the-content",), scan_knows=True),
    "shard, header": of_shard(flip(20), must=("not-the-content",), scan_knows=True),
    "shard, a tensor's name": of_shard(flip(45)),
    "shard, middle": of_shard(flip(MIB)),
    "shard, last byte": of_shard(flip(-1)),
    "shard, a hole": of_shard(zeros(MIB, 4096)),
    "shard, a zero tail": of_shard(zeros(MIB, MIB)),
    "shard of another's content": of_shard(content_of(OTHER_SHARD)),
    "shard cut in half": of_shard(cut, must=("size-mismatch", "truncated-file"), scan_knows=True),
    "small file": Case("finished", "config.json", flip(50)),
    "small file, last byte": Case("finished", "tokenizer.json", flip(-1)),
    "small file, hidden": Case("finished", ".gitattributes", flip(3)),
    "small file, a web page": Case("finished", "tokenizer_config.json", web_page, must=("not-the-content",),
                                   scan_knows=True),
    "index": Case("finished", "model.safetensors.index.json", flip(40)),
    "resumed shard": of_shard(flip(MIB + 1), "killed_then_completed"),
    "shared store, payload": of_shard(flip(MIB), "shared_finished"),
    "shared store, small file": Case("shared_finished", "README.md", flip(-1)),
    "copy, shard": of_shard(flip(MIB), "no_links_finished"),
    "copy, small file": Case("no_links_finished", "config.json", flip(50)),
    "copy, a web page": Case("no_links_finished", "tokenizer_config.json", web_page, must=("not-the-content",),
                             scan_knows=True),
    "--local-dir, shard": of_shard(flip(-1), "local_dir_finished"),
    "--local-dir, small file": Case("local_dir_finished", "config.json", flip(50)),
    "--local-dir, another's content": of_shard(content_of(OTHER_SHARD), "local_dir_finished"),
    "older, named by a tag": Case("main_moved", OLD_SHARD, flip(MIB), commit=OLD, then=Cache.tag_old_commit),
    "older, no ref": Case("main_moved", OLD_SHARD, flip(MIB), commit=OLD, exit_code=0),
    "older, no ref, asked for": Case("main_moved", OLD_SHARD, flip(MIB), commit=OLD, asked=OLD),
    "main of two revisions": Case("main_moved", OLD_SHARD, flip(MIB), commit=NEW),
    "blob that nothing uses": Case(
        "main_moved", OLD_SHARD, flip(MIB), commit=OLD, then=Cache.forget_old_snapshot, place="blob", exit_code=0,
        no_judge="it looks at snapshots only"),
}
