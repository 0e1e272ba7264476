"""Downloads that broke off, or go on right now."""

import os
import shutil

from answers import ABSENT, C, I, P, S, U, Answer, absent, anything, both, must_refuse, names
from harm import absent_files, damage, write_partial


def undo(placed, first):
    """As it was before the files from `first` on were downloaded."""
    files = placed.repo.listing()
    chosen = [file for file in files if file.path in placed.here]
    gone = chosen[first:]
    for file in gone:
        placed.remove(file.path)
        lock = placed.lock_folder()
        if lock and all(other.etag != file.etag for other in placed.here.values()):
            path = os.path.join(lock, file.etag + ".lock")
            if os.path.exists(path):
                os.unlink(path)
    return gone


def broken_off(placed, file):
    answer = Answer({I}, {1}, [ABSENT], named=[names(placed, file)] if placed.layout.tree else [])
    return both(answer, {1} if must_refuse(placed, absent_files(placed)) else {0, 1}, repaired=False)


def break_off(placed):
    """k files done, one begun; None where the file that was begun is here under another name."""
    candidates = [n for n, file in enumerate(file for file in placed.repo.listing() if file.path in placed.here) if len(file.data) > 20]
    if not candidates or placed.layout.filter or placed.other_commits:
        return None
    gone = undo(placed, placed.r.choice(candidates))
    file = gone[0]
    if any(other.etag == file.etag for other in placed.here.values()):
        return None
    return file


@damage("killed in a file")
def _(placed):
    client = placed.layout.client
    if not client.partial.startswith("blobs/"):
        return None
    file = break_off(placed)
    if not file:
        return None
    if client.locks != "none":
        placed.lock(file.etag)
    write_partial(placed, file, client)
    return broken_off(placed, file)


@damage("killed with the file in the hub", alone=True)
def _(placed):
    """huggingface_hub 0.8 to 0.22: the partial is a temporary file of no repo; only the lock says whose it is."""
    client = placed.layout.client
    if not client.partial.startswith("hub/{tmp}"):
        return None
    file = break_off(placed)
    if not file:
        return None
    placed.lock(file.etag)
    path = placed.write(os.path.join(placed.hub, "tmp14em2tbt"), file.data[:placed.r.randrange(1, len(file.data))])
    os.chmod(path, 0o600)
    return both(Answer({I, U}, {1, 3}), {1, 3}, repaired=False, kept=(path, placed.lock_path(file.etag)))


@damage("killed by hf-hub 0.3", alone=True)
def _(placed):
    """No lock, and a temporary file below <hub>/tmp: the newest repo cannot be called complete."""
    if placed.layout.client.name != "hf-hub 0.3":
        return None
    file = break_off(placed)
    if not file or not placed.here:
        return None
    path = placed.write(os.path.join(placed.hub, "tmp", "aB3dE6g"), file.data[:placed.r.randrange(1, len(file.data))])
    os.chmod(path, 0o600)
    return both(Answer({I, U, S}, {0, 1, 3}), kept=(path,), preflight={1, 3} if must_refuse(placed, absent_files(placed)) else {0, 1, 3})


@damage("killed between files")
def _(placed):
    """A lock without a blob is all that is left of the next file."""
    client = placed.layout.client
    if client.locks == "none" or client.partial.startswith("hub/tmp/"):
        return None
    file = break_off(placed)
    if not file:
        return None
    placed.lock(file.etag)
    wanted = must_refuse(placed, absent_files(placed))
    if placed.layout.tree:
        return both(Answer({I}, {1}, [ABSENT], named=[names(placed, file)]), {1} if wanted else {0, 1}, repaired=False)
    answer = Answer({I, U, C, S}, {0, 1, 3}, soft=placed.layout.links)  # of copies nobody knows which lock is whose
    return both(answer, {1, 3} if wanted else {0, 1, 3}, kept=(placed.lock_path(file.etag),))


@damage("interrupted without a trace")
def _(placed):
    """Ctrl-C: the newest clients remove partial and lock."""
    file = break_off(placed)
    if not file or not placed.here:
        return None
    return absent(placed, absent_files(placed))


@damage("nothing but the ref")
def _(placed):
    if not placed.layout.ref or placed.other_commits or placed.layout.shared:
        return None
    shutil.rmtree(os.path.join(placed.folder, "snapshots"))
    shutil.rmtree(os.path.join(placed.folder, "blobs"))
    shutil.rmtree(os.path.join(placed.folder, ".no_exist"), ignore_errors=True)
    placed.here = {}
    return both(Answer({I}, {1}, [ABSENT | {"nothing-here"}]), {1, 2, 3})


@damage("blob without its entry")
def _(placed):
    """Killed between the rename of the partial and the link."""
    if not placed.layout.links or placed.layout.filter or placed.other_commits:
        return None
    file = break_off(placed)
    if not file or placed.layout.shared:
        return None
    placed.write(placed.blob(file.etag), file.data)
    gone = absent_files(placed)
    refused = {1, 3} if must_refuse(placed, [other for other in gone if other is not file]) else {0, 1, 3}
    if placed.layout.tree:
        return both(Answer({I, S}, {0, 1}), refused)
    expect = anything(placed)
    expect.preflight = refused
    return expect


@damage("a client is at work")
def _(placed):
    """This process holds the partial open for writing, and the lock."""
    client = placed.layout.client
    if not client.partial.startswith("blobs/{etag}") or client.name in ("hf-fetch-model", "hf-hub 0.5", "hf-hub 0.4.1"):
        return None
    file = break_off(placed)
    if not file:
        return None
    path = os.path.join(placed.folder, client.partial.format(etag=file.etag, hex="0a1b2c3d"))
    placed.write(path, file.data[:len(file.data) // 2], at=placed.now)
    placed.hold(path)
    if client.locks != "none":
        placed.hold(placed.lock(file.etag))
    return both(Answer({P}, {0, 1}, [frozenset(("download-in-progress", "stalled-download"))]), {1, 3}, kept=(path,))


@damage("existence lock and a part of hf-hub 0.4")
def _(placed):
    if placed.layout.client.name != "hf-hub 0.4.1":
        return None
    file = break_off(placed)
    if not file:
        return None
    placed.write(placed.blob(file.etag + ".lock"), b"")
    placed.write(placed.blob(file.etag + placed.r.choice((".part", ".sync.part"))), file.data[:len(file.data) // 3])
    return broken_off(placed, file)


@damage("an update killed in its first file")
def _(placed):
    """main names the new commit; the former revision is whole, and no ref names it any more."""
    client = placed.layout.client
    if not placed.other_commits or not placed.layout.ref or placed.layout.tree or not client.partial.startswith("blobs/"):
        return None
    files = [file for file in placed.repo.listing() if len(file.data) > 20]
    older = [os.path.basename(os.readlink(os.path.join(place, name))) for place, _, names in
             os.walk(os.path.join(placed.folder, "snapshots", placed.other_commits[0])) for name in names]
    begun = [file for file in files if file.etag not in older]
    if not begun:
        return None
    for path in list(placed.here):
        file = placed.here[path]
        placed.remove(path, content=file.etag not in older)
    shutil.rmtree(placed.snapshot)
    write_partial(placed, begun[0], client)
    return both(Answer({I}, {1}, [ABSENT | {"nothing-here"}]), {1, 2, 3}, repaired=False)
