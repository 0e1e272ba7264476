"""Refs, markers, listings, and where a repo lies."""

import os
import shutil

from answers import I, U, Answer, both, healthy, names
from harm import damage, pick
from repo import sha256


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


@damage("an older revision damaged")
def _(placed):
    """What no ref names never makes a repo worse."""
    if not placed.other_commits or not placed.layout.links or not placed.layout.ref:
        return None
    folder = os.path.join(placed.folder, "snapshots", placed.other_commits[0])
    own = {file.etag for file in placed.here.values()}
    own_blobs_gone = 0
    for place, _, names in os.walk(folder):
        for name in names:
            etag = os.path.basename(os.readlink(os.path.join(place, name)))
            if etag not in own and os.path.exists(placed.blob(etag)):
                os.unlink(placed.blob(etag))
                own_blobs_gone += 1
    expect = healthy(placed)
    expect.scan.never = expect.verify.never = {"error"}
    return expect if own_blobs_gone else None


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
