"""What the tests of verify share: files whose names are their hashes, and a bit that turns over."""

import hashlib
import json
import os
import random

from cli_case import COMMIT, CliCase


def flip(path, offset):
    with open(path, "r+b") as file:
        file.seek(offset, os.SEEK_END if offset < 0 else os.SEEK_SET)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 0x10]))


class VerifyCase(CliCase):
    def verify(self, *args, code=0, **options):
        done = self.run_hfaudit("verify", "--format", "json", *args, **options)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return json.loads(done.stdout)

    def found(self, report):
        return sorted((f["id"], f["path"].rpartition("/")[2]) for f in report["findings"])

    def add_files(self, sizes, folder="models--acme--big"):
        """A repo whose blobs are named by their sha256: {name: size}; the same every time."""
        chance = random.Random(7)
        repo = os.path.join(self.home, "hub", folder)
        for name, size in sizes.items():
            content = chance.randbytes(size)
            blob = hashlib.sha256(content).hexdigest()
            self.write(os.path.join(repo, "blobs", blob), content)
            entry = os.path.join(repo, "snapshots", COMMIT, name)
            os.makedirs(os.path.dirname(entry), exist_ok=True)
            os.symlink(os.path.relpath(os.path.join(repo, "blobs", blob), os.path.dirname(entry)), entry)
        self.write(os.path.join(repo, "refs", "main"), COMMIT.encode())
        return repo

    def blob(self, repo, name):
        return os.path.realpath(os.path.join(repo, "snapshots", COMMIT, name))
