"""Folders that are no cache: `hf download --local-dir` of several clients, and plain copies that nothing describes."""

import base64
import hashlib
import os

import formats as f
from layout import CACHEDIR_TAG, Client, Placed

CLIENTS = {client.name: client for client in (
    Client("local 0.23", ".huggingface/download/{path}.{etag}.incomplete", "none", links="none"),
    Client("local 0.25", ".cache/huggingface/download/{path}.{etag}.incomplete", "none", links="none"),
    Client("local 0.36", ".cache/huggingface/download/{hash}.{etag}.incomplete", "none", links="none"),
    Client("local 1.18", ".cache/huggingface/download/{hash}.{etag}.{hex}.incomplete", "none", links="none"),
    Client("plain folder", "", "none", links="none"),
)}
PARTS = ("{}.part", "{}.crdownload", "downloading_{}.part", "{}.aria2")  # wget and browsers, LM Studio, aria2


class LocalPlaced(Placed):
    is_local = True

    def __init__(self, home, repo, layout, name, r, now):
        super().__init__(home, repo, layout, name, r, now)
        self.folder = os.path.join(os.path.dirname(home), "models", name.rpartition("/")[2])

    @property
    def words(self):
        return ("--local-dir", self.folder)

    @property
    def snapshot(self):
        return self.folder

    @property
    def is_recorded(self):
        return self.layout.client.name != "plain folder"

    def is_proven(self, file):
        return self.is_recorded

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
