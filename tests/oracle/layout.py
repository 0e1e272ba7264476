"""Lays a repo out on the disk as one of the clients leaves it."""

import fcntl
import json
import os
import shutil
from dataclasses import dataclass, field

import formats as f
from repo import git_sha1, sha256, xet_hash

FOLDERS = {"model": "models", "dataset": "datasets", "space": "spaces", "kernel": "kernels"}
PREFIX = {"model": "", "dataset": "datasets/", "space": "spaces/", "kernel": "kernels/"}
CACHEDIR_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# This file is a cache directory tag created by huggingface_hub.\n"


@dataclass(frozen=True)
class Client:
    """`partial`: the names that it writes to, of {etag}, {hex}, {tmp}; `locks`: where they lie."""
    name: str
    partial: str
    locks: str = "hub"  # hub: .locks/<repo>/, blobs: beside the blobs, deeper: .locks/<repo>/blobs/, none
    links: str = "relative"
    tree: bool = False
    shared: bool = False
    markers: bool = True
    lock_stays: bool = True


CLIENTS = {client.name: client for client in (
    Client("hfh 0.8", "hub/{tmp}", "blobs", markers=False),
    Client("hfh 0.13.0", "hub/{tmp}", "blobs", links="absolute"),
    Client("hfh 0.16", "hub/{tmp}", "blobs"),
    Client("hfh 0.16 resuming", "blobs/{etag}.incomplete", "blobs"),
    Client("hfh 0.20", "hub/{tmp}"),
    Client("hfh 0.23", "blobs/{etag}.incomplete"),
    Client("hfh 0.36", "blobs/{etag}.incomplete"),
    Client("hfh 1.10", "blobs/{etag}.incomplete", lock_stays=False),
    Client("hfh 1.18", "blobs/{etag}.{hex}.incomplete"),
    Client("hfh 1.28", "blobs/{etag}.{hex}.incomplete", tree=True),
    Client("hfh 2.4", "blobs/{etag}.{hex}.incomplete", tree=True, shared=True),
    Client("hf-hub 0.3", "hub/tmp/{tmp7}", "none", markers=False),
    Client("hf-hub 0.4.1", "blobs/{etag}.part", "blobs", markers=False, lock_stays=False),
    Client("hf-hub 0.5", "blobs/{etag}.sync.part", "blobs", markers=False),
    Client("hf-hub 1.0", "blobs/{etag}.incomplete"),
    Client("npm", "blobs/{etag}.incomplete", "none", markers=False),
    Client("llama.cpp", "blobs/{etag}.downloadInProgress", "none", markers=False),
    Client("swift", "blobs/{etag}.incomplete", "deeper", markers=False),
    Client("hf-fetch-model", "blobs/{etag}.chunked.part", "none", markers=False),
    Client("go", "blobs/tmp-{etag}.part-{part}", "none", markers=False),
)}


@dataclass
class Layout:
    client: Client
    links: bool = True
    tree: bool = False
    shared: bool = False
    locks: str = "none"
    ref: str = "main"  # "" for a pinned commit
    filter: str = ""  # which files `--include` left out
    extras: list = field(default_factory=list)
    hours: float = 100.0  # how long ago it was downloaded

    def __str__(self):
        words = [self.client.name, "links" if self.links else "copies"]
        words += ["tree"] * self.tree + ["shared store"] * self.shared + [f"locks: {self.locks}"]
        words += [f"ref {self.ref}" if self.ref else "no ref"] + [f"without {self.filter}"] * bool(self.filter) + self.extras
        return ", ".join(words)


