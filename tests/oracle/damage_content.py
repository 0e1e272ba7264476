"""Content that is not what it should be."""

import os

import formats as f
from answers import ABSENT, I, WRONG_CONTENT, X, Answer, both, broken, names
from harm import damage, pick, rewrite


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
