"""hfaudit repair: every error and warning of the catalogue that test_repair.py has not, each in a cache that a pull made."""

import os
import shutil
import time
import unittest

from damaged_pull_case import FIRST, THIRD, DamagedPullCase
from hub import Content, Repo, make_diffusers, make_gguf
from pull_case import DATA, SHARD, SIX
from repair_case import RepairCase, damage_all, overwrite, write

PAGE = b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"
PARTIALS = ("{}.incomplete", "{}.0badcafe.incomplete", "{}.sync.part", "{}.part", "{}.hfaudit.incomplete",
            "{}.downloadInProgress", "{}.chunked.part")


class Contents(DamagedPullCase):
    def broken(self, name=SHARD):
        return self.blob(self.repo, name)

    def mended(self, *args, name=SHARD):
        report = self.whole_again(*args, damaged=[self.broken(name)])
        self.assert_pulled(self.repo)
        return report

    def share(self):
        """Moves a blob into the store that all repos share, as the newest clients do; the payload."""
        store = os.path.join(self.home, "hub", "blobs")
        write(os.path.join(store, ".huggingface-shared-blobs"), b"1\n")
        payload = os.path.join(store, "ab", "ab" * 32)
        os.makedirs(os.path.dirname(payload))
        os.rename(self.broken(), payload)
        write(payload + ".refs", f"{self.repo.folder}/blobs/{os.path.basename(self.broken())}\n".encode())
        os.symlink("../../blobs/ab/" + "ab" * 32, self.broken())
        return payload

    def test_a_wrong_payload_of_the_shared_store_goes_once_the_right_content_is_proven(self):
        payload = self.share()
        self.verify()
        overwrite(payload, 200_000, b"wrong")
        report = self.repair(self.served, "--verify")
        self.assert_pulled(self.repo)
        self.assertEqual(os.listdir(os.path.dirname(payload)), [os.path.basename(payload) + ".lock"])
        self.assertEqual(self.repair(self.served, "--verify")["plan"], [])
        self.assertGreaterEqual(report["repair"]["reclaimed"], 300_000)
        listed = self.run_hfaudit("repair", "--list-quarantine")
        self.assertIn(b"The quarantine is empty", listed.stdout)

    def test_a_wrong_payload_of_the_shared_store_stays_where_another_repo_uses_it(self):
        payload = self.share()
        other = os.path.join(self.home, "hub", "models--acme--other", "blobs", "f" * 64)
        os.makedirs(os.path.dirname(other))
        os.symlink("../../blobs/ab/" + "ab" * 32, other)
        with open(payload + ".refs", "a", encoding="ascii") as file:
            file.write("models--acme--other/blobs/" + "f" * 64 + "\n")
        overwrite(payload, 200_000, b"wrong")
        self.repair(self.served, "--verify", "acme/six", code=None)
        self.assertTrue(os.path.exists(payload))
        self.assert_content(self.entry(SHARD), self.repo.head.files[SHARD])

    def test_a_partial_of_every_client(self):
        with open(self.broken(), "rb") as file:
            half = file.read(100_000)
        for pattern in PARTIALS:
            with self.subTest(pattern):
                os.unlink(self.broken())
                partial = pattern.format(self.broken())
                write(partial, half)
                report = self.whole_again("--verify", damaged=[self.broken()])
                self.assert_pulled(self.repo)
                self.assertFalse(os.path.exists(partial), report["results"])

    def test_an_entry_to_a_partial(self):
        partial = self.broken() + ".0badcafe.incomplete"
        os.rename(self.broken(), partial)
        os.truncate(partial, 100_000)
        os.unlink(self.entry(SHARD))
        os.symlink("../../blobs/" + os.path.basename(partial), self.entry(SHARD))
        self.mended()
        self.assert_tidy(self.repo)

    def test_an_entry_that_leads_out_and_no_blob(self):
        os.unlink(self.broken())
        os.unlink(self.entry(SHARD))
        outside = os.path.join(self.scratch, "outside")
        write(outside, b"mine")
        os.symlink(outside, self.entry(SHARD))
        self.mended()
        with open(outside, "rb") as file:
            self.assertEqual(file.read(), b"mine")

    def test_a_blob_that_leads_out(self):
        outside = os.path.join(self.scratch, "outside")
        os.rename(self.broken(), outside)
        os.symlink(outside, self.broken())
        before = os.stat(outside)
        self.mended()
        self.assertFalse(os.path.islink(self.broken()))
        self.assertEqual((os.stat(outside).st_ino, os.stat(outside).st_mtime_ns), (before.st_ino, before.st_mtime_ns))

    def test_a_blob_that_is_too_long(self):
        with open(self.broken(), "ab") as file:
            file.write(b"more")
        self.mended()

    def test_pointers_pages_and_zeros(self):
        size = os.path.getsize(self.broken())
        pointer = POINTER.format(os.path.basename(self.broken()), size).encode()
        for content in (pointer, PAGE, b'{"error":"Entry not found"}', b"", b"\0" * size):
            with self.subTest(content[:20]):
                write(self.broken(), content)
                self.mended("--verify")

    def test_an_entry_and_its_blob_are_gone(self):
        os.unlink(self.entry(SHARD))
        os.unlink(self.broken())
        self.mended()

    def test_by_the_index_alone(self):
        shutil.rmtree(os.path.join(self.place, "trees"))
        os.unlink(self.entry(SHARD))
        os.unlink(self.broken())
        self.whole_again(damaged=[self.broken()])
        self.assert_content(self.entry(SHARD), self.repo.head.files[SHARD])

    def test_a_missing_index_of_shards(self):
        shutil.rmtree(os.path.join(self.place, "trees"))
        for name in (SHARD, "model.safetensors.index.json"):
            os.unlink(self.blob(self.repo, name))
            os.unlink(self.entry(name))
        self.whole_again(damaged=[self.broken()])
        self.assert_content(self.entry(SHARD), self.repo.head.files[SHARD])

    def test_wrong_content_in_a_blob_that_nothing_uses(self):
        blob = os.path.join(self.place, "blobs", "a" * 64)
        write(blob, b"not what its name says" * 100)
        self.whole_again("--verify", damaged=[blob])
        listed = self.run_hfaudit("repair", "--list-quarantine").stdout.decode()
        self.assertIn("a" * 64, listed)

    def test_nothing_here(self):
        shutil.rmtree(self.snapshot)
        shutil.rmtree(os.path.join(self.place, "blobs"))
        shutil.rmtree(os.path.join(self.place, "trees"))
        self.mended()

    def test_nothing_here_but_an_empty_snapshot(self):
        shutil.rmtree(self.snapshot)
        shutil.rmtree(os.path.join(self.place, "blobs"))
        shutil.rmtree(os.path.join(self.place, "trees"))
        os.mkdir(self.snapshot)
        self.mended()

    def test_refs_that_hold_no_commit(self):
        ref = os.path.join(self.place, "refs", "main")
        for text in (b"", b"\n", PAGE * 40, self.repo.head.oid[:12].encode()):
            with self.subTest(text[:20]):
                write(ref, text)
                self.mended()

    def test_a_bad_ref_and_no_snapshot(self):
        for name in ("snapshots", "blobs", "trees"):
            shutil.rmtree(os.path.join(self.place, name))
        write(os.path.join(self.place, "refs", "main"), PAGE)
        self.whole_again()
        self.assert_pulled(self.repo)

    def test_what_a_user_has_put_into_a_snapshot_is_kept(self):
        os.unlink(self.entry(SHARD))
        write(self.entry(SHARD), b"the user's own")
        self.repair(self.served, "--verify", code=None)
        self.verify()
        kept = [path for path, state in self.good_files().items() if state[2] == b"the user's own"]
        self.assertEqual(len(kept), 1, kept)

    def test_all_at_once(self):
        damage_all(self, self.repo)
        wrong = [self.blob(self.repo, name) for name in (FIRST, SHARD, THIRD, "tokenizer.json")]
        report = self.whole_again("--verify", damaged=[*wrong, os.path.join(self.place, "trees", "f"),
                                                       os.path.join(self.home, "hub", "tmp")])
        self.assertNotIn("failed", {result["outcome"] for result in report["results"]})
        self.assert_pulled(self.repo)