class Placed:
    """A repo on the disk. `here` are the files that the download brought."""
    is_local = False

    def __init__(self, home, repo, layout, name, r, now, older=None):
        self.older = older  # the Repo of an older revision
        self.home, self.repo, self.layout, self.r = home, repo, layout, r
        self.repo_id = name
        self.hub = os.path.join(home, "hub")
        self.folder_name = "--".join([FOLDERS[repo.repo_type], *name.split("/")])
        self.folder = os.path.join(self.hub, self.folder_name)
        self.commit = sha256(f"{name} {r.random()}".encode())[:40]
        self.now, self.as_user, self.held = now, False, []
        self.begun = now - layout.hours * 3600
        self.clock = self.begun
        self.times = {}  # path → mtime, set when all is made
        self.here = {}
        self.other_commits = []

    # Names ------------------------------------------------------------------------------------------------------------

    @property
    def word(self):
        """The repo on the command line, as its revision can be reached."""
        revision = "" if self.layout.ref == "main" else "@" + (self.layout.ref or self.commit)
        return PREFIX[self.repo.repo_type] + self.repo_id + revision

    @property
    def words(self):
        """What a command is asked about."""
        return (self.word,)

    def is_proven(self, file):
        """Can a verify know the content: by the blob's name or by the tree?"""
        return self.layout.tree or self.layout.links and not file.odd_etag

    @property
    def plain_word(self):
        return PREFIX[self.repo.repo_type] + self.repo_id

    @property
    def snapshot(self):
        return os.path.join(self.folder, "snapshots", self.commit)

    def entry(self, path):
        return os.path.join(self.snapshot, path)

    def blob(self, etag):
        return os.path.join(self.folder, "blobs", etag)

    def lock_folder(self, where=None):
        where = where or self.layout.client.locks
        return {"blobs": os.path.join(self.folder, "blobs"), "hub": os.path.join(self.hub, ".locks", self.folder_name),
                "deeper": os.path.join(self.hub, ".locks", self.folder_name, "blobs")}.get(where)

    def content(self, path):
        """The regular file that holds the bytes of an entry."""
        return os.path.realpath(self.entry(path))

    # Writing ----------------------------------------------------------------------------------------------------------

    def tick(self, seconds=3.0):
        self.clock += seconds
        return self.clock

    def write(self, path, data, at=None):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        self.times[path] = at if at is not None else self.tick()
        return path

    def link(self, path, target):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            os.unlink(path)
        os.symlink(target, path)
        self.times[path] = self.tick(0.01)

    def relative_target(self, path, etag):
        return "../" * (2 + path.count("/")) + "blobs/" + etag

    def lock_path(self, etag):
        return os.path.join(self.lock_folder(), f"{etag}.lock")

    def lock(self, etag, where=None, at=None):
        folder = self.lock_folder(where)
        if folder:
            return self.write(os.path.join(folder, f"{etag}.lock"), b"", at)
        return None

    def hold(self, path):
        """Opened for writing and locked, as by a client that is at work, until release()."""
        self.held.append(os.open(path, os.O_RDWR))
        fcntl.flock(self.held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self):
        while self.held:
            os.close(self.held.pop())

    def set_times(self):
        """Files as recorded, all else below the repo as old as the last write."""
        for top in (self.folder, os.path.join(self.hub, ".locks", self.folder_name), os.path.join(self.hub, "blobs")):
            for place, folders, files in os.walk(top, topdown=False):
                for name in files:
                    self._touch(os.path.join(place, name))
                for name in folders:
                    if os.path.islink(os.path.join(place, name)):
                        self._touch(os.path.join(place, name))
                self._touch(place)
        for path in self.times:
            if not path.startswith(self.folder) and os.path.lexists(path):
                self._touch(path)

    def _touch(self, path):
        at = self.times.get(path, self.clock)
        os.utime(path, (at, at), follow_symlinks=False)

    # The layout -------------------------------------------------------------------------------------------------------

    def make(self):
        layout, repo = self.layout, self.repo
        if layout.locks == "after rm":
            for n in range(self.r.randint(1, 3)):
                self.lock(sha256(f"{self.commit} removed {n}".encode()))
        if "odd etags" in layout.extras:
            for file in repo.files.values():
                if file.lfs and file.data:
                    file.odd_etag = sha256(file.data)[:32] + (f"-{len(file.data) // 100 + 1}" if "m" in file.path else "")
        for name in ("blobs", "refs", "snapshots"):
            os.makedirs(os.path.join(self.folder, name), exist_ok=True)
        if "older revision" in layout.extras:
            self.other_revision()
        if layout.ref:
            self.write(os.path.join(self.folder, "refs", layout.ref), self.commit)
        if "tag" in layout.extras:
            self.write(os.path.join(self.folder, "refs", "v1.0"), self.commit)
        os.makedirs(self.snapshot)
        if layout.client.name == "swift":
            self.write(os.path.join(self.hub, ".metadata", self.folder_name, self.commit + ".json"), self.swift_listing())
        if layout.tree:
            self.write_tree()
        files = self.chosen()
        for file in files:
            self.place(file)
        self.here = {file.path: file for file in files}
        if layout.client.markers and self.r.random() < 0.5:
            for name in ("adapter_config.json", "chat_template.jinja"):
                if name not in repo.files:
                    self.write(os.path.join(self.folder, ".no_exist", self.commit, name), b"")
        if layout.locks == "deleted revision":
            for n in range(self.r.randint(1, 3)):
                self.lock(sha256(f"{self.commit} deleted {n}".encode()))
        for extra in layout.extras:
            self.extra(extra)
        self.set_times()
        return self

    def chosen(self):
        """What the filter lets through; the whole repo without one."""
        files = self.repo.listing()
        left = {"": lambda file: False, "weights": lambda file: file.gone in ("sole", "shard", "need", "open") or file.lfs,
                "docs": lambda file: file.path in ("README.md", ".gitattributes"),
                "other formats": lambda file: file.path.startswith(("pytorch_model", "tf_", "flax_", "rust_", "original/", "onnx/", "openvino/"))
                and not file.path.endswith(".json") and file.gone in ("loose", "shard"),
                "all but one": lambda file: file.path.endswith(".gguf") and file.path != self.first_gguf()}[self.layout.filter]
        return [file for file in files if not left(file)]

    def first_gguf(self):
        return next((path for path in sorted(self.repo.files) if path.endswith(".gguf")), None)

    def place(self, file):
        entry, etag = self.entry(file.path), file.etag
        lock_at = self.tick()
        if self.layout.shared and file.lfs:
            payload_name = xet_hash(file.data)
            payload = os.path.join(self.hub, "blobs", payload_name[:2], payload_name)
            marker = os.path.join(self.hub, "blobs", ".huggingface-shared-blobs")
            if not os.path.exists(marker):
                self.write(marker, "1\n")
            if not os.path.exists(payload):
                self.write(payload, file.data)
                os.chmod(payload, 0o444)
            with open(payload + ".refs", "a", encoding="utf-8") as refs:
                refs.write(f"{self.folder_name}/blobs/{etag}\n")
            self.link(self.blob(etag), f"../../blobs/{payload_name[:2]}/{payload_name}")
            self.link(entry, self.relative_target(file.path, etag))
        elif self.layout.links:
            if not os.path.exists(self.blob(etag)):
                self.write(self.blob(etag), file.data)
            absolute = self.layout.client.links == "absolute"
            self.link(entry, self.blob(etag) if absolute else self.relative_target(file.path, etag))
        else:
            self.write(entry, file.data)
        if self.layout.locks == "all":
            self.lock(etag, at=lock_at)

    def write_tree(self):
        os.makedirs(os.path.join(self.folder, "trees"), exist_ok=True)
        files = {}
        for file in self.repo.listing():
            files[file.path] = {"size": len(file.data), "blob_id": git_sha1(self.pointer(file)) if file.lfs else file.digest}
            if file.lfs:
                files[file.path].update(lfs_sha256=file.digest, lfs_size=len(file.data), xet_hash=xet_hash(file.data))
        path = os.path.join(self.folder, "trees", self.commit + ".json")
        self.write(path, json.dumps({"format_version": 1, "files": files}, indent=1))
        os.chmod(path, 0o600)

    @staticmethod
    def pointer(file):
        return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(file.data)}\nsize {len(file.data)}\n".encode()

    def swift_listing(self):
        return json.dumps({"entries": [{"path": file.path, "type": "file", "size": len(file.data), "oid": git_sha1(file.data)}
                                       for file in self.repo.listing()]})

    def other_revision(self):
        """An older commit: the same kind of repo, whole, some small files shared."""
        commit = sha256(f"{self.commit} older".encode())[:40]
        self.other_commits.append(commit)
        for file in self.older.listing():
            data = file.data
            entry = os.path.join(self.folder, "snapshots", commit, file.path)
            if self.layout.links:
                if not os.path.exists(self.blob(file.etag)):
                    self.write(self.blob(file.etag), data)
                self.link(entry, self.relative_target(file.path, file.etag))
            else:
                self.write(entry, data)

    # What does no harm ------------------------------------------------------------------------------------------------

    def extra(self, what):
        folder, etag = self.folder, sha256(f"{self.commit} {what}".encode())
        if what == "cache tag":
            self.write(os.path.join(self.hub, "CACHEDIR.TAG"), CACHEDIR_TAG)
            self.write(os.path.join(self.hub, "version.txt"), "1")
        elif what == "files of the system":
            for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
                self.write(os.path.join(self.hub, name), b"x")
                self.write(os.path.join(folder, name), b"x")
            self.write(os.path.join(self.snapshot, ".DS_Store"), f.ds_store(1)) if ".DS_Store" not in self.repo.files else None
        elif what == "AppleDouble":
            for path in [*self.here]:
                head, _, tail = path.rpartition("/")
                name = (head + "/" if head else "") + "._" + tail
                if name not in self.repo.files and len(tail) < 200:
                    self.write(self.entry(name), f.apple_double(path))
            if self.layout.ref:
                self.write(os.path.join(folder, "refs", "._main"), f.apple_double("ref"))
        elif what == "temporary ref":
            self.write(os.path.join(folder, "refs", "main.1a2b3c4d.tmp"), self.commit[:11])
        elif what == "temporary tree":
            self.write(os.path.join(folder, "trees", "tmpq8d1kz0c.tmp"), "{")
        elif what == "locks of a removed repo":
            for n in range(2):
                name = sha256(f"{self.commit} gone {n}".encode())
                self.write(os.path.join(self.hub, ".locks", f"models--gone--{self.commit[:8]}", name + ".lock"), b"")
        elif what == "orphan blob":
            data = f.noise(etag, 40)
            self.write(self.blob(sha256(data)), data)
        elif what == "umask probe":
            self.write(os.path.join(folder, "tmp_3f2b8c1e-9d4a-4b6e-8f7a-1c2d3e4f5a6b"), b"")
        elif what == "link probe":
            self.write(os.path.join(folder, "tmp8v2k_q1x", "dummy_file_src"), b"")
        elif what == "old temporary file":
            self.write(os.path.join(self.hub, "tmpk3v9x2ab"), f.noise(etag, 300), at=self.begun - 86400 * 30)
        elif what == "empty ref folders":
            os.makedirs(os.path.join(folder, "refs", "refs", "convert"), exist_ok=True)
        elif what == "empty lock folder":
            os.makedirs(os.path.join(self.hub, ".locks", self.folder_name), exist_ok=True)
        elif what == "probe ref":  # a question for a file that does not exist
            commit = etag[:40]
            self.write(os.path.join(folder, "refs", "dev"), commit)
            self.write(os.path.join(folder, ".no_exist", commit, "absent.json"), b"")

    def remove(self, path, content=True):
        """The entry, and its content where no other entry uses it."""
        file = self.here.pop(path)
        entry = self.entry(path)
        if os.path.islink(entry):
            os.unlink(entry)
            if content and all(other.etag != file.etag for other in self.here.values()):
                self.remove_blob(file)
        elif os.path.lexists(entry):
            os.unlink(entry)
        parent = os.path.dirname(entry)
        while parent != self.snapshot and not os.listdir(parent):
            os.rmdir(parent)
            parent = os.path.dirname(parent)

    def remove_blob(self, file):
        blob = self.blob(file.etag)
        if os.path.islink(blob):
            payload = os.path.realpath(blob)
            os.unlink(blob)
            for path in (payload, payload + ".refs"):
                if os.path.exists(path):
                    os.unlink(path)
        elif os.path.exists(blob):
            os.unlink(blob)


def remove_repo(placed):
    shutil.rmtree(placed.folder)
