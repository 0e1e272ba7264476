"""The materialiser keeps its word: names are the hashes of contents, sizes are exact, mistakes are named by line."""

import hashlib
import json
import os
import re
import struct
import subprocess
import unittest
import zipfile

from fixture_case import FIXTURE, FixtureCase, case_names, case_path, case_text

FORMATS = """
lfs st safetensors:300
lfs st2 safetensors:5000 empty-tensor
lfs g gguf:4096 padded
lfs t torch:3000
file st copy:$st
file st2 copy:$st2
file g copy:$g
file t copy:$t
file cut copy:$st truncate:17
file long copy:$st extend:9
file hole size:3G
"""


def name_of(path, name):
    with open(path, "rb") as file:
        data = file.read()
    if len(name) == 64:
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class Made(FixtureCase):
    def test_blobs_of_healthy_caches_are_named_by_their_content(self):
        seen = 0
        for fixture in case_names():
            if not fixture.startswith("healthy/hfh") and not fixture.endswith("/healthy"):
                continue
            if "owner " in case_text(fixture)[0] and os.geteuid() != 0:
                continue
            cache = self.make(fixture, os.path.join(self.scratch, fixture))
            for folder, _, files in os.walk(cache):
                for name in files if folder.endswith("/blobs") else []:
                    if re.fullmatch("[0-9a-f]{40}([0-9a-f]{24})?", name):
                        seen += 1
                        self.assertEqual(name_of(os.path.join(folder, name), name), name, fixture)
        self.assertGreater(seen, 50)

    def test_trees_agree_with_the_files(self):
        cache = self.make("healthy/hfh-1.22")
        repo = os.path.join(cache, "hub/models--acme--newest")
        commit = os.listdir(os.path.join(repo, "trees"))[0]
        with open(os.path.join(repo, "trees", commit), encoding="utf-8") as file:
            tree = json.load(file)
        self.assertEqual(tree["format_version"], 1)
        snapshot = os.path.join(repo, "snapshots", commit[:-len(".json")])
        for path, row in tree["files"].items():
            real = os.path.realpath(os.path.join(snapshot, path))
            self.assertEqual(os.path.getsize(real), row["size"])
            self.assertEqual(os.path.basename(real), row.get("lfs_sha256", row["blob_id"]))

    def test_formats_and_sizes(self):
        cache = self.make(FORMATS)
        sizes = {name: os.path.getsize(os.path.join(cache, name)) for name in os.listdir(cache)}
        self.assertEqual(sizes, {"st": 300, "st2": 5000, "g": 4096, "t": 3000, "cut": 17, "long": 309, "hole": 3 << 30})
        for name in ("st", "st2"):
            with open(os.path.join(cache, name), "rb") as file:
                data = file.read()
            length = struct.unpack("<Q", data[:8])[0]
            header = json.loads(data[8:8 + length])
            self.assertEqual(8 + length + max(row["data_offsets"][1] for key, row in header.items()
                                              if key != "__metadata__"), len(data))
        self.assertIsNone(zipfile.ZipFile(os.path.join(cache, "t")).testzip())

    def test_the_same_every_time(self):
        first, second = (self.make("story", os.path.join(self.scratch, name)) for name in "ab")
        names = [sorted(os.path.relpath(os.path.join(folder, name), root) for folder, _, files in os.walk(root)
                        for name in files) for root in (first, second)]
        self.assertEqual(names[0], names[1])

    def test_mistakes(self):
        for line, message in (("file x copy:$nothing", "unknown variable"), ("blob x", "unknown statement"),
                              ("file ../x text:a", "inside"), ("file x safetensors:9", "needs more"),
                              ("snapshot $x {", "{ without"), ("file @/x text:a", "@ without a repo")):
            tree = os.path.join(self.scratch, "tree.txt")
            with open(tree, "w", encoding="utf-8") as file:
                file.write("# one\n" + line + "\n")
            done = subprocess.run([FIXTURE, tree, os.path.join(self.scratch, "new")], capture_output=True, text=True,
                                  check=False)
            self.assertEqual(done.returncode, 1, line)
            self.assertIn("line 2: ", done.stderr)
            self.assertIn(message, done.stderr)
            subprocess.run(["rm", "-rf", os.path.join(self.scratch, "new")], check=True)

    def test_it_touches_nothing_that_is_there(self):
        os.mkdir(self.cache)
        with open(os.path.join(self.cache, "mine"), "w", encoding="ascii"):
            pass
        done = subprocess.run([FIXTURE, case_path("story"), self.cache], capture_output=True,
                              check=False)
        self.assertEqual((done.returncode, os.listdir(self.cache)), (1, ["mine"]))


if __name__ == "__main__":
    unittest.main()
