"""The list of kinds of damage, and what they share. A kind is a function that damages a healthy repo on the disk and returns what may
be answered; None: it does not apply."""

import os

import formats as f
from repo import sha256

KINDS = {}
LOCAL_ONLY = set()  # of a --local-dir
LOCAL = {"file deleted", "shard deleted", "named file deleted", "all weights deleted", "weights of a component deleted", "truncated",
         "truncated by little", "emptied", "grown", "a bit flipped", "zeroed", "zeroed from the middle", "replaced by an LFS pointer",
         "replaced by a web page", "replaced by an error message", "compressed in place of text", "JSON of NULs", "JSON cut off",
         "JSON with a tail", "all content is LFS pointers"}  # happen to a --local-dir, too
ALONE = set()  # in a home of their own: they concern more than one repo


def damage(name, alone=False, local=False):
    def register(act):
        KINDS[name] = act
        if local:
            LOCAL.add(name)
            LOCAL_ONLY.add(name)
        if alone:
            ALONE.add(name)
        return act
    return register


def pick(placed, test=lambda file: True):
    """A file that is here and passes; loaders' files more often than others."""
    files = [file for file in placed.here.values() if test(file)]
    wanted = [file for file in files if file.is_wanted]
    if not files:
        return None
    return placed.r.choice(wanted if wanted and placed.r.random() < 0.6 else files)


def rewrite(placed, file, data):
    """Other bytes in place of the content, under the name that it has."""
    path = placed.content(file.path)
    mode = os.stat(path).st_mode & 0o777
    os.chmod(path, 0o644)
    placed.write(path, data, at=placed.times.get(path) if placed.is_local else None)  # an edited file would be the user's own
    os.chmod(path, mode)


def same_etag(placed, file):
    return [other for other in placed.here.values() if other.etag == file.etag]


def absent_files(placed):
    return [file for file in placed.repo.listing() if file.path not in placed.here]


def write_partial(placed, file, client):
    r = placed.r
    part = file.data[:r.randrange(len(file.data))] if r.random() < 0.8 else b"\0" * r.randrange(len(file.data))
    digits = f"{r.getrandbits(32):08x}"
    if client.name == "go":
        for number in range(r.randint(1, 8)):
            placed.write(os.path.join(placed.folder, f"blobs/tmp-{sha256(file.data)}.part-{number:02}"), part[number * 90:(number + 1) * 90])
        return
    path = os.path.join(placed.folder, client.partial.format(etag=file.etag, hex=digits))
    if client.name == "hf-hub 0.5":
        part = part.ljust(len(file.data), b"\0") + len(part).to_bytes(8, "little")
    if client.name == "hf-fetch-model":
        part = part.ljust(len(file.data), b"\0")
        placed.write(path + ".state", f.json_text({"schema_version": 1, "etag": file.etag, "total_size": len(file.data), "connections": 1,
                                                   "chunks": [{"idx": 0, "start": 0, "end": len(file.data) - 1, "completed": 0}]}))
    placed.write(path, part)
