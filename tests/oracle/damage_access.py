"""Files and folders that the cache's user may not read."""

import os

from answers import C, I, S, U, X, Answer, both, healthy
from harm import damage, pick


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
