"""pull and repair with other sources than the Hub: what comes from where, and what no source can do."""

import json
import os
import shutil
import stat as modes
import unittest

from pull_case import SHARD, SIX, weights
from source_case import LARGE, WEIGHTS, SourceCase
from hub import Repo, make_model

MOVED = make_model("acme/moved", shards=2, shard_size=50_000)
MOVED.commit({"README.md": "moved\n"})


class Folders(SourceCase):
    def test_a_home_and_a_hub(self):
        hub = self.hub(SIX)
        other = self.fill(hub, "acme/six")
        for source in (other, os.path.join(other, "hub")):
            with self.subTest(source):
                shutil.rmtree(self.home, ignore_errors=True)
                hub.log.clear()
                report = self.pull(hub, "acme/six", "--from", source)
                self.assert_pulled(SIX)
                self.assert_tidy(SIX)
                self.assertEqual(self.of_hub(hub), 0)
                size = sum(file.content.size for file in SIX.head.files.values())
                self.assertEqual(self.shares(report), {source: size})
                self.assertEqual(self.transfer(report)["names_from"], None)

    def test_damage_there_is_not_taken_over(self):
        for how in ("absent", "wrong", "truncated"):
            with self.subTest(how):
                shutil.rmtree(self.home, ignore_errors=True)
                shutil.rmtree(self.other, ignore_errors=True)
                hub = self.hub(SIX)
                other = self.fill(hub, "acme/six")
                self.damage(SIX, how)
                self.pull(hub, "acme/six", "--from", other)
                self.assert_pulled(SIX)
                self.assert_tidy(SIX)
                self.assertGreaterEqual(self.of_hub(hub), WEIGHTS)

    def test_the_next_source_has_it(self):
        hub = self.hub(SIX)
        other = self.fill(hub, "acme/six")
        good = os.path.join(self.scratch, "good")
        shutil.copytree(other, good, symlinks=True)
        self.damage(SIX, "wrong")
        self.pull(hub, "acme/six", "--from", other, "--from", good)
        self.assert_pulled(SIX)
        self.assertEqual(self.of_hub(hub), 0)

    def test_a_source_that_is_not_there(self):
        hub = self.hub(SIX)
        report = self.pull(hub, "acme/six", "--from", os.path.join(self.scratch, "nowhere"))
        self.assert_pulled(SIX)
        self.assertIn("nowhere", json.dumps(report["noted"]) if "noted" in report else "nowhere")

    def test_a_local_dir(self):
        hub, folder = self.hub(SIX), os.path.join(self.scratch, "dir")
        self.pull(hub, "acme/six", "--local-dir", folder)
        hub.log.clear()
        self.pull(hub, "acme/six", "--from", folder)
        self.assert_pulled(SIX)
        self.assertEqual(self.of_hub(hub), 0)

    def test_a_local_dir_from_the_cache(self):
        hub, folder = self.hub(SIX), os.path.join(self.scratch, "dir")
        self.pull(hub, "acme/six")
        hub.log.clear()
        self.pull(hub, "acme/six", "--local-dir", folder)
        self.assertEqual(self.of_hub(hub), 0)
        for path, file in SIX.head.files.items():
            self.assert_content(os.path.join(folder, path), file)

    def test_copies_in_place_of_links(self):
        """A cache without links: blobs/ is empty."""
        hub = self.hub(SIX)
        self.home = self.other
        self.pull(hub, "acme/six", env={"HF_HUB_DISABLE_SYMLINKS": "1"})
        self.home = self.own_home
        hub.log.clear()
        self.pull(hub, "acme/six", "--from", self.other)
        self.assert_pulled(SIX)
        self.assertEqual(self.of_hub(hub), 0)

    def test_a_shared_store(self):
        hub = self.hub(SIX)
        other = self.fill(hub, "acme/six")
        store = os.path.join(other, "hub", "blobs")
        for number, file in enumerate(weights(SIX).values()):
            name = f"{number:02x}" * 32
            os.makedirs(os.path.join(store, name[:2]), exist_ok=True)
            blob = os.path.join(other, "hub", SIX.folder, "blobs", file.etag)
            os.rename(blob, os.path.join(store, name[:2], name))
            os.symlink(f"../../blobs/{name[:2]}/{name}", blob)
        self.write(os.path.join(store, ".huggingface-shared-blobs"), b"1\n")
        self.pull(hub, "acme/six", "--from", other)
        self.assert_pulled(SIX)
        self.assertEqual(self.of_hub(hub), 0)

    def test_no_link_leads_out_of_a_source(self):
        """A blob that is a link to the right bytes elsewhere is no client's."""
        hub = self.hub(SIX)
        other = self.fill(hub, "acme/six")
        for number, file in enumerate(weights(SIX).values()):
            blob = os.path.join(other, "hub", SIX.folder, "blobs", file.etag)
            outside = os.path.join(self.scratch, f"outside{number}")
            os.rename(blob, outside)
            os.symlink(outside, blob)
        report = self.pull(hub, "acme/six", "--from", other)
        self.assert_pulled(SIX)
        self.assertGreaterEqual(self.of_hub(hub), WEIGHTS)
        self.assertLess(self.shares(report)[other], WEIGHTS // 2)

    def test_an_earlier_download_is_not_given_up(self):
        """A source that turns out wrong costs nothing of what came from the Hub."""
        hub = self.hub(LARGE)
        other = self.fill(hub, "acme/large")
        self.damage(LARGE, "wrong")
        file = LARGE.head.files["model.bin"]
        draft = self.draft(LARGE, "model.bin")
        os.makedirs(os.path.dirname(draft))
        self.write(draft, file.content.read()[:2_000_000])
        self.pull(hub, "acme/large", "--from", other)
        self.assert_pulled(LARGE)
        self.assertLess(self.of_hub(hub), 1_200_000)


class OwnCache(SourceCase):
    def test_another_repo_has_it(self):
        twin = Repo("acme/twin").commit({path: file.content for path, file in SIX.head.files.items()})
        hub = self.hub(SIX, twin)
        self.pull(hub, "acme/six")
        hub.log.clear()
        report = self.pull(hub, "acme/twin")
        self.assert_pulled(twin)
        self.assertEqual(self.of_hub(hub), 0)
        self.assertEqual(set(self.shares(report)), {"cache"})
        self.assert_pulled(SIX)

    def test_of_two_in_one_run_the_second_is_copied(self):
        twin = Repo("acme/twin").commit({path: file.content for path, file in SIX.head.files.items()})
        hub = self.hub(SIX, twin)
        self.pull(hub, "acme/six", "acme/twin")
        self.assert_pulled(twin)
        size = sum(file.content.size for file in SIX.head.files.values())
        self.assertLess(self.of_hub(hub), size + 10_000)

    def test_repair_takes_it_from_there(self):
        twin = Repo("acme/twin").commit({path: file.content for path, file in SIX.head.files.items()})
        hub = self.hub(SIX, twin)
        self.pull(hub, "acme/six")
        self.pull(hub, "acme/twin")
        os.unlink(self.blob(twin, SHARD))
        hub.log.clear()
        done = self.run_hfaudit("repair", "acme/twin", env=self.settings(hub))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assert_pulled(twin)
        self.assertEqual(self.of_hub(hub), 0)


class SharedStore(SourceCase):
    """The store of huggingface_hub 2, where its marker is there."""

    def setUp(self):
        super().setUp()
        self.store = os.path.join(self.home, "hub", "blobs")
        self.write(os.path.join(self.store, ".huggingface-shared-blobs"), b"1\n")
        os.chmod(os.path.join(self.home, "hub"), 0o755)
        self.twin = Repo("acme/twin").commit({path: file.content for path, file in SIX.head.files.items()})

    def payload(self, file):
        name = file.content.xet_hash
        return os.path.join(self.store, name[:2], name)

    def assert_shared(self, *repos):
        for file in weights(repos[0]).values():
            payload = self.payload(file)
            status = os.lstat(payload)
            self.assertEqual((modes.S_ISREG(status.st_mode), modes.S_IMODE(status.st_mode)), (True, 0o444))
            with open(payload + ".refs", encoding="ascii") as stream:
                self.assertEqual(stream.read(), "".join(f"{repo.folder}/blobs/{file.etag}\n" for repo in repos))
            for repo in repos:
                blob = os.path.join(self.folder(repo), "blobs", file.etag)
                self.assertEqual(os.readlink(blob), f"../../blobs/{file.content.xet_hash[:2]}/{file.content.xet_hash}")
                self.assert_content(blob, file)
            self.assertEqual(modes.S_IMODE(os.lstat(payload + ".lock").st_mode), 0o666)

    def test_content_is_published_and_linked(self):
        hub = self.hub(SIX, self.twin, xet=True)
        self.pull(hub, "acme/six")
        self.assert_shared(SIX)
        hub.log.clear()
        report = self.pull(hub, "acme/twin")
        self.assertEqual(self.of_hub(hub), 0)
        self.assertEqual(set(self.shares(report)), {"cache"})
        self.assert_shared(SIX, self.twin)

    def test_what_a_download_left_goes_once_the_store_has_the_content(self):
        hub = self.hub(SIX, self.twin, xet=True)
        self.pull(hub, "acme/six")
        file = SIX.head.files[SHARD]
        partial = os.path.join(self.folder(self.twin), "blobs", file.etag + ".hfaudit.incomplete")
        os.makedirs(os.path.dirname(partial))
        shutil.copyfile(self.payload(file), partial)
        self.pull(hub, "acme/twin")
        self.assert_shared(SIX, self.twin)
        self.assertFalse(os.path.exists(partial))

    def test_without_a_marker_or_where_it_is_turned_off(self):
        for env in ({"HF_HUB_DISABLE_SHARED_BLOBS": "1"}, {"HF_HUB_DISABLE_XET": "1"}, {}):
            with self.subTest(env):
                if not env:
                    os.unlink(os.path.join(self.store, ".huggingface-shared-blobs"))
                self.pull(self.hub(SIX, xet=True), "acme/six", env=env)
                for file in weights(SIX).values():
                    self.assertTrue(modes.S_ISREG(os.lstat(self.blob(SIX, SHARD)).st_mode), file)
                shutil.rmtree(self.folder(SIX))

    def test_a_wrong_payload_is_not_linked(self):
        hub = self.hub(SIX, xet=True)
        file = SIX.head.files[SHARD]
        self.write(self.payload(file), b"x" * file.content.size)
        self.pull(hub, "acme/six")
        self.assert_pulled_content(SIX)
        with open(self.payload(file), "rb") as stream:
            self.assertEqual(stream.read(1), b"x")

    def assert_pulled_content(self, repo):
        for path, file in repo.head.files.items():
            self.assert_content(os.path.join(self.folder(repo), "snapshots", repo.head.oid, path), file)


class Offline(SourceCase):
    def offline(self, *args, code=0, **how):
        return self.pull("http://127.0.0.1:9", *args, "--offline", code=code, **how)

    def test_from_a_folder(self):
        other = self.fill(self.hub(SIX), "acme/six")
        report = self.offline("acme/six", "--from", other)
        self.assert_pulled(SIX)
        self.assertEqual(self.transfer(report)["names_from"], other)
        self.assertEqual(report["repos"][0]["basis"], "source")

    def test_from_a_repo_folder_and_a_snapshot(self):
        folder = os.path.join(self.fill(self.hub(SIX), "acme/six"), "hub", SIX.folder)
        for source in (folder, os.path.join(folder, "snapshots", SIX.head.oid)):
            with self.subTest(source):
                shutil.rmtree(self.home, ignore_errors=True)
                self.offline("acme/six", "--from", source)
                self.assert_pulled(SIX)

    def test_names_by_links_alone(self):
        """A cache of an older client has no listing: what its snapshot has is what there is, and no listing is made up."""
        other = self.fill(self.hub(SIX), "acme/six")
        shutil.rmtree(os.path.join(other, "hub", SIX.folder, "trees"))
        self.offline("acme/six", "--from", other)
        self.assertFalse(os.path.exists(os.path.join(self.folder(SIX), "trees")))
        snapshot = os.path.join(self.folder(SIX), "snapshots", SIX.head.oid)
        for path, file in SIX.head.files.items():
            self.assert_content(os.path.join(snapshot, path), file)

    def test_from_a_server(self):
        self.fill(self.hub(SIX), "acme/six")
        server = self.serve()
        report = self.offline("acme/six", "--from", server.url)
        self.assert_pulled(SIX)
        self.assertEqual(self.transfer(report)["names_from"], server.url)

    def test_from_a_server_of_a_home(self):
        self.fill(self.hub(SIX), "acme/six")
        server = self.serve(folder="")
        report = self.offline("acme/six", "--from", server.url)
        self.assert_pulled(SIX)
        self.assertEqual(self.transfer(report)["names_from"], server.url)
        shutil.rmtree(self.home)
        report = self.offline("acme/none", "--from", server.url, code=3, agrees=False)
        self.assertIn("also below /hub", self.transfer(report)["trouble"])

    def test_from_a_local_dir(self):
        hub, folder = self.hub(SIX), os.path.join(self.scratch, "dir")
        self.pull(hub, "acme/six", "--local-dir", folder)
        report = self.offline("acme/six", "--from", folder, code=3, agrees=False)  # it names no branch
        self.assertIn(f"acme/six@{SIX.head.oid}", self.transfer(report)["trouble"])
        report = self.offline(f"acme/six@{SIX.head.oid}", "--from", folder)
        self.assert_pulled(SIX, ref=None)

    def test_a_ref_that_is_here_is_not_set_back(self):
        old = MOVED.history[0]
        hub = self.hub(MOVED)
        other = self.fill(hub, f"acme/moved@{old.oid}")
        os.makedirs(os.path.join(other, "hub", MOVED.folder, "refs"), exist_ok=True)
        self.write(os.path.join(other, "hub", MOVED.folder, "refs", "main"), old.oid.encode())
        self.pull(hub, "acme/moved")
        report = self.offline("acme/moved", "--from", other)
        self.assertEqual(self.transfer(report)["commit"], MOVED.head.oid)
        self.assert_pulled(MOVED)

    def test_a_whole_listing_goes_before_what_one_source_has(self):
        hub = self.hub(SIX)
        other = self.fill(hub, "acme/six")
        poor = os.path.join(self.scratch, "poor")
        shutil.copytree(other, poor, symlinks=True)
        shutil.rmtree(os.path.join(poor, "hub", SIX.folder, "trees"))
        for path in weights(SIX):
            os.unlink(os.path.join(poor, "hub", SIX.folder, "snapshots", SIX.head.oid, path))
        self.offline("acme/six", "--from", poor, "--from", other)
        self.assert_pulled(SIX)

    def test_two_at_once(self):
        hub = self.hub(LARGE)
        other = self.fill(hub, "acme/large")
        runs = [self.start("http://127.0.0.1:9", "acme/large", "--offline", "--from", other) for _ in range(3)]
        for run in runs:
            self.finish("http://127.0.0.1:9", run)
        self.assert_pulled(LARGE)

    def test_a_complete_repo_is_complete(self):
        hub = self.hub(SIX)
        self.pull(hub, "acme/six")
        report = self.offline("acme/six")
        self.assertEqual((report["verdict"], self.transfer(report)["names_from"]), ("clean", "cache"))

    def test_what_no_source_has(self):
        hub = self.hub(SIX)
        other = self.fill(hub, "acme/six")
        self.damage(SIX, "absent")
        report = self.offline("acme/six", "--from", other, code=3)
        self.assert_says_what_is_missing(report, *weights(SIX))
        report = self.offline("acme/none", "--from", other, code=3, agrees=False)
        self.assertIn("--offline", self.transfer(report)["trouble"])

    def test_by_a_lock_file(self):
        other = self.fill(self.hub(SIX), "acme/six")
        self.home = other
        lock = self.run_hfaudit("lock", "acme/six")
        self.assertEqual(lock.returncode, 0, lock.stderr)
        self.home = self.own_home
        path = os.path.join(self.scratch, "models.lock")
        self.write(path, lock.stdout)
        shutil.rmtree(os.path.join(other, "hub", SIX.folder, "refs"))
        report = self.offline("--locked", path, "--from", other)
        self.assertEqual(self.transfer(report)["names_from"], "lock")
        self.assertEqual(report["verdict"], "clean")


class Repairs(SourceCase):
    def test_repair_from_a_folder_and_a_server(self):
        hub = self.hub(SIX)
        other = self.fill(hub, "acme/six")
        server = self.serve()
        for source in (other, server.url):
            with self.subTest(source):
                shutil.rmtree(self.home, ignore_errors=True)
                shutil.copytree(other, self.home, symlinks=True)
                os.unlink(self.blob(SIX, SHARD))
                done = self.run_hfaudit("repair", "--offline", "--from", source, env=self.settings("http://127.0.0.1:9"))
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assert_pulled(SIX)


class Usage(SourceCase):
    def test_what_no_source_can_be(self):
        for text in ("", "file:///models", "gopher://node7/hub", "http://", "ftp://user:secretword@h/y", "http://user:secretword@"):
            with self.subTest(text):
                done = self.run_hfaudit("pull", "acme/six", "--from", text)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertNotIn(b"secretword", done.stdout + done.stderr)
                self.assertIn(b"--from", done.stderr)


if __name__ == "__main__":
    unittest.main()
