"""Changes after which the answer stays the same, but for a note."""

import os
import shutil

import formats as f
from answers import C, S, U, Answer, both, healthy
from harm import damage, pick, write_partial
from layout import Layout
from repo import Repo, sha256


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
