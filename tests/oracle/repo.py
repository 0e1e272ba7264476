"""A repo as it lies on the Hub, and what an expert knows of each of its files.

`gone` says what the loader and the rest of the repo make of a file's absence:

    shard    an index or the numbers of its siblings name it
    sole     the only weights, or one of the parts that only together are weights
    named    a manifest of the repo names it, and the loader stops without it
    code     code of this repo that `auto_map` names
    need     the loader stops without it, and it takes a format's knowledge to know that
    part     of a dataset: often taken in part
    loose    nothing asks for it
    open     no right answer is known: any is allowed
"""

import hashlib
import os
import random
import struct
from dataclasses import dataclass, field

LFS = {".safetensors", ".bin", ".gguf", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".onnx", ".onnx_data", ".npz", ".pkl", ".joblib",
       ".parquet", ".arrow", ".tflite", ".pte", ".engine", ".plan", ".nemo", ".keras", ".model", ".png", ".wav", ".tar", ".zip",
       ".data", ".pb", ".mlmodel", ".task", ".bin.gz", ".npy", ".so", ".data-00000-of-00001", ".data-00000-of-00002",
       ".data-00001-of-00002"}
LOADER_JSON = {"config.json", "tokenizer.json", "tokenizer_config.json", "model_index.json", "modules.json", "adapter_config.json"}
STARTERS = {"config.json", "adapter_config.json", "modules.json", "model_index.json"}
ZIPPED = (".pt", ".pth", ".bin", ".ckpt", ".npz", ".keras")


@dataclass
class File:
    path: str
    data: bytes
    gone: str = "loose"
    lfs: bool = False
    odd_etag: str = ""  # where the Hub's answer was no hash of the content

    @property
    def name(self):
        return self.path.rpartition("/")[2]

    @property
    def etag(self):
        return self.odd_etag or self.digest

    @property
    def digest(self):
        return sha256(self.data) if self.lfs else git_sha1(self.data)

    @property
    def is_loader_json(self):
        return self.name in LOADER_JSON or self.name.endswith(".index.json")

    @property
    def is_cut_visible(self):
        """Does the file's own structure show that its end is absent?"""
        if self.name.endswith((".safetensors", ".gguf", ".parquet")) or self.is_loader_json:
            return True
        return self.data[:2] == b"PK" and self.name.endswith(ZIPPED) or (
            self.data[:6] == b"ARROW1" and self.name.endswith(".arrow"))

    @property
    def payload(self):
        """Where the bytes begin that no structure check reads; None: nothing is promised."""
        if self.name.endswith(".safetensors"):
            return 8 + struct.unpack("<Q", self.data[:8])[0]
        if self.name.endswith(".gguf"):
            return len(self.data) - 500
        return 4 if self.name.endswith(".parquet") else None

    @property
    def is_wanted(self):
        """The loader, or preflight without --for, does not do without it."""
        return self.gone in ("shard", "sole", "named", "need")


@dataclass
class Repo:
    kind: str
    repo_type: str = "model"
    files: dict = field(default_factory=dict)  # path → File, in the order of a listing
    weightless: bool = False  # a model repo that really has no weights
    loaders: tuple = ()  # that `preflight --for` must let pass
    asks: dict = field(default_factory=dict)  # path → loader that refuses without it
    other_repos: tuple = ()  # that its files name
    optional: tuple = ()  # folders whose whole absence is a choice

    def add(self, path, data, gone="loose", lfs=None):
        if isinstance(data, str):
            data = data.encode()
        by_name = os.path.splitext(path)[1] in LFS or any(path.endswith(end) for end in LFS)
        self.files[path] = File(path, data, gone, by_name and len(data) > 0 if lfs is None else lfs)

    def listing(self):
        """In the order in which the Hub lists and clients download."""
        return [self.files[path] for path in sorted(self.files)]

    def weights(self):
        return [file for file in self.listing() if file.gone in ("shard", "sole")]

    def has_starter(self):
        return any(path in STARTERS for path in self.files)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def git_sha1(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def xet_hash(data):
    """A name of the shape of a Xet hash, which is not the content's SHA-256."""
    return hashlib.blake2s(data).hexdigest()


def rng_of(*words):
    return random.Random(" ".join(map(str, words)))
