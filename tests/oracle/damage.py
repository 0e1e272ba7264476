"""Kinds of damage. Each function damages a healthy repo on the disk and returns what may be answered; None: it does not apply."""

import os
import shutil

import formats as f
from answers import ABSENT, C, I, P, S, U, WRONG_CONTENT, X, Answer, absent, anything, both, broken, healthy, lost, must_refuse, names, no_orphans
from layout import Layout
from local import PARTS
from repo import Repo, sha256

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


# Files deleted --------------------------------------------------------------------------------------------------------

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


# Content wrong --------------------------------------------------------------------------------------------------------

def cut(placed, file, size):
    rewrite(placed, file, file.data[:size])
    visible = placed.layout.tree or file.is_cut_visible
    if file.is_loader_json and file.data[:size].strip() in (b"{}", b"[]"):
        return None
    return broken(placed, file, True if visible else False, placed.is_proven(file))


@damage("truncated")
def _(placed):
    file = pick(placed, lambda file: len(file.data) > 8)
    return file and cut(placed, file, placed.r.randrange(1, len(file.data) - 4))


@damage("truncated by little")
def _(placed):
    """The last bytes are absent: the trailer, the last tensor's end."""
    file = pick(placed, lambda file: len(file.data) > 40)
    return file and cut(placed, file, len(file.data) - placed.r.randrange(4, 20))


@damage("emptied")
def _(placed):
    file = pick(placed, lambda file: len(file.data) > 0)
    return file and cut(placed, file, 0)


@damage("grown")
def _(placed):
    """A second writer appended to the finished file."""
    file = pick(placed, lambda file: file.lfs)
    if not file:
        return None
    rewrite(placed, file, file.data + f.noise(file.path, placed.r.randint(1, 300)))
    return broken(placed, file, placed.layout.tree or file.name.endswith(".safetensors"), placed.is_proven(file))


