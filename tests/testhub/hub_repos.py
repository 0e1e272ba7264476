"""Repositories of the test Hub: files, commits, branches, tags and pull requests.

    repo = Repo("acme/six").commit({"config.json": Content.text("{}")})
    repo.commit({"config.json": Content.text("[]")})     # main moves, the first commit stays
    repo.tag("v1", repo.history[0].oid)
"""

import hashlib
from dataclasses import dataclass, field

from hub_content import Content

TYPES = ("model", "dataset", "space", "kernel")

# What .gitattributes of a fresh repo sends to LFS, as far as our repos need it.
LFS_SUFFIXES = (
    ".safetensors", ".bin", ".gguf", ".pt", ".pth", ".onnx", ".h5", ".msgpack", ".parquet", ".zip",
    ".tar", ".png", ".model", ".ckpt", ".npz", ".arrow",
)
LFS_SIZE = 10 << 20  # and whatever is larger than this


@dataclass(frozen=True)
class File:
    """One path of one commit."""

    content: Content
    lfs: bool

    @property
    def etag(self):
        """What the Hub calls this file, and what a client names its blob."""
        return self.content.sha256 if self.lfs else self.content.git_oid

    @property
    def git_oid(self):
        """The blob in the git tree: of an LFS file, its pointer."""
        return Content(self.content.pointer).git_oid if self.lfs else self.content.git_oid


@dataclass(frozen=True)
class Commit:
    oid: str
    title: str
    files: dict


@dataclass
class Repo:
    """A repository. `gated` and `private` need a token with access (see hub_access)."""

    repo_id: str
    repo_type: str = "model"
    private: bool = False
    gated: bool = False
    disabled: bool = False
    old_ids: tuple = ()  # former names: the Hub redirects them
    history: list = field(default_factory=list)
    branches: dict = field(default_factory=dict)
    tags: dict = field(default_factory=dict)
    pulls: dict = field(default_factory=dict)  # "refs/pr/1" -> commit
    converts: dict = field(default_factory=dict)  # "refs/convert/parquet" -> commit

    def commit(self, files, branch="main", delete=(), lfs=None, title=None):
        """Adds a commit on top of `branch` and returns the repo. `lfs` overrides the rule by suffix:
        a set of paths that are in LFS."""
        head = self.branches.get(branch) or self.pulls.get(branch) or self.branches.get("main")
        tree = dict(self.find(head).files) if head else {}
        for path in delete:
            del tree[path]
        for path, content in files.items():
            content = content if isinstance(content, Content) else Content.text(content)
            in_lfs = path in lfs if lfs is not None else (
                path.endswith(LFS_SUFFIXES) or content.size > LFS_SIZE
            )
            tree[path] = File(content, in_lfs)
        title = title or f"Commit {len(self.history) + 1}"
        digest = hashlib.sha1(f"{self.repo_type} {self.repo_id}\n{head}\n{title}\n".encode())
        for path in sorted(tree):
            digest.update(f"{path}\0{tree[path].git_oid}\n".encode())
        commit = Commit(digest.hexdigest(), title, tree)
        self.history.append(commit)
        space = self.pulls if branch.startswith("refs/pr/") else self.branches
        space = self.converts if branch.startswith("refs/convert/") else space
        space[branch] = commit.oid
        return self

    def tag(self, name, oid=None):
        self.tags[name] = oid or self.branches["main"]
        return self

    def branch(self, name, oid=None):
        self.branches[name] = oid or self.branches["main"]
        return self

    def find(self, oid):
        for commit in self.history:
            if commit.oid == oid:
                return commit
        return None

    def resolve(self, revision):
        """The commit that a branch, tag, pull request or full hash names; None where nothing does."""
        for space in (self.branches, self.tags, self.pulls, self.converts):
            if revision in space:
                return self.find(space[revision])
        return self.find(revision)

    @property
    def head(self):
        return self.find(self.branches["main"])

    @property
    def folder(self):
        """The name of its folder in the cache."""
        return "--".join([self.repo_type + "s", *self.repo_id.split("/")])

    def entry(self, path, file):
        """A file as the tree and paths-info endpoints list it."""
        out = {"type": "file", "oid": file.git_oid, "size": file.content.size, "path": path}
        if file.lfs:
            out["lfs"] = {
                "oid": file.content.sha256,
                "size": file.content.size,
                "pointerSize": len(file.content.pointer),
            }
        return out
