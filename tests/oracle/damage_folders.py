"""Folders that are no cache."""

import os

from answers import ABSENT, I, S, U, X, Answer, both, must_refuse
from harm import absent_files, damage, pick
from local import PARTS


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
    if placed.is_clone:  # all that HEAD has is gone
        return both(Answer({I}, {1}, [ABSENT]), {1, 3})
    return both(Answer({U, S}, {0, 3}), {1, 3})


@damage("local: an empty folder", local=True)
def _(placed):
    for path in list(placed.here):
        placed.forget(path) if placed.is_recorded else placed.remove(path)
    return both(Answer({U, I, None}, {1, 2, 3}), {1, 2, 3})