@damage("a bit flipped")
def _(placed):
    """Silent: nothing but the digest shows it."""
    file = pick(placed, lambda file: len(file.data) > 0 and file.gone != "open")
    if not file:
        return None
    at = placed.r.randrange(file.payload or 0, len(file.data))
    if file.name.endswith(".parquet"):
        at = placed.r.randrange(4, len(file.data) // 2)
    data = bytearray(file.data)
    data[at] ^= 1 << placed.r.randrange(8)
    rewrite(placed, file, bytes(data))
    return flipped(placed, file)


def flipped(placed, file, silent=None):
    silent = file.payload is not None if silent is None else silent
    expect = broken(placed, file, None if silent else False, placed.is_proven(file), verdicts=frozenset((X,)))
    if not placed.is_proven(file) and silent:
        expect.verify = Answer(expect.scan.verdicts, {0, 3} if 3 in expect.scan.exits else {0}, never={"error"})
        expect.full = None
    return expect


@damage("contents of two shards swapped")
def _(placed):
    files = [file for file in placed.here.values() if file.gone == "shard" and file.name.endswith(".safetensors")]
    pairs = [(a, b) for a in files for b in files if a.path < b.path and len(a.data) == len(b.data) and a.etag != b.etag]
    if not pairs or not placed.layout.links or not placed.layout.tree:
        return None
    a, b = placed.r.choice(pairs)
    placed.link(placed.entry(a.path), placed.relative_target(a.path, b.etag))
    placed.link(placed.entry(b.path), placed.relative_target(b.path, a.etag))
    return both(Answer({I, X}, {1}, [WRONG_CONTENT | ABSENT | {"lost-link"}], named=[names(placed, a)]), {1})


@damage("zeroed")
def _(placed):
    """Size kept, all bytes NUL: a crash before the data reached the disk."""
    file = pick(placed, lambda file: len(file.data) > 16 and file.data.strip(b"\0"))
    if not file:
        return None
    path = placed.content(file.path)
    rewrite(placed, file, b"")
    mode = os.stat(path).st_mode & 0o777
    os.chmod(path, 0o644)
    os.truncate(path, len(file.data))
    os.chmod(path, mode)
    return broken(placed, file, file.is_cut_visible, placed.is_proven(file))


@damage("zeroed from the middle")
def _(placed):
    """A hole: another client resumed behind a gap, or preallocated."""
    file = pick(placed, lambda file: len(file.data) > 200 and file.gone != "open")
    if not file:
        return None
    at = max(len(file.data) // 2, file.payload or 0)
    if not file.data[at:].strip(b"\0"):
        return None
    rewrite(placed, file, file.data[:at] + b"\0" * (len(file.data) - at))
    if file.name.endswith((".safetensors", ".gguf")):
        return flipped(placed, file, True)
    return broken(placed, file, file.is_cut_visible, placed.is_proven(file))


@damage("replaced by an LFS pointer")
def _(placed):
    file = pick(placed, lambda file: file.lfs and len(file.data) > 200)
    if not file:
        return None
    spec = placed.r.choice(("https://git-lfs.github.com/spec/v1", "https://hawser.github.com/spec/v1"))
    rewrite(placed, file, placed.pointer(file).replace(b"https://git-lfs.github.com/spec/v1", spec.encode()))
    return broken(placed, file, True, ids=("lfs-pointer",))


@damage("replaced by a web page")
def _(placed):
    file = pick(placed, lambda file: file.lfs and len(file.data) > 200 or file.is_loader_json)
    if not file:
        return None
    page = placed.r.choice((b"<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head></html>\n",
                            b"\n  <html>\n<body>Sign in to the network</body></html>", b"<HTML><HEAD>\n<TITLE>Error</TITLE></HEAD></HTML>",
                            b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>'))
    if page.startswith(b"<?xml") and file.path.endswith(".xml"):
        return None
    rewrite(placed, file, page)
    is_html = page.lower().lstrip().startswith((b"<!doctype", b"<html"))
    return broken(placed, file, is_html and knows_its_format(file) or file.is_cut_visible or placed.layout.tree, placed.is_proven(file))


def knows_its_format(file):
    """Weights by name, or JSON: text in their place is wrong whatever it is."""
    return file.is_loader_json or file.name.endswith((".safetensors", ".gguf", ".bin", ".pt", ".pth", ".ckpt", ".onnx", ".h5", ".npz", ".msgpack",
                                                      ".parquet", ".keras"))


@damage("replaced by an error message")
def _(placed):
    file = pick(placed, lambda file: file.lfs and len(file.data) > 200 and knows_its_format(file))
    if not file:
        return None
    message = placed.r.choice((b'{"error":"Repository not found"}', b"Entry not found", b'{"error": "Invalid username or password."}',
                               b"Access to model acme/x is restricted.", b'{"message":"Internal Server Error"}\n'))
    rewrite(placed, file, message)
    return broken(placed, file, b'"error"' in message or placed.layout.tree or file.is_cut_visible, placed.is_proven(file))


@damage("compressed in place of text")
def _(placed):
    file = pick(placed, lambda file: file.is_loader_json)
    if not file:
        return None
    rewrite(placed, file, b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + f.noise(file.path, 120))
    return broken(placed, file, True)


@damage("JSON of NULs")
def _(placed):
    file = pick(placed, lambda file: file.is_loader_json)
    if not file:
        return None
    rewrite(placed, file, b"\0" * len(file.data))
    return broken(placed, file, True)


@damage("JSON cut off")
def _(placed):
    file = pick(placed, lambda file: file.is_loader_json and len(file.data) > 4)
    return file and cut(placed, file, placed.r.randrange(1, len(file.data) - 2))


# Links ----------------------------------------------------------------------------------------------------------------

def linked(placed, some=False):
    """Entries to damage: all of them, or only some."""
    files = list(placed.here.values())
    if not placed.layout.links or not files:
        return []
    return placed.r.sample(files, placed.r.randint(1, len(files))) if some or placed.r.random() < 0.5 else files


@damage("links turned into text")
def _(placed):
    files = linked(placed)
    end = placed.r.choice(("", "", "\n"))
    for file in files:
        os.unlink(placed.entry(file.path))
        placed.write(placed.entry(file.path), placed.relative_target(file.path, file.etag) + end)
    return lost(placed, files, ("lost-link",)) if files else None


@damage("links of Windows")
def _(placed):
    files = linked(placed)
    for file in files:
        placed.link(placed.entry(file.path), placed.relative_target(file.path, file.etag).replace("/", "\\"))
    return lost(placed, files, ("lost-link",)) if files else None


@damage("absolute links of an old home")
def _(placed):
    files = linked(placed)
    for file in files:
        placed.link(placed.entry(file.path), f"/home/old-user/.cache/huggingface/hub/{placed.folder_name}/blobs/{file.etag}")
    return lost(placed, files, ("lost-link", "dangling-entry", "escaping-entry")) if files else None


@damage("links of the wrong depth")
def _(placed):
    files = [file for file in linked(placed) if "/" in file.path]
    for file in files:
        placed.link(placed.entry(file.path), "../../blobs/" + file.etag)
    return lost(placed, files, ("lost-link", "dangling-entry", "escaping-entry")) if files else None


@damage("entry removed, blob kept")
def _(placed):
    file = pick(placed, lambda file: len(same_etag(placed, file)) == 1 and file.gone != "open")
    if not file or not placed.layout.links or not placed.layout.tree or placed.layout.filter or len(placed.here) < 2:
        return None
    placed.remove(file.path, content=False)
    if not file.is_wanted or file.gone == "need":
        return both(Answer({I, S}, {0, 1}, never=no_orphans(placed)), {0, 1})
    return both(Answer({I, S}, {0, 1}, [frozenset(("lost-link",)) | ABSENT | {"missing-weights"}], never=no_orphans(placed)), {1}, repaired=True)


@damage("snapshots lost")
def _(placed):
    if not placed.layout.links or not placed.layout.ref or placed.layout.filter or not placed.here:
        return None
    shutil.rmtree(os.path.join(placed.folder, "snapshots"))
    answer = Answer({I, U}, {1, 3}, [frozenset(("lost-link", "nothing-here", "missing-file", "missing-shard", "missing-weights"))],
                    never=no_orphans(placed))
    return both(answer, {1, 2, 3}, repaired=placed.layout.tree or None)


@damage("entry leads to itself")
def _(placed):
    file = pick(placed)
    if not file or not placed.layout.links:
        return None
    placed.link(placed.entry(file.path), file.name)
    return both(Answer({I, X, U}, {1, 3}, [frozenset(("dangling-entry", "escaping-entry", "lost-link"))], named=[names(placed, file)]),
                {1, 3} if file.is_wanted else {0, 1, 3})


@damage("entry leads outside")
def _(placed):
    file = pick(placed)
    if not file or not placed.layout.links:
        return None
    outside = os.path.join(placed.home, "..", "outside", file.etag)
    os.makedirs(os.path.dirname(outside), exist_ok=True)
    with open(outside, "wb") as out:
        out.write(file.data)
    placed.link(placed.entry(file.path), os.path.realpath(outside))
    return both(Answer({I, X, C}, {1}, [frozenset(("escaping-entry", "lost-link"))], named=[names(placed, file)]), {1} if file.is_wanted else {0, 1})


@damage("entry leads to a partial")
def _(placed):
    file = pick(placed, lambda file: file.lfs)
    if not file or not placed.layout.links or placed.layout.shared:
        return None
    name = file.etag + placed.r.choice((".incomplete", ".1a2b3c4d.incomplete"))
    placed.remove_blob(file)
    placed.write(placed.blob(name), file.data[:-9])
    placed.link(placed.entry(file.path), placed.relative_target(file.path, name))
    return both(Answer({I, X}, {1}, [frozenset(("entry-to-partial",))], named=[names(placed, file)]), {1} if file.is_wanted else {0, 1})


# Refs, markers, places ------------------------------------------------------------------------------------------------

@damage("ref malformed")
def _(placed):
    if not placed.layout.ref:
        return None
    placed.write(os.path.join(placed.folder, "refs", placed.layout.ref),
                 placed.r.choice(("", placed.commit[:17], "<html>404</html>", "\0" * 40, "main", placed.commit + "\n")))
    verdicts = healthy(placed).scan.verdicts | {I, U}
    if placed.layout.ref != "main":  # asked for by a ref that names nothing
        return both(Answer(verdicts | {None}, {1, 2, 3}), {1, 2, 3})
    return both(Answer(verdicts, {1, 3}, [frozenset(("ref-malformed",))]), {1, 2, 3})


@damage("ref lost")
def _(placed):
    if not placed.layout.ref or "tag" in placed.layout.extras or placed.other_commits:
        return None
    os.unlink(os.path.join(placed.folder, "refs", placed.layout.ref))
    before = healthy(placed)
    before.loaders = []
    before.scan.must = before.verify.must = [frozenset(("detached-revision",))]
    before.preflight, before.said = {1, 2, 3}, (placed.commit[:7],)
    if placed.layout.ref != "main":  # asked for by a ref that is no more
        before.scan.exits = before.verify.exits = {0, 1, 2, 3}
        before.scan.must = before.verify.must = []
        before.said = ()
        before.scan.verdicts = before.verify.verdicts = before.scan.verdicts | {None}
    return before


@damage("ref to a commit that is absent")
def _(placed):
    if not placed.layout.ref:
        return None
    placed.write(os.path.join(placed.folder, "refs", placed.layout.ref), sha256(placed.commit.encode())[:40])
    return both(Answer({I}, {1}, [frozenset(("nothing-here",))]), {1, 2, 3})


@damage("marker beside a file")
def _(placed):
    file = pick(placed, lambda file: not file.path.startswith("."))
    if not file:
        return None
    placed.write(os.path.join(placed.folder, ".no_exist", placed.commit, file.path), b"")
    expect = healthy(placed)
    expect.scan.never = expect.verify.never = expect.scan.never - {"warning"}
    expect.scan.must = expect.verify.must = [frozenset(("stale-no-exist",))]
    expect.preflight, expect.loaders = {1}, []
    if 3 in healthy(placed).preflight:
        expect.preflight = {1, 3}
    return expect


@damage("repo linked to what is not there", alone=True)
def _(placed):
    shutil.rmtree(placed.folder)
    os.symlink("/mnt/not-mounted/" + placed.folder_name, placed.folder)
    return both(Answer({U, None}, {3}, [frozenset(("unreachable-repo",))]), {1, 2, 3}, not_said=("hfaudit pull",))


@damage("repo beside the hub", alone=True)
def _(placed):
    if placed.layout.shared:
        return None
    os.rename(placed.folder, os.path.join(placed.home, placed.folder_name))
    return both(Answer({None}, {0, 2}), {1, 2, 3}, not_said=("hfaudit pull",))


@damage("tree cut off")
def _(placed):
    if not placed.layout.tree or placed.layout.filter or placed.repo.weightless:
        return None
    path = os.path.join(placed.folder, "trees", placed.commit + ".json")
    with open(path, "rb") as tree:
        text = tree.read()
    placed.write(path, text[:placed.r.randrange(len(text) - 2)])
    placed.layout.tree = False
    expect = healthy(placed)
    placed.layout.tree = True
    expect.scan.never = expect.verify.never = {"error"}
    expect.scan.must = expect.verify.must = [frozenset(("tree-malformed",))]
    return expect


# The shared store -----------------------------------------------------------------------------------------------------

@damage("payload of the shared store deleted")
def _(placed):
    file = pick(placed, lambda file: file.lfs)
    if not file or not placed.layout.shared:
        return None
    os.unlink(placed.content(file.path))
    return both(Answer({I, X}, {1}, [frozenset(("shared-blob-broken",))]), {1} if file.is_wanted else {0, 1})


# Downloads that broke off ---------------------------------------------------------------------------------------------

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


def absent_files(placed):
    return [file for file in placed.repo.listing() if file.path not in placed.here]


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
    answer = Answer({I, U, C, S}, {0, 1, 3}, soft=True)
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


@damage("leftover partial of a finished file")
def _(placed):
    file = pick(placed, lambda file: file.lfs)
    client = placed.layout.client
    if not file or not placed.layout.links or not client.partial.startswith("blobs/") or client.name in ("go", "hf-fetch-model", "hf-hub 0.5"):
        return None
    write_partial(placed, file, client)
    expect = healthy(placed)
    expect.scan.never = expect.verify.never = expect.scan.never - {"warning"}
    expect.scan.must = expect.verify.must = [frozenset(("orphan-partial",))]
    return expect


@damage("existence lock of a dead client")
def _(placed):
    """filelock's soft lock, as on file systems without flock; its process is gone."""
    file = pick(placed, lambda file: file.lfs)
    if not file:
        return None
    placed.write(os.path.join(placed.lock_folder("hub"), file.etag + ".lock"), f"4194303\n{os.uname().nodename}\n")
    expect = healthy(placed)
    expect.scan.never = expect.verify.never = expect.scan.never - {"warning"}
    expect.scan.must = expect.verify.must = [frozenset(("stale-lock",))]
    return expect


# Harmless: the answer stays the same ---------------------------------------------------------------------------------

@damage("touched")
def _(placed):
    for path in list(placed.times):
        placed.times[path] = placed.clock
    return healthy(placed)


@damage("idle lock added")
def _(placed):
    file = pick(placed)
    if not file:
        return None
    placed.write(os.path.join(placed.lock_folder("hub"), file.etag + ".lock"), b"")
    return healthy(placed)


@damage("copied with cp -L")
def _(placed):
    """Every link is a file now, the blobs are still there."""
    if not placed.layout.links or placed.layout.shared:
        return None
    for file in placed.here.values():
        data_at = placed.content(file.path)
        entry = placed.entry(file.path)
        with open(data_at, "rb") as source:
            data = source.read()
        os.unlink(entry)
        placed.write(entry, data)
    return healthy(placed)


@damage("hidden folder of a tool")
def _(placed):
    expect = healthy(placed)
    expect.kept = (placed.write(os.path.join(placed.folder, ".sync", "state"), b"x"),
                   placed.write(os.path.join(placed.folder, "blobs", ".syncthing.x.tmp"), b"y"))
    return expect


@damage("fresh temporary files")
def _(placed):
    """A client may be writing them right now."""
    expect = healthy(placed)
    expect.kept = (placed.write(os.path.join(placed.folder, "refs", "main.1a2b3c4d.tmp"), placed.commit[:11], at=placed.now),
                   placed.write(os.path.join(placed.folder, "tmp_3f2b8c1e-9d4a-4b6e-8f7a-1c2d3e4f5a6c"), b"", at=placed.now))
    return expect



# More harm ------------------------------------------------------------------------------------------------------------

@damage("all content is LFS pointers")
def _(placed):
    """git clone without git-lfs, copied into the cache."""
    files = [file for file in placed.here.values() if file.lfs and len(file.data) > 200]
    for file in {file.etag: file for file in files}.values():
        rewrite(placed, file, placed.pointer(file))
    if not files:
        return None
    answer = Answer({X, I}, {1}, [frozenset(("lfs-pointer",))], named=[names(placed, files[0])])
    return both(answer, {1} if any(file.is_wanted for file in files) else {0, 1})


@damage("line ends converted")
def _(placed):
    """A tool that takes text for its own: valid, and not the content."""
    file = pick(placed, lambda file: not file.lfs and b"\n" in file.data and file.gone == "loose")
    if not file:
        return None
    rewrite(placed, file, file.data.replace(b"\n", b"\r\n"))
    return broken(placed, file, placed.layout.tree, placed.is_proven(file))


@damage("JSON with a tail")
def _(placed):
    """The end of a longer version behind the new text."""
    file = pick(placed, lambda file: file.is_loader_json)
    if not file:
        return None
    rewrite(placed, file, file.data.rstrip() + b'": 1}\n}\n')
    return broken(placed, file, True)


@damage("an older revision damaged")
def _(placed):
    """What no ref names never makes a repo worse."""
    if not placed.other_commits or not placed.layout.links or not placed.layout.ref:
        return None
    folder = os.path.join(placed.folder, "snapshots", placed.other_commits[0])
    own = {file.etag for file in placed.here.values()}
    for place, _, names in os.walk(folder):
        for name in names:
            etag = os.path.basename(os.readlink(os.path.join(place, name)))
            if etag not in own and os.path.exists(placed.blob(etag)):
                os.unlink(placed.blob(etag))
    expect = healthy(placed)
    expect.scan.never = expect.verify.never = {"error"}
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


@damage("two spellings of one repo", alone=True)
def _(placed):
    twin = os.path.join(placed.hub, placed.folder_name.swapcase().replace(placed.folder_name.split("--")[0].swapcase(),
                                                                           placed.folder_name.split("--")[0], 1))
    if placed.layout.client.links == "absolute" or placed.layout.shared or os.path.exists(twin):
        return None
    shutil.copytree(placed.folder, twin, symlinks=True)
    expect = healthy(placed)
    expect.scan.never = expect.verify.never = {"error"}
    return expect


@damage("content that its owner may not read", alone=True)
def _(placed):
    file = pick(placed)
    if not file or placed.layout.shared:
        return None
    os.chmod(placed.content(file.path), 0)
    placed.as_user = True
    answer = Answer({C, S, U, I, X}, {1, 3})
    return both(answer, {1, 3} if file.is_wanted or 3 in healthy(placed).preflight else {0, 1, 3})


@damage("repo folder closed", alone=True)
def _(placed):
    """Not absent: nothing may be downloaded a second time."""
    os.chmod(placed.folder, 0)
    placed.as_user = True
    return both(Answer({U, None}, {3}), {3}, not_said=("hfaudit pull",))


@damage("snapshots folder closed", alone=True)
def _(placed):
    os.chmod(os.path.join(placed.folder, "snapshots"), 0)
    placed.as_user = True
    return both(Answer({U, I, None}, {3}), {3}, not_said=("hfaudit pull",))


@damage("ref closed", alone=True)
def _(placed):
    if not placed.layout.ref:
        return None
    os.chmod(os.path.join(placed.folder, "refs", placed.layout.ref), 0)
    placed.as_user = True
    return both(Answer({C, S, U, I, None}, {1, 3}), {1, 3}, not_said=("hfaudit pull",))


# More that does no harm -----------------------------------------------------------------------------------------------

@damage("repo moved to another disk")
def _(placed):
    """The folder is a link to where it is now; as users make room."""
    if placed.layout.client.links == "absolute" or placed.layout.shared:
        return None
    elsewhere = os.path.join(placed.home, "..", "disk2", placed.folder_name)
    os.makedirs(os.path.dirname(elsewhere), exist_ok=True)
    placed.set_times()
    shutil.move(placed.folder, elsewhere)
    os.symlink(os.path.realpath(elsewhere), placed.folder)
    return healthy(placed)


@damage("blobs moved to another disk")
def _(placed):
    if not placed.layout.links or placed.layout.shared or placed.layout.client.links == "absolute":
        return None
    blobs = os.path.join(placed.folder, "blobs")
    elsewhere = os.path.join(placed.home, "..", "disk3", placed.folder_name)
    os.makedirs(os.path.dirname(elsewhere), exist_ok=True)
    placed.set_times()
    shutil.move(blobs, elsewhere)
    os.symlink(os.path.realpath(elsewhere), blobs)
    return healthy(placed)


@damage("entries hard-linked to blobs")
def _(placed):
    """What deduplicating tools and some copies make of links."""
    if not placed.layout.links or placed.layout.shared:
        return None
    for file in placed.here.values():
        blob = placed.content(file.path)
        os.unlink(placed.entry(file.path))
        os.link(blob, placed.entry(file.path))
    expect = healthy(placed)
    return expect


@damage("modes changed")
def _(placed):
    """Executable, group-writable, read-only: all can be read."""
    for file in placed.here.values():
        os.chmod(placed.content(file.path), placed.r.choice((0o444, 0o400, 0o664, 0o755, 0o640)))
    return healthy(placed)


@damage("blobs of another revision left")
def _(placed):
    """`rm -r snapshots/<old>`: its blobs stay."""
    if placed.layout.client.locks == "none" and placed.layout.client.name == "go":
        return None
    for n in range(3):
        data = f.noise(f"{placed.commit} {n}", 60)
        placed.write(placed.blob(sha256(data)), data)
    return healthy(placed)


# Folders --------------------------------------------------------------------------------------------------------------

@damage("local: killed in a file", local=True)
def _(placed):
    files = [file for file in placed.repo.listing() if file.path in placed.here]
    candidates = [n for n, file in enumerate(files) if len(file.data) > 20]
    if not placed.is_recorded or not candidates or placed.layout.filter:
        return None
    first = placed.r.choice(candidates)
    for file in files[first:]:
        placed.forget(file.path)
    placed.write_partial(files[first])
    answer = Answer({I}, {1}, [frozenset(("incomplete-download",))])
    return both(answer, repaired=False, preflight={1, 3} if must_refuse(placed, absent_files(placed)) else {0, 1, 3})


@damage("local: partial of another tool", local=True)
def _(placed):
    """Browsers, wget wrappers, LM Studio, aria2: the name says that it is a part."""
    file = pick(placed, lambda file: file.lfs and file.gone in ("sole", "shard", "need"))
    if not file or placed.is_recorded:
        return None
    placed.remove(file.path)
    folder, _, name = file.path.rpartition("/")
    style = placed.r.choice(PARTS)
    part = os.path.join(folder, style.format(name))
    if style.endswith(".aria2"):
        placed.write(placed.entry(file.path), file.data[:len(file.data) // 2])
        placed.write(placed.entry(part), b"\0\x01" + b"\0" * 40)
    else:
        placed.write(placed.entry(part), file.data[:len(file.data) // 2])
    return both(Answer({I, X}, {1}), {1})


@damage("local: a folder of something else", local=True)
def _(placed):
    if placed.is_recorded:
        return None
    for path in list(placed.here):
        placed.remove(path)
    for name in ("notes.txt", "photo.png", "budget.csv", "src/main.c"):
        placed.write(placed.entry(name), f"{name} {placed.commit}")
    return both(Answer({U, S}, {0, 3}), {1, 3})


@damage("local: an empty folder", local=True)
def _(placed):
    for path in list(placed.here):
        placed.forget(path) if placed.is_recorded else placed.remove(path)
    return both(Answer({U, I, None}, {1, 2, 3}), {1, 2, 3})


# Several repos, several revisions ---------------------------------------------------------------------------------------

@damage("the repos that it names are here", alone=True)
def _(placed):
    """No finding on a base model or on code that the cache has."""
    if not placed.repo.other_repos or placed.is_local:
        return None
    for name in placed.repo.other_repos:
        other = Repo("base", "model")
        other.add("config.json", f.json_text({"model_type": "llama", "name": name}))
        other.add("modeling_x.py", "class X: pass\n")
        other.add("configuration_x.py", "class XConfig: pass\n")
        other.add("tokenizer.json", f.json_text({"version": "1.0"}))
        other.add("model.safetensors", f.safetensors(name, ["w"]))
        type(placed)(placed.home, other, Layout(placed.layout.client, hours=placed.layout.hours), name, placed.r, placed.now).make()
    expect = healthy(placed)
    expect.scan.must, expect.scan.never = [], expect.scan.never | {"missing-dependency"}
    expect.loaders = [(loader, healthy(placed).preflight) for loader, _ in expect.loaders]
    return expect


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


@damage("a snapshot folder for each file")
def _(placed):
    """@huggingface/hub on a branch names the folder after the file's last commit, and writes no ref."""
    if not placed.layout.links or placed.other_commits or placed.layout.ref or placed.layout.client.links == "absolute":
        return None
    for n, path in enumerate(list(placed.here)):
        commit = sha256(f"{placed.commit} {n}".encode())[:40]
        new = os.path.join(placed.folder, "snapshots", commit, path)
        os.makedirs(os.path.dirname(new), exist_ok=True)
        os.rename(placed.entry(path), new)
    shutil.rmtree(placed.snapshot)
    if placed.layout.tree:
        shutil.rmtree(os.path.join(placed.folder, "trees"))
    answer = Answer({C, S, U, None}, {0, 2, 3}, never={"error"})
    return both(answer, {0, 1, 2, 3})


@damage("files of the oldest clients", alone=True)
def _(placed):
    """huggingface_hub <= 0.7 kept files flat; vLLM keeps its locks at the top; diffusers left a version."""
    for n in range(2):
        name = f"{sha256(f'url {n}'.encode())}.{sha256(f'etag {n}'.encode())}"
        placed.write(os.path.join(placed.hub, name), f.noise(name, 50))
        placed.write(os.path.join(placed.hub, name + ".json"), f.json_text({"url": "https://huggingface.co/a/b", "etag": '"x"'}))
        placed.write(os.path.join(placed.hub, name + ".lock"), b"")
    placed.write(os.path.join(placed.hub, sha256(b"vllm") + "acme-model.lock"), b"")
    placed.write(os.path.join(placed.hub, "version_diffusers_cache.txt"), "1")
    for name in ("token", ".check_for_update_done", "xet/logs/xet_20260101T000000000+0000_1.log", "datasets/x/default/0.0.0/a.arrow",
                 "modules/transformers_modules/__init__.py", "assets/x/y"):
        path = placed.write(os.path.join(placed.home, name), b"x")
        os.chmod(path, 0o600)
    return healthy(placed)
