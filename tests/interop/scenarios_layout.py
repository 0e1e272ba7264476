"""Caches of other shapes: other repo types, revisions, formats, --local-dir, no symlinks, probes."""

from stage import MIB, SIX, moved, rows, scenario, six

from hub import (
    Repo, barrier, make_diffusers, make_gguf, make_model, make_pytorch_zip,
)

SECOND = "*-00002-of-*"
WITHOUT_LINKS = {"HF_HUB_DISABLE_SYMLINKS": 1}


@scenario()
def formats(stage):
    """A healthy repo of every format in one home: single and sharded safetensors, GGUF with a split
    one, diffusers with a variant, zip checkpoints; a space, and a kernel where the client knows them."""
    repos = [
        make_model("acme/one", shards=1), make_model("gpt2", shards=1, shard_size=MIB),
        make_gguf("acme/ggufs", size=MIB, splits=2), make_diffusers("acme/pipe"),
        make_pytorch_zip("acme/old"), make_pytorch_zip("acme/old-sharded", size=MIB, shards=2),
        Repo("acme/demo", "space").commit({"app.py": "print()\n", "README.md": "# demo\n"}),
    ]
    if stage.client.at_least("1.10"):
        kernel = {"build.toml": "[general]\n", "build/torch/__init__.py": "\n"}
        repos.append(Repo("acme/kernel", "kernel").commit(kernel))
    with stage.hub(*repos) as hub:
        for repo in repos:
            stage.download(hub, repo.repo_id, repo_type=repo.repo_type)
    yield


@scenario()
def paged_tree(stage):
    """The Hub lists the repo on many pages."""
    with stage.hub(six(), page_size=4) as hub:
        stage.download(hub)
    yield


@scenario()
def dataset_finished(stage):
    with stage.hub(rows()) as hub:
        stage.download(hub, "acme/rows", repo_type="dataset")
    yield


@scenario()
def dataset_killed(stage):
    with stage.hub(rows(), faults=[barrier("file", MIB, path="data/en/train-00001-*")]) as hub:
        stage.kill_at_barrier(hub, "file", MIB, repo_id="acme/rows", repo_type="dataset")
    yield


@scenario()
def by_commit(stage):
    """A revision given as a hash: no ref is written."""
    with stage.hub(moved()) as hub:
        stage.download(hub, "acme/moved", revision=moved().history[0].oid)
    yield


@scenario()
def by_branch_tag_pull(stage):
    """Three refs to two commits, one of them nested (refs/pr/1); main itself is not here."""
    with stage.hub(moved()) as hub:
        for revision in ("dev", "v1", "refs/pr/1"):
            stage.download(hub, "acme/moved", revision=revision)
    yield


@scenario()
def main_moved(stage):
    """main was downloaded, moved on the Hub, was downloaded again: the old snapshot has no ref."""
    repo = moved()
    before = Repo(repo.repo_id, history=repo.history, branches={"main": repo.history[0].oid})
    with stage.hub(before) as hub:
        stage.download(hub, "acme/moved")
    with stage.hub(repo) as hub:
        stage.download(hub, "acme/moved")
    yield


@scenario()
def main_moved_then_killed(stage):
    """The same, and the second download was killed: main is incomplete, the old snapshot is not."""
    repo = moved()
    before = Repo(repo.repo_id, history=repo.history, branches={"main": repo.history[0].oid})
    with stage.hub(before) as hub:
        stage.download(hub, "acme/moved")
    with stage.hub(repo, faults=[barrier("shard", MIB, path=SECOND)]) as hub:
        entries = 2 * len(repo.head.files) - 1
        stage.kill_at_barrier(hub, "shard", MIB, done=entries, repo_id="acme/moved")
    yield


@scenario()
def include_one_gguf(stage):
    """One quantisation of several, by --include: a subset by intent."""
    repo = make_gguf("acme/ggufs", size=MIB)
    with stage.hub(repo) as hub:
        stage.download(hub, "acme/ggufs", allow_patterns=["*.Q4_K_M.gguf"])
    yield


@scenario()
def config_only(stage):
    """One file by hf_hub_download, as a program does that only wants to know the architecture."""
    with stage.hub(six()) as hub:
        stage.download(hub, filename="config.json")
    yield


@scenario()
def probe_missing_file(stage):
    """A program asked for a file that does not exist: a marker and a ref, no snapshot."""
    with stage.hub(six()) as hub:
        result = stage.start(hub, filename="adapter_config.json").wait()
        assert result.exit_code and "EntryNotFound" in result.stderr, result
    yield


@scenario()
def probe_and_finished(stage):
    with stage.hub(six()) as hub:
        assert stage.start(hub, filename="adapter_config.json").wait().exit_code
        stage.download(hub)
    yield


@scenario(since="1.9")
def no_links_finished(stage):
    with stage.hub(six()) as hub:
        stage.download(hub, env=WITHOUT_LINKS)
    yield


@scenario(since="1.9")
def no_links_killed(stage):
    with stage.hub(six(), faults=[barrier("shard", MIB, path=SECOND)]) as hub:
        stage.kill_at_barrier(hub, "shard", MIB, env=WITHOUT_LINKS)
    yield


@scenario()
def local_dir_finished(stage):
    with stage.hub(six()) as hub:
        stage.download(hub, local=True)
    yield


@scenario(since="0.23")
def local_dir_killed(stage):
    with stage.hub(six(), faults=[barrier("shard", MIB, path=SECOND)]) as hub:
        stage.kill_at_barrier(hub, "shard", MIB, local=True)
    yield


@scenario(since="0.23")
def local_dir_killed_then_completed(stage):
    for _ in local_dir_killed(stage):
        pass
    with stage.hub(six()) as hub:
        stage.download(hub, SIX, local=True)
    yield


@scenario()
def local_dir_leaves_a_ref(stage):
    """What a --local-dir download leaves in the cache itself: a ref to a commit of which nothing is
    there, and no marker that would explain it."""
    with stage.hub(six()) as hub:
        stage.download(hub, local=True)
    stage.local_used = False  # look at the home
    yield


@scenario()
def xet_hashes_in_tree(stage):
    """The Hub announces Xet hashes, the client may not use Xet: the tree still names them."""
    with stage.hub(six(), xet=True) as hub:
        stage.download(hub)
    yield
