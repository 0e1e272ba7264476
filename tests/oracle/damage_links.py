"""Content is here, and entries do not lead to it."""

import os
import shutil

from answers import ABSENT, C, I, S, U, X, Answer, both, lost, names, no_orphans
from harm import damage, pick, same_etag


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
