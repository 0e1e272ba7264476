"""The bytes of one file on the test Hub: deterministic, cheap to make, any size.

Every byte follows from a seed string, so that two runs (and two machines) agree on every digest.
What is small lives in memory. What is big lives in a spool file, so that a 700 MB shard costs no
memory and can be sent with sendfile(2).
"""

import atexit
import hashlib
import itertools
import os
import random
import shutil
import tempfile
import threading
from functools import cached_property

BLOCK = 1 << 20
IN_MEMORY = 16 << 20  # above this a content is spooled to disk

_spool_folder = None


def spool_folder():
    """Where big contents live: HFAUDIT_HUB_SPOOL, else a folder that goes away with this process."""
    global _spool_folder
    if _spool_folder is None:
        given = os.environ.get("HFAUDIT_HUB_SPOOL")
        if given:
            os.makedirs(given, exist_ok=True)
            _spool_folder = given
        else:
            _spool_folder = tempfile.mkdtemp(prefix="hub-spool-")
            atexit.register(shutil.rmtree, _spool_folder, ignore_errors=True)
    return _spool_folder


def blocks(seed, size):
    """Pseudo-random bytes in blocks. Each block carries its number, so that no two blocks are equal
    and a block at the wrong offset (or a hole) always changes the digest."""
    base = random.Random("block " + seed).randbytes(min(size, BLOCK))
    for number in range((size + BLOCK - 1) // BLOCK):
        length = min(BLOCK, size - number * BLOCK)
        yield (number.to_bytes(8, "little") + base[8:])[:length] if number else base[:length]


def _spool(path, pieces):
    """Writes a content and its digest, so that a kept spool folder need not be hashed again."""
    temporary = f"{path}.{os.getpid()}.{threading.get_ident()}"
    digest = hashlib.sha256()
    with open(temporary, "wb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
    with open(temporary + ".sha256", "w") as file:
        file.write(digest.hexdigest())
    os.replace(temporary + ".sha256", path + ".sha256")
    os.replace(temporary, path)


class Content:
    """Immutable bytes with the names that the Hub gives them."""

    def __init__(self, data=None, path=None):
        self._data = data
        self.path = path  # set where the bytes lie in a file
        self.size = len(data) if data is not None else os.path.getsize(path)

    @classmethod
    def text(cls, text):
        return cls(text.encode())

    @classmethod
    def generate(cls, seed, size, head=b"", tail=b""):
        """`size` bytes in all: `head`, pseudo-random bytes, `tail`."""
        body = size - len(head) - len(tail)
        if body < 0:
            raise ValueError(f"{seed}: {size} bytes are too few for its header")
        if size <= IN_MEMORY:
            return cls(head + b"".join(blocks(seed, body)) + tail)
        key = hashlib.sha256(f"{seed}\0{size}\0".encode() + head + tail).hexdigest()[:32]
        path = os.path.join(spool_folder(), key)
        if not os.path.exists(path):
            _spool(path, itertools.chain([head], blocks(seed, body), [tail]))
        content = cls(path=path)
        with open(path + ".sha256") as file:
            content.__dict__["sha256"] = file.read()  # what the property below would find out
        return content

    def read(self, start=0, end=None):
        """The bytes of [start, end)."""
        end = self.size if end is None else min(end, self.size)
        if self._data is not None:
            return self._data[start:end]
        with open(self.path, "rb") as file:
            file.seek(start)
            return file.read(max(end - start, 0))

    def _digest(self, algorithm, prefix=b""):
        digest = hashlib.new(algorithm, prefix)
        if self._data is not None:
            digest.update(self._data)
        else:
            with open(self.path, "rb") as file:
                while block := file.read(BLOCK):
                    digest.update(block)
        return digest.hexdigest()

    @cached_property
    def sha256(self):
        return self._digest("sha256")

    @cached_property
    def git_oid(self):
        """The name of these bytes as a git blob."""
        return self._digest("sha1", b"blob %d\0" % self.size)

    @cached_property
    def pointer(self):
        """The git LFS pointer that stands for these bytes in the repository."""
        return (
            "version https://git-lfs.github.com/spec/v1\n"
            f"oid sha256:{self.sha256}\nsize {self.size}\n"
        ).encode()

    @cached_property
    def xet_hash(self):
        """A stand-in for the Xet hash: 64 hex digits that are not the sha256, as in life."""
        return hashlib.sha256(b"xet " + self.sha256.encode()).hexdigest()
