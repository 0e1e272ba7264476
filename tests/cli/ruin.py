"""A cache with every damage that a file can show, in repos of their own, so that each is found: what repair is tried on."""

import os
import socket

from hub import Content, Repo, make_dataset, make_model

SIZE = 120_000
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 12345\n"
PAGE = "<!DOCTYPE html><html><head><title>Log in</title></head></html>"


def model(name):
    return make_model(f"acme/{name}", shards=3, shard_size=SIZE)


REPOS = {name: model(name) for name in (
    "absent", "killed", "cut", "silent", "pointer", "page", "unlinked", "astray", "escaping", "half-entry", "newline",
    "ref-page", "hidden", "listing", "locked", "leftovers", "hollow", "unwanted", "long", "shard-less")}
REPOS["rows"] = make_dataset("acme/rows", files=3, size=SIZE)
REPOS["never"] = Repo("acme/never").commit({"model.bin": Content.generate("never", SIZE), "config.json": "{}\n"})


def shard(number):
    return f"model-{number:05d}-of-00003.safetensors"


class Ruins:
    """Damages `home`, a cache in which all of REPOS were pulled."""

    def __init__(self, home):
        self.home = home
        self.hub = os.path.join(home, "hub")

    def folder(self, name):
        return os.path.join(self.hub, REPOS[name].folder)

    def blob(self, name, file):
        return os.path.join(self.folder(name), "blobs", REPOS[name].head.files[file].etag)

    def entry(self, name, file):
        return os.path.join(self.folder(name), "snapshots", REPOS[name].head.oid, file)

    @staticmethod
    def write(path, data, mode="w"):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path) and "+" not in mode:
            os.unlink(path)
        with open(path, mode) as file:
            file.write(data)
        return path

    def halve(self, name, file, ending):
        """The blob becomes a partial, as a killed client leaves it."""
        blob = self.blob(name, file)
        os.rename(blob, blob + ending)
        os.truncate(blob + ending, os.path.getsize(blob + ending) // 2)
        os.unlink(self.entry(name, file))

    def ruin(self):
        os.unlink(self.blob("absent", shard(1)))
        os.unlink(self.blob("absent", "config.json"))
        for number, ending in enumerate((".incomplete", ".0badcafe.incomplete", ".downloadInProgress"), 1):
            self.halve("killed", shard(number), ending)
        os.truncate(self.blob("cut", shard(2)), 1000)
        os.truncate(self.blob("cut", "config.json"), 0)
        for file in (shard(3), "tokenizer.json"):
            with open(self.blob("silent", file), "r+b") as stream:
                # Within a text, so that the JSON stays valid.
                stream.seek(SIZE // 2 if file == shard(3) else stream.read().index(b"<tok4000>") + 1)
                stream.write(b"damage!")
        self.write(self.blob("pointer", shard(1)), POINTER)
        self.write(self.blob("page", shard(2)), PAGE)
        os.unlink(self.entry("unlinked", shard(2)))
        os.unlink(self.entry("astray", shard(1)))
        os.symlink("../blobs/" + os.path.basename(self.blob("astray", shard(1))), self.entry("astray", shard(1)))
        for file in (shard(1), "config.json"):
            os.unlink(self.entry("escaping", file))
            os.symlink("/etc/hostname", self.entry("escaping", file))
        os.unlink(self.blob("escaping", "config.json"))
        blob, entry = self.blob("half-entry", shard(3)), self.entry("half-entry", shard(3))
        os.rename(blob, blob + ".incomplete")
        os.truncate(blob + ".incomplete", 70_000)
        os.unlink(entry)
        os.symlink(f"../../blobs/{os.path.basename(blob)}.incomplete", entry)
        self.write(os.path.join(self.folder("newline"), "refs", "main"), REPOS["newline"].head.oid + "\n")
        self.write(os.path.join(self.folder("ref-page"), "refs", "main"), PAGE)
        self.write(os.path.join(self.folder("hidden"), ".no_exist", REPOS["hidden"].head.oid, "config.json"), "")
        self.write(os.path.join(self.folder("listing"), "trees", REPOS["listing"].head.oid + ".json"), "{")
        self.ruin_locks()
        self.ruin_leftovers()
        for path in os.listdir(os.path.dirname(self.entry("hollow", "config.json"))):
            if path != "config.json":  # of a client that keeps no listings: named, it gets its weights
                os.unlink(self.entry("hollow", path))
        os.unlink(os.path.join(self.folder("hollow"), "trees", REPOS["hollow"].head.oid + ".json"))
        with open(self.blob("long", shard(2)), "ab") as stream:
            stream.write(b"appended")
        for number in (1, 3):  # a client that keeps no listings: the index tells
            os.unlink(self.entry("shard-less", shard(number)))
            os.unlink(self.blob("shard-less", shard(number)))
        os.unlink(os.path.join(self.folder("shard-less"), "trees", REPOS["shard-less"].head.oid + ".json"))
        for file in ("data/train-00001-of-00003.parquet",):
            if file in REPOS["rows"].head.files:
                self.halve("rows", file, ".incomplete")
        self.write(os.path.join(self.folder("never"), "refs", "main"), REPOS["never"].head.oid)
        self.write(os.path.join(self.home, "token"), "hf_" + "t" * 34)
        os.chmod(os.path.join(self.home, "token"), 0o644)
        self.write(os.path.join(self.hub, "tmpabcd_12x"), "half of something")

        self.age()

    def age(self):
        """An hour old: where things change, an audit looks twice."""
        for folder, folders, names in os.walk(self.home):
            for name in [*folders, *names]:
                path = os.path.join(folder, name)
                when = os.lstat(path).st_mtime - 3600
                os.utime(path, (when, when), follow_symlinks=False)

    def ruin_locks(self):
        locks = os.path.join(self.hub, ".locks", REPOS["locked"].folder)
        etag = REPOS["locked"].head.files[shard(1)].etag
        self.write(os.path.join(locks, etag + ".lock"), f"999999999\n{socket.gethostname()}\n")
        os.unlink(self.blob("locked", shard(1)))
        other = self.blob("locked", shard(2))
        os.unlink(other)
        self.write(other + ".lock", "")
        os.utime(other + ".lock", (1767225600, 1767225600))

    def ruin_leftovers(self):
        blob = self.blob("leftovers", shard(1))
        with open(blob, "rb") as stream:
            half = stream.read(SIZE // 2)
        for ending in (".incomplete", ".0badcafe.incomplete", ".12345678.incomplete"):
            self.write(blob + ending, half, "wb")
        self.write(blob + ".hfaudit.wrong", b"evidence", "wb")
        self.write(os.path.join(self.folder("leftovers"), "tmp_00000000-0000-4000-8000-000000000000"), "")
        self.write(os.path.join(self.folder("leftovers"), "refs", "main.0badcafe.tmp"), "")
        os.makedirs(os.path.join(self.folder("leftovers"), "snapshots", "b" * 40, "sub"))
        self.write(os.path.join(self.folder("unwanted"), "blobs", "c" * 64 + ".incomplete"), "of another revision")
