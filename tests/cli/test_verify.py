"""hfaudit verify: what it proves, and how a job is divided."""

import hashlib
import json
import os
import random
import shutil
import unittest

from cli_case import COMMIT, each
from verify_case import VerifyCase, flip


class Content(VerifyCase):
    def test_one_flipped_bit_anywhere_is_found(self):
        sizes = {"empty.dat": 0, "one.dat": 1, "block.dat": 64, "page.dat": 4096, "piece.dat": (128 << 10) + 1,
                 "shard.dat": (3 << 20) + 12345}
        repo = self.add_files(sizes)
        self.add_repo(files={"README.md": b"# Fine", "weights.dat": b"a\nb\n"})
        healthy = self.verify()
        self.assertEqual((healthy["verdict"], healthy["findings"]), ("clean", []))
        self.assertEqual(healthy["verified"]["files"], len(sizes) + 2)
        self.assertEqual(healthy["verified"]["bytes"], sum(sizes.values()) + 10)
        for name, size in sizes.items():
            for offset in {0, size // 2, size - 1} if size else ():
                with self.subTest(name=name, offset=offset):
                    flip(self.blob(repo, name), offset)
                    report = self.verify(code=1)
                    self.assertEqual(self.found(report), [("digest-mismatch", name)])
                    self.assertEqual({r["repo_id"]: r["verdict"] for r in report["repos"]},
                                     {"acme/big": "corrupt", "acme/fine": "complete"})
                    flip(self.blob(repo, name), offset)
        self.assertEqual(self.verify()["verdict"], "clean")

    def test_the_finding_says_what_it_should_be_and_what_it_is(self):
        repo = self.add_files({"a.dat": 100})
        blob = self.blob(repo, "a.dat")
        flip(blob, 50)
        with open(blob, "rb") as file:
            actual = hashlib.sha256(file.read()).hexdigest()
        details = self.verify(code=1)["findings"][0]["details"]
        self.assertEqual(details, {"basis": "name", "hash": "sha256", "expected": os.path.basename(blob),
                                   "actual": actual})

    def test_a_file_of_many_names_is_read_once(self):
        repo = self.add_files({"a.dat": 1000})
        other = os.path.join(self.home, "hub", "models--acme--linked")
        shutil.copytree(repo, other, symlinks=True)
        os.unlink(self.blob(other, "a.dat"))
        os.link(self.blob(repo, "a.dat"), os.path.join(other, "blobs", os.path.basename(self.blob(repo, "a.dat"))))
        again = os.path.join("..", "..", "blobs", os.path.basename(self.blob(repo, "a.dat")))
        os.symlink(again, os.path.join(repo, "snapshots", COMMIT, "again.dat"))
        self.assertEqual(self.verify()["verified"]["files"], 1)
        flip(self.blob(repo, "a.dat"), 0)
        report = self.verify(code=1)
        self.assertEqual({r["repo_id"]: r["verdict"] for r in report["repos"]},
                         {"acme/big": "corrupt", "acme/linked": "corrupt"})

    def test_an_orphan_blob_is_proven_too_and_no_model_suffers_from_it(self):
        repo = self.add_files({"a.dat": 1000, "b.dat": 2000})
        orphan = self.blob(repo, "b.dat")
        os.unlink(os.path.join(repo, "snapshots", COMMIT, "b.dat"))
        flip(orphan, 0)
        report = self.verify()
        self.assertEqual([(f["id"], f["severity"]) for f in report["findings"]],
                         [("digest-mismatch", "warning"), ("orphan-blob", "info")])
        self.assertEqual(self.verify("--fail-on", "warning", code=1)["exit_code"], 1)

    def test_what_scan_has_proven_wrong_is_told_once(self):
        pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 12345\n"
        repo = self.add_files({"model.safetensors": 100})
        with open(self.blob(repo, "model.safetensors"), "wb") as file:
            file.write(pointer)
        self.assertEqual(self.found(self.verify(code=1)), [("lfs-pointer", "model.safetensors")])

    def test_only_the_repo_and_the_files_that_were_asked_for_are_read(self):
        repo = self.add_files({"a.dat": 1000, "b.bin": 2000})
        self.add_files({"c.dat": 3000}, "models--acme--other")
        flip(self.blob(repo, "b.bin"), 7)
        self.assertEqual(self.verify("acme/other")["verified"]["bytes"], 3000)
        self.assertEqual(self.verify("acme/big", "--include", "*.dat")["verified"]["bytes"], 1000)
        self.assertEqual(self.verify("acme/big", "--exclude", "*.dat", code=1)["verified"]["bytes"], 2000)

    def test_a_report_of_less_than_the_cache_says_so_and_so_does_what_is_made_of_it(self):
        self.add_files({"a.dat": 1000, "b.bin": 2000})
        self.assertNotIn("asked", self.verify())
        done = self.run_hfaudit("verify", "acme/big", "--include", "*.dat", "--exclude", "z*", "--format", "json",
                                "--output", "some.json")
        self.assertIn(b"; only *.dat; not z*\n", done.stdout)
        with open(os.path.join(self.scratch, "some.json"), encoding="utf-8") as file:
            asked = {"repos": ["acme/big"], "include": ["*.dat"], "exclude": ["z*"]}
            self.assertEqual(json.load(file)["asked"], asked)
        merged = self.run_hfaudit("merge", "some.json").stdout.decode()
        self.assertIn("  some.json is not of all that its cache has; only *.dat; not z*\n", merged)
        report = json.loads(self.run_hfaudit("merge", "--format", "json", "some.json").stdout)
        self.assertEqual(report["sources"][0]["asked"], asked)

    def test_partials_are_not_read(self):
        repo = self.add_files({"a.dat": 1000})
        self.write(os.path.join(repo, "blobs", "f" * 64 + ".incomplete"), b"x" * 500)
        self.assertEqual(self.verify(code=1)["verified"]["bytes"], 1000)

    def test_two_names_by_two_hashes_are_both_computed(self):
        content = b"a small file of a mirror"
        blob = hashlib.sha256(content).hexdigest()
        repo = os.path.join(self.home, "hub", "models--acme--mirror")
        self.write(os.path.join(repo, "blobs", blob), content)
        os.makedirs(os.path.join(repo, "snapshots", COMMIT))
        os.symlink("../../blobs/" + blob, os.path.join(repo, "snapshots", COMMIT, "a.txt"))
        self.write(os.path.join(repo, "refs", "main"), COMMIT.encode())
        oid = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        for tree, findings in ((oid, []), ("1" * 40, ["conflicting-digests", "digest-mismatch"])):
            listing = {"format_version": 1, "files": {"a.txt": {"size": len(content), "blob_id": tree}}}
            self.write(os.path.join(repo, "trees", COMMIT + ".json"), json.dumps(listing).encode())
            with self.subTest(tree=tree):
                report = self.verify(code=1 if findings else 0)
                self.assertEqual(sorted(f["id"] for f in report["findings"]), findings)


class Parts(VerifyCase):
    def setUp(self):
        super().setUp()
        chance = random.Random(3)
        self.sizes = {f"f{i}.dat": chance.choice((0, 10, 1000, 30000, 200_000)) + i for i in range(40)}
        self.repo = self.add_files(self.sizes)
        self.add_repo()

    def test_the_parts_of_a_job_cover_each_byte_once(self):
        total = self.verify()["verified"]
        for parts in each(range(1, 18), 4):
            read = [self.verify("--subset", f"{n}/{parts}")["verified"] for n in range(1, parts + 1)]
            with self.subTest(parts=parts):
                self.assertEqual(sum(one["files"] for one in read), total["files"])
                self.assertEqual(sum(one["bytes"] for one in read), total["bytes"])
                self.assertEqual(len({one["subset"]["listing"] for one in read}), 1)
                most = max(one["bytes"] for one in read)
                self.assertLess(most, total["bytes"] / parts + max(self.sizes.values()) + 1)

    def test_damage_is_in_exactly_one_part_and_the_merged_report_has_it(self):
        flip(self.blob(self.repo, "f7.dat"), 3)
        codes = []
        for n in (1, 2, 3):
            done = self.run_hfaudit("verify", "--subset", f"{n}/3", "--format", "json", "--output", f"{n}.json")
            codes.append(done.returncode)
        self.assertEqual(sorted(codes), [0, 0, 1])
        merged = self.run_hfaudit("merge", "--format", "json", "1.json", "2.json", "3.json")
        report = json.loads(merged.stdout)
        self.assertEqual((merged.returncode, report["verdict"]), (1, "damaged"))
        self.assertEqual(self.found(report), [("digest-mismatch", "f7.dat")])
        self.assertEqual(self.run_hfaudit("merge", "1.json", "3.json").returncode, 3)

    def test_parts_with_files_that_have_no_hash_add_up_too(self):
        entry = os.path.join(self.repo, "snapshots", COMMIT, "copy.dat")
        self.write(entry, b"a copy that nothing speaks for")
        for n in (1, 2, 3):
            self.run_hfaudit("verify", "--subset", f"{n}/3", "--format", "json", "--output", f"{n}.json")
        merged = self.run_hfaudit("merge", "--format", "json", "1.json", "2.json", "3.json")
        self.assertEqual(merged.returncode, 0, merged.stdout)
        self.assertEqual(json.loads(merged.stdout)["verified"]["unverifiable"]["files"], 1)

    def test_a_share_and_an_amount_at_random_say_what_they_covered(self):
        total = self.verify()["verified"]["bytes"]
        share = self.verify("--subset", "10%")["verified"]
        self.assertGreaterEqual(share["bytes"], total // 10)
        self.assertLess(share["bytes"], total)
        amount = self.verify("--subset", "250k")["verified"]
        self.assertLessEqual(amount["bytes"], 250_000)
        self.assertEqual(amount["total"]["bytes"], total)
        read = {json.dumps(self.verify("--subset", "10%")["verified"]["bytes"]) for _ in range(8)}
        self.assertGreater(len(read), 1, "always the same files")
        text = self.run_hfaudit("verify", "--subset", "10%").stdout.decode()
        self.assertRegex(text, r"Verified .*; that is 10% of 42 files")


if __name__ == "__main__":
    unittest.main()