class Formats(RepairCase):
    def one_gone(self, repo, name, *, tree):
        served = self.hub(repo)
        self.pull(served, repo.repo_id)
        entry = os.path.join(self.folder(repo), "snapshots", repo.head.oid, name)
        if not tree:
            shutil.rmtree(os.path.join(self.folder(repo), "trees"))
        os.unlink(entry)
        os.unlink(self.blob(repo, name))
        self.repair(served)
        self.verify()
        self.assert_content(entry, repo.head.files[name])
        self.assertEqual(self.repair(served)["plan"], [])

    def test_a_split_of_a_gguf(self):
        repo = make_gguf("acme/split", size=50_000, splits=3, quants=())
        self.one_gone(repo, "F16/split.F16-00002-of-00003.gguf", tree=False)

    def test_a_shard_of_a_component(self):
        repo = make_diffusers("acme/pipe", size=50_000)
        self.one_gone(repo, "unet/diffusion_pytorch_model-00002-of-00002.safetensors", tree=False)

    def test_names_that_are_patterns(self):
        names = {"a[1]*.bin": Content.generate("x", 70_000), "a1x.bin": Content.generate("y", 60_000),
                 "sub dir/b ?.bin": Content.generate("z", 50_000), "config.json": "{}\n"}
        repo = Repo("acme/odd").commit(names)
        served = self.hub(repo)
        self.pull(served, repo.repo_id)
        gone = ["a[1]*.bin", "sub dir/b ?.bin"]
        for name in gone:
            os.unlink(self.blob(repo, name))
        self.repair(served)
        self.verify()
        self.assert_pulled(repo)

    def test_a_subset_stays_one(self):
        repo = make_gguf("acme/quants", size=50_000)
        served = self.hub(repo)
        self.pull(served, repo.repo_id, "--include", "*Q8_0*", agrees=False)
        name = "quants.Q8_0.gguf"
        os.truncate(self.blob(repo, name), 1000)  # a link without its blob would say that all was wanted
        self.repair(served)
        self.assert_pulled(repo, only=[name])

    def test_a_dataset(self):
        served = self.hub(DATA)
        self.pull(served, "datasets/acme/rows")
        name = next(path for path in DATA.head.files if path.endswith(".parquet"))
        overwrite(self.blob(DATA, name), 20_000, b"damage")
        self.repair(served, "--verify")
        self.assert_pulled(DATA)

    def test_a_local_dir(self):
        served = self.hub(SIX)
        place = os.path.join(self.scratch, "local [dir]")
        self.pull(served, "acme/six", "--local-dir", place, agrees=False)
        self.assert_content(os.path.join(place, SHARD), SIX.head.files[SHARD])
        os.unlink(os.path.join(place, SHARD))
        with open(os.path.join(place, THIRD), "r+b") as file:
            file.truncate(1000)
        self.repair(served, "acme/six", "--local-dir", place)
        for name in (SHARD, THIRD):
            self.assert_content(os.path.join(place, name), SIX.head.files[name])
        self.verify("--local-dir", place, "acme/six")
        self.assertEqual(self.repair(served, "acme/six", "--local-dir", place)["plan"], [])

    def test_an_edited_file_of_a_local_dir_is_kept(self):
        served = self.hub(SIX)
        place = os.path.join(self.scratch, "dir")
        self.pull(served, "acme/six", "--local-dir", place, agrees=False)
        size = SIX.head.files["config.json"].content.size
        for edited in (b'{"by": "hand"}', b'{"by": "hand"}'.ljust(size)):
            with self.subTest(len(edited)):
                write(os.path.join(place, "config.json"), edited)
                os.utime(os.path.join(place, "config.json"), (time.time() + 5, time.time() + 5))
                self.repair(served, "acme/six", "--local-dir", place, "--verify", code=None)
                contents = []
                for folder, _, names in os.walk(place):
                    for name in names:
                        with open(os.path.join(folder, name), "rb") as file:
                            contents.append(file.read())
                self.assertIn(edited, contents)  # in its place, or aside

    def test_copies_in_place_of_links(self):
        env = {"HF_HUB_DISABLE_SYMLINKS": "1"}
        served = self.hub(SIX)
        self.pull(served, "acme/six", env=env, agrees=False)
        entry = os.path.join(self.folder(SIX), "snapshots", SIX.head.oid, SHARD)
        self.assertFalse(os.path.islink(entry))
        os.truncate(entry, 1000)
        self.repair(served, env=env)
        self.verify()
        self.assert_content(entry, SIX.head.files[SHARD])
        overwrite(entry, 150_000, b"damage")
        self.repair(served, "--verify", env=env)
        self.verify()
        self.assert_content(entry, SIX.head.files[SHARD])
        self.assertEqual(self.repair(served, "--verify", env=env)["plan"], [])

    def test_blobs_on_another_disk(self):
        served = self.hub(SIX)
        self.pull(served, "acme/six")
        moved = os.path.join(self.scratch, "disk")
        os.rename(os.path.join(self.folder(SIX), "blobs"), moved)
        os.symlink(moved, os.path.join(self.folder(SIX), "blobs"))
        os.truncate(self.blob(SIX, SHARD), 1000)
        self.repair(served)
        self.verify()
        self.assert_content(os.path.join(moved, SIX.head.files[SHARD].etag), SIX.head.files[SHARD])


if __name__ == "__main__":
    unittest.main()
