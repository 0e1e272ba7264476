"""Folders that are no cache: `hf download --local-dir` of several clients, and plain copies that nothing describes."""

import base64
import hashlib
import os
import shutil
import subprocess
import zlib

import formats as f
from layout import CACHEDIR_TAG, Client, Placed

CLIENTS = {client.name: client for client in (
    Client("local 0.23", ".huggingface/download/{path}.{etag}.incomplete", "none", links="none"),
    Client("local 0.25", ".cache/huggingface/download/{path}.{etag}.incomplete", "none", links="none"),
    Client("local 0.36", ".cache/huggingface/download/{hash}.{etag}.incomplete", "none", links="none"),
    Client("local 1.18", ".cache/huggingface/download/{hash}.{etag}.{hex}.incomplete", "none", links="none"),
    Client("plain folder", "", "none", links="none"),
    Client("git clone", "", "none", links="none"),
)}
PARTS = ("{}.part", "{}.crdownload", "downloading_{}.part", "{}.aria2")  # wget and browsers, LM Studio, aria2


class LocalPlaced(Placed):
    is_local = True

    def __init__(self, home, repo, layout, name, r, now, older=None):
        super().__init__(home, repo, layout, name, r, now, older)
        self.folder = os.path.join(os.path.dirname(home), "models", name.rpartition("/")[2])

    @property
    def words(self):
        return ("--local-dir", self.folder)

    @property
    def snapshot(self):
        return self.folder

    @property
    def is_recorded(self):
        return self.layout.client.name.startswith("local ")

    @property
    def is_clone(self):
        return self.layout.client.name == "git clone"

    def is_proven(self, file):
        return self.is_recorded or self.is_clone and file.lfs  # a text that differs from HEAD is the user's edit

    def entry(self, path):
        return os.path.join(self.folder, path)

    def records(self):
        return os.path.join(self.folder, ".huggingface" if self.layout.client.name == "local 0.23" else ".cache/huggingface")

    def make(self):
        os.makedirs(self.folder)
        if self.is_recorded:
            self.write(os.path.join(self.records(), ".gitignore"), "*")
            if self.layout.client.name == "local 1.18":
                self.write(os.path.join(self.records(), "CACHEDIR.TAG"), CACHEDIR_TAG)
        for file in self.chosen():
            self.place(file)
        if self.is_clone:
            self.write_git()
        for extra in self.layout.extras:
            if extra == "files of the system":
                self.write(self.entry("Thumbs.db"), b"x")
                self.write(self.entry(".DS_Store"), f.ds_store(1))
            if extra == "AppleDouble":
                for path in self.here:
                    head, _, tail = path.rpartition("/")
                    self.write(self.entry((head + "/" if head else "") + "._" + tail), f.apple_double(path))
        self.set_times()
        return self

    def write_git(self):
        """HEAD, its commit, trees and blobs as loose objects. Of an LFS file git has the pointer; git-lfs keeps a copy."""
        git = os.path.join(self.folder, ".git")

        def keep(kind, data):
            data = f"{kind} {len(data)}\0".encode() + data
            name = hashlib.sha1(data).hexdigest()
            self.write(os.path.join(git, "objects", name[:2], name[2:]), zlib.compress(data))
            return name

        root = {}
        for file in self.here.values():
            *folders, name = file.path.split("/")
            place = root
            for folder in folders:
                place = place.setdefault(folder, {})
            place[name] = keep("blob", self.pointer(file) if file.lfs else file.data)
            if file.lfs and self.r.random() < 0.5:
                oid = file.digest
                self.write(os.path.join(git, "lfs", "objects", oid[:2], oid[2:4], oid), file.data)

        def tree(place):
            rows = []
            for name, value in place.items():
                folder = isinstance(value, dict)
                rows.append((name + "/" * folder, b"40000" if folder else b"100644", name, tree(value) if folder else value))
            rows.sort(key=lambda row: row[0].encode())
            return keep("tree", b"".join(mode + b" " + name.encode() + b"\0" + bytes.fromhex(oid) for _, mode, name, oid in rows))

        who = "A <a@example.org> 1714550400 +0000"
        commit = keep("commit", f"tree {tree(root)}\nauthor {who}\ncommitter {who}\n\nAdd model\n".encode())
        self.write(os.path.join(git, "HEAD"), "ref: refs/heads/main\n")
        self.write(os.path.join(git, "refs", "heads", "main"), commit + "\n")
        self.write(os.path.join(git, "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = false\n[remote \"origin\"]\n"
                   f"\turl = https://huggingface.co/{self.repo_id}\n")
        os.makedirs(os.path.join(git, "refs", "tags"), exist_ok=True)
        if self.r.random() < 0.5 and shutil.which("git"):  # as a clone has them: in a pack
            environment = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent", "GIT_OPTIONAL_LOCKS": "0"}
            subprocess.run(["git", "-c", "safe.directory=*", "-C", self.folder, "repack", "-adq"], env=environment, check=True)
            subprocess.run(["git", "-c", "safe.directory=*", "-C", self.folder, "pack-refs", "--all"], env=environment, check=True)

    def place(self, file):
        self.here[file.path] = file
        if self.is_recorded and self.r.random() < 0.5:
            self.write(os.path.join(self.records(), "download", file.path + ".lock"), b"")
        at = self.tick()
        self.write(self.entry(file.path), file.data, at=at)
        if self.is_recorded:
            self.write(os.path.join(self.records(), "download", file.path + ".metadata"), f"{self.commit}\n{file.digest}\n{at + 0.5}\n")

    def remove(self, path, content=True):
        self.here.pop(path)
        os.unlink(self.entry(path))

    def forget(self, path):
        """As if it had not been downloaded: no record of it."""
        self.remove(path)
        for end in (".metadata", ".lock"):
            record = os.path.join(self.records(), "download", path + end)
            if os.path.exists(record):
                os.unlink(record)

    def write_partial(self, file):
        name = hashlib.sha1((file.name + ".metadata").encode()).digest()
        path = self.layout.client.partial.format(path=file.path, etag=file.digest, hex="0a1b2c3d", hash=os.path.join(
            os.path.dirname(file.path), base64.urlsafe_b64encode(name).decode()))
        self.write(os.path.join(self.folder, path), file.data[:self.r.randrange(len(file.data))])
