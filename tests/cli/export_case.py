"""Base of the tests of export: a cache of one repo, its export, and the cache that an extraction makes of it."""

import hashlib
import io
import json
import os
import subprocess
import tarfile

from cli_case import COMMIT, CliCase

MARKER = ".huggingface-shared-blobs"
FOLDER = "models--acme--six"
BIG = (b"weights " * 40_000 + b"!") * 10  # several pieces
FILES = {"config.json": b'{"model_type":"bert"}', "a/b/c.txt": b"deep\n", "model.bin": BIG, "empty.txt": b""}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class ExportCase(CliCase):
    def setUp(self):
        super().setUp()
        self.hub = os.path.join(self.home, "hub")
        self.target = os.path.join(self.scratch, "target")
        os.makedirs(os.path.join(self.target, "hub"))

    def path(self, *parts):
        return os.path.join(self.hub, *parts)

    def add(self, files=FILES, folder=FOLDER, commit=COMMIT, ref="main", tree=True, links=True):
        """A repo as the clients leave it, with LFS names for all files."""
        repo = self.path(folder)
        for name, content in files.items():
            entry = os.path.join(os.fsencode(repo), b"snapshots", commit.encode(), os.fsencode(name))
            if not links:
                self.write(entry, content)
                continue
            blob = os.path.join(os.fsencode(repo), b"blobs", sha256(content).encode())
            self.write(blob, content)
            os.makedirs(os.path.dirname(entry), exist_ok=True)
            os.symlink(os.path.relpath(blob, os.path.dirname(entry)), entry)
        if tree:
            listed = {name: {"size": len(content), "blob_id": "1" * 40, "lfs_sha256": sha256(content),
                             "lfs_size": len(content)} for name, content in files.items()}
            self.write(os.path.join(repo, "trees", commit + ".json"),
                       json.dumps({"format_version": 1, "files": listed}).encode())
        if ref:
            self.write(os.path.join(repo, "refs", *ref.split("/")), commit.encode())
        return repo

    def share(self, repo):
        """Moves the blobs into the store of the newest client."""
        self.write(self.path("blobs", MARKER), b"1\n")
        for name in os.listdir(os.path.join(repo, "blobs")):
            payload = hashlib.blake2b(name.encode(), digest_size=32).hexdigest()
            place = self.path("blobs", payload[:2], payload)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.rename(os.path.join(repo, "blobs", name), place)
            os.chmod(place, 0o444)
            self.write(place + ".refs", f"{os.path.basename(repo)}/blobs/{name}\n".encode())
            os.symlink(os.path.join("..", "..", "blobs", payload[:2], payload), os.path.join(repo, "blobs", name))

    def export(self, *args, code=0, says="", **options):
        done = self.run_hfaudit("export", *args, **options)
        self.assertEqual(done.returncode, code, done.stderr.decode(errors="replace"))
        self.assertIn(says, done.stderr.decode(errors="replace"))
        return done.stdout

    def refuse(self, *args, code, says):
        self.assertEqual(self.export(*args, code=code, says=says), b"")

    def names(self, archive):
        return [member.name for member in tarfile.open(fileobj=io.BytesIO(archive))]

    def unpack(self, archive, good=True):
        """With GNU tar, beside what is there."""
        done = subprocess.run(["tar", "-x", "-C", os.path.join(self.target, "hub")], input=archive, check=False,
                              capture_output=True, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
        if good:
            self.assertEqual((done.returncode, done.stderr), (0, b""))
        else:
            self.assertNotEqual(done.returncode, 0, "an incomplete archive was unpacked without an error")

    def at_target(self, command, *args, code=0):
        done = self.run_hfaudit(command, "--format", "json", *args, env={"HF_HOME": self.target})
        if code is not None:
            self.assertEqual(done.returncode, code, done.stdout.decode() + done.stderr.decode())
        return json.loads(done.stdout)

    def assert_arrived(self, files=FILES, commit=COMMIT):
        snapshot = os.path.join(os.fsencode(self.target), b"hub", FOLDER.encode(), b"snapshots", commit.encode())
        for name, content in files.items():
            with open(os.path.join(snapshot, os.fsencode(name)), "rb") as file:
                self.assertEqual(file.read(), content, name)
