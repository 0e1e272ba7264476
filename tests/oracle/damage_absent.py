"""Files, folders and content that users and tools deleted."""

import os
import shutil

from answers import I, S, U, X, Answer, absent, both, names
from harm import damage, pick, same_etag


def delete(placed, files):
    for file in files:
        placed.remove(file.path)
    return absent(placed, files)


@damage("file deleted")
def _(placed):
    file = pick(placed, lambda file: len(same_etag(placed, file)) == 1)
    return file and len(placed.here) > 1 and with_locks(placed, [file], delete(placed, [file])) or None


@damage("shard deleted")
def _(placed):
    file = pick(placed, lambda file: file.gone == "shard")
    return file and with_locks(placed, [file], delete(placed, [file]))


@damage("named file deleted")
def _(placed):
    file = pick(placed, lambda file: file.gone in ("named", "code") and len(same_etag(placed, file)) == 1)
    return file and with_locks(placed, [file], delete(placed, [file]))


@damage("all weights deleted")
def _(placed):
    files = [file for file in placed.here.values() if file.gone == "sole"]
    return with_locks(placed, files, delete(placed, files)) if files and len(placed.here) > len(files) else None


def with_locks(placed, files, expect):
    """Leftover locks of the deleted files look like those of a download that broke off."""
    if placed.layout.locks == "all":
        for answer in (expect.scan, expect.verify):
            answer.verdicts = answer.verdicts | {I, U}
            answer.exits = answer.exits | {1, 3}
            answer.never = answer.never - {"warning", "error"}
            answer.must = [] if not answer.must else answer.must
        expect.preflight = expect.preflight | {1, 3}
    return expect


@damage("blob deleted")
def _(placed):
    file = pick(placed)
    if not file or not placed.layout.links:
        return None
    placed.remove_blob(file)
    answer = Answer({I}, {1}, [frozenset(("dangling-entry", "shared-blob-broken", "missing-shard", "missing-file"))], named=[names(placed, file)])
    wanted = any(other.is_wanted for other in same_etag(placed, file))
    return both(answer, {1} if wanted else {0, 1}, repaired=None if len(same_etag(placed, file)) > 1 else False)


@damage("blobs folder deleted")
def _(placed):
    if not placed.layout.links or placed.layout.shared:
        return None
    shutil.rmtree(os.path.join(placed.folder, "blobs"))
    return both(Answer({I}, {1}, [frozenset(("dangling-entry", "missing-shard"))]), {1}, repaired=False)


@damage("folder of a component deleted")
def _(placed):
    """A pipeline without one of its components: a choice where all of the folder is gone."""
    folder = placed.r.choice(("unet", "vae", "text_encoder"))
    files = [file for file in placed.here.values() if file.path.startswith(folder + "/")]
    if not placed.repo.kind.startswith("diffusers") or not files or placed.layout.filter:
        return None
    for file in files:
        placed.remove(file.path)
    return with_locks(placed, files, both(Answer({S}, {0}, [frozenset(("warning",))], never={"error"}), {0, 1}))


@damage("weights of a component deleted")
def _(placed):
    file = pick(placed, lambda file: file.gone == "need" and "/" in file.path)
    return file and with_locks(placed, [file], delete(placed, [file]))


@damage("snapshot emptied")
def _(placed):
    for path in list(placed.here):
        placed.remove(path)
    shutil.rmtree(placed.snapshot)
    os.makedirs(placed.snapshot)
    if not placed.layout.ref or placed.other_commits:
        return None
    return both(Answer({I, U}, {1, 3}), {1, 2, 3})


@damage("skeleton left", alone=True)
def _(placed):
    if placed.word != placed.plain_word:
        return None
    shutil.rmtree(placed.folder)
    for name in ("blobs", "refs", "snapshots"):
        os.makedirs(os.path.join(placed.folder, name))
    return both(Answer({U}, {3}, [frozenset(("empty-repo",))]), {1, 2, 3})


@damage("payload of the shared store deleted")
def _(placed):
    file = pick(placed, lambda file: file.lfs)
    if not file or not placed.layout.shared:
        return None
    os.unlink(placed.content(file.path))
    return both(Answer({I, X}, {1}, [frozenset(("shared-blob-broken",))]), {1} if file.is_wanted else {0, 1})
