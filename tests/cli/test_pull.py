"""hfaudit pull where all goes well: what comes, what is on disk afterwards, what is not fetched again."""

import json
import os
import shutil
import stat as modes
import subprocess
import time
import unittest

from pull_case import DATA, HFAUDIT, SHARD, SIX, TOKEN, PullCase, single, weights
from hub import Repo, make_diffusers, make_gguf, make_model, make_pytorch_zip, barrier, throttle

ODD = Repo("acme/odd").commit({
    "empty.txt": "", "empty.bin": "", "ü é/ß 100%.json": "{}", "a b/c#d?.txt": "odd", ".hidden/x": "1", "one.bin": "1",
    "deep/" * 20 + "end.txt": "end", "same1.bin": "same", "same2.bin": "same", "-dash.txt": "-", "~tilde": "~"})
LEGACY = Repo("bare").commit({"config.json": "{}"})
MOVED = make_model("acme/moved", shards=2, shard_size=100_000)
MOVED.tag("v1").branch("dev")
MOVED.commit({"README.md": "moved\n"}).commit({"README.md": "proposed\n"}, branch="refs/pr/1")
FIRST, SECOND, PROPOSED = MOVED.history


class Pull(PullCase):
    def test_a_repo(self):
        hub = self.hub(SIX)
        report = self.pull(hub, "acme/six")
        self.assert_pulled(SIX)
        self.assert_tidy(SIX)
        size = sum(file.content.size for file in SIX.head.files.values())
        count = {"files": len(SIX.head.files), "bytes": size}
        transfer = self.transfer(report)
        self.assertEqual({key: transfer[key] for key in ("repo_id", "repo_type", "commit", "planned", "wanted", "had", "pulled",
                                                         "attempts", "left", "trouble")},
                         {"repo_id": "acme/six", "repo_type": "model", "commit": SIX.head.oid, "planned": False,
                          "wanted": count, "had": {"files": 0, "bytes": 0}, "pulled": count, "attempts": 1, "left": [],
                          "trouble": None})
        self.assertGreaterEqual(transfer["received"], size)
        self.assertLess(transfer["received"], size * 1.01)
        self.assertEqual((report["verdict"], report["repos"][0]["verdict"]), ("clean", "complete"))

    def test_files_are_counted_as_they_become_complete(self):
        hub = self.hub(SIX, faults=[barrier("last", path="*" + SHARD)])
        running = subprocess.Popen([HFAUDIT, "pull", "acme/six", "--format", "ndjson"], env=self.settings(hub),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.addCleanup(lambda: running.poll() is None and (running.kill(), running.wait()))
        hub.wait_held("last")
        files = len(SIX.head.files)
        for line in running.stdout:
            event = json.loads(line)
            if event["type"] == "progress" and event["files"] == files - 1:
                break
        else:
            self.fail("no line of progress counts all files but the last")
        self.assertEqual(event["files_total"], files)
        hub.release("last")
        self.assertEqual(json.loads(running.communicate(timeout=60)[0].splitlines()[-1])["type"], "end")
        self.assertEqual(running.returncode, 0)

    def test_a_second_run_transfers_nothing(self):
        hub = self.hub(SIX)
        self.pull(hub, "acme/six")
        before = {path: os.lstat(path).st_mtime_ns for path in self.on_disk()}
        hub.log.clear()
        transfer = self.transfer(self.pull(hub, "acme/six"))
        self.assertEqual((transfer["received"], transfer["pulled"]), (0, {"files": 0, "bytes": 0}))
        self.assertEqual(transfer["had"], transfer["wanted"])
        self.assertEqual([entry.path for entry in hub.requests() if entry.kind != "api"], [])
        self.assertEqual({path: os.lstat(path).st_mtime_ns for path in self.on_disk()}, before)

    def test_names_of_every_kind(self):
        self.pull(self.hub(ODD), "acme/odd")
        self.assert_pulled(ODD)
        self.assert_tidy(ODD)

    def test_repos_of_every_kind(self):
        repos = [DATA, make_gguf("acme/gguf", size=50_000, splits=2), make_diffusers("acme/pipe", size=40_000),
                 make_pytorch_zip("acme/old", size=60_000, shards=2), LEGACY,
                 Repo("acme/space", repo_type="space").commit({"app.py": "1"}),
                 Repo("acme/kernel", repo_type="kernel").commit({"build/x.py": "1"})]
        hub = self.hub(*repos)
        report = self.pull(hub, "datasets/acme/rows", "acme/gguf", "acme/pipe", "acme/old", "bare", "spaces/acme/space",
                           "kernels/acme/kernel")
        for repo in repos:
            with self.subTest(repo.repo_id):
                self.assert_pulled(repo)
        self.assertEqual([transfer["repo_id"] for transfer in report["transfers"]], [repo.repo_id for repo in repos])

    def test_a_mirror_with_a_path_and_pages(self):
        hub = self.hub(SIX, prefix="/hf/mirror", page_size=3)
        self.pull(hub, "acme/six", env={"HF_ENDPOINT": hub.url + "/"})
        self.assert_pulled(SIX)

    def test_a_hub_without_resolve_cache(self):
        self.pull(self.hub(SIX, resolve_cache=False), "acme/six")
        self.assert_pulled(SIX)

    def test_a_renamed_repo(self):
        repo = make_model("acme/new", shards=1, shard_size=10_000, old_ids=("acme/former",))
        self.pull(self.hub(repo), "acme/former", agrees=False, code=None)
        folder = os.path.join(self.home, "hub", "models--acme--former")  # what was asked for is what clients look for
        self.assertEqual(set(os.listdir(os.path.join(folder, "snapshots", repo.head.oid))), set(repo.head.files))

    def test_a_private_repo_and_a_gated_one(self):
        repos = [make_model("acme/secret", shards=1, shard_size=10_000, private=True),
                 make_model("acme/gated", shards=1, shard_size=10_000, gated=True)]
        hub = self.hub(*repos, tokens={TOKEN: ["acme/secret", "acme/gated"]}, xet=True)
        self.pull(hub, "acme/secret", "acme/gated", env={"HF_TOKEN": TOKEN})
        self.assertEqual(hub.requests(host="cdn", header="authorization"), [])
        self.assertTrue(hub.requests(host="cdn"))

    def test_a_token_that_is_not_valid_hides_no_public_repo(self):
        self.pull(self.hub(SIX), "acme/six", env={"HF_TOKEN": "hf_" + "o" * 34})
        self.assert_pulled(SIX)

    def test_dry_run_and_validate_write_nothing(self):
        hub = self.hub(SIX)
        for option, code in (("--dry-run", 0), ("--validate-only", 1)):
            report = self.pull(hub, option, "acme/six", code=code, agrees=False)
            transfer = self.transfer(report)
            self.assertTrue(transfer["planned"])
            self.assertEqual(transfer["received"], 0)
            self.assertEqual([file["path"] for file in transfer["left"]], sorted(SIX.head.files))
            self.assertEqual(os.listdir(os.path.join(self.home, "hub")), [])
        self.pull(hub, "acme/six")
        for option in ("--dry-run", "--validate-only"):
            self.assertEqual(self.transfer(self.pull(hub, option, "acme/six"))["left"], [])
        os.truncate(self.blob(SIX, SHARD), 1000)
        self.assertEqual(self.pull(hub, "--validate-only", "acme/six", code=1)["verdict"], "damaged")


def at_once(entries):
    """How many answers were on their way at the same time, at most."""
    events = sorted([(entry.time, 1) for entry in entries] + [(entry.ended, -1) for entry in entries if entry.ended])
    running = most = 0
    for _, step in events:
        running += step
        most = max(most, running)
    return most


class Settings(PullCase):
    def test_a_stored_token(self):
        gated = make_model("acme/gated", shards=1, shard_size=10_000, gated=True)
        hub = self.hub(gated, tokens={TOKEN: ["acme/gated"]})
        elsewhere = os.path.join(self.scratch, "secret")
        for path, env in ((os.path.join(self.home, "token"), {}), (elsewhere, {"HF_TOKEN_PATH": elsewhere})):
            with self.subTest(path):
                self.write(path, TOKEN.encode() + b"\n")
                os.chmod(path, 0o600)
                self.pull(hub, "acme/gated", env=env)
                self.assert_pulled(gated)
                shutil.rmtree(self.folder(gated))
                os.unlink(path)

    def test_offline_asks_nobody(self):
        hub = self.hub(SIX)
        report = self.pull(hub, "acme/six", env={"HF_HUB_OFFLINE": "1"}, code=None, agrees=False)
        self.assertNotEqual(report["exit_code"], 0)
        self.assertRegex(self.transfer(report)["trouble"], "HF_HUB_OFFLINE")
        self.assertEqual(hub.requests(), [])

    def test_proxies(self):
        """One that is not there stands for any: content goes by way of it as listings do, but for whom it is not meant."""
        hub, proxy = self.hub(SIX), {"http_proxy": "http://127.0.0.1:9"}
        report = self.pull(hub, "acme/six", "--max-attempts", "1", env=proxy, code=3, agrees=False)
        self.assertTrue(self.transfer(report)["trouble"])
        self.assertEqual(hub.requests(), [])
        report = self.pull(hub, "acme/six", "--max-attempts", "1", env=proxy | {"no_proxy": "127.0.0.1"}, code=None)
        self.assertEqual(hub.requests(host="cdn"), [])
        self.assertEqual(len(self.transfer(report)["left"]), len(weights(SIX)))
        self.pull(hub, "acme/six", env=proxy | {"no_proxy": "127.0.0.1,127.0.0.2"})
        self.assert_pulled(SIX)

    def test_no_more_than_a_rate(self):
        began = time.monotonic()
        self.pull(self.hub(single(3_000_000)), "acme/single", "--max-rate", "2M")
        self.assertGreater(time.monotonic() - began, 1)

    def test_no_more_than_so_many_connections(self):
        repo = make_model("acme/wide", shards=4, shard_size=800_000)
        for option, most in (("--connections", 2), ("--jobs", 1)):
            with self.subTest(option):
                self.home = os.path.join(self.scratch, option)
                hub = self.hub(repo, faults=[throttle(5_000_000)])
                self.pull(hub, "acme/wide", option, str(most))
                if option == "--connections":
                    # On a slow machine a range may seem silent, and two more are asked for it.
                    self.assertLessEqual(at_once(hub.requests(host="cdn")), 3 * most)
                self.assert_pulled(repo)


class Selection(PullCase):
    def test_include_and_exclude(self):
        self.pull(self.hub(SIX), "acme/six", "--include", "*.json", "--exclude", "tokenizer*")
        self.assert_pulled(SIX, only={path for path in SIX.head.files
                                      if path.endswith(".json") and not path.startswith("tokenizer")})

    def test_revisions(self):
        hub = self.hub(MOVED)
        for revision, commit in (("v1", FIRST), ("main", SECOND), ("refs/pr/1", PROPOSED), ("dev", FIRST)):
            with self.subTest(revision):
                self.pull(hub, "acme/moved", "--revision", revision)
                self.assert_pulled(MOVED, commit, revision)
        self.assertEqual(hub.bytes_sent(host="cdn"), sum(file.content.size for file in weights(MOVED).values()))

    def test_a_commit_makes_no_ref(self):
        self.pull(self.hub(MOVED), f"acme/moved@{FIRST.oid}")
        self.assert_pulled(MOVED, FIRST, ref=None)
        refs = os.path.join(self.folder(MOVED), "refs")
        self.assertEqual(os.listdir(refs) if os.path.exists(refs) else [], [])

    def test_a_ref_moves_on(self):
        folder = self.folder(MOVED)
        self.pull(self.hub(MOVED), f"acme/moved@{FIRST.oid}")
        self.write(os.path.join(folder, "refs", "main"), FIRST.oid.encode())
        self.pull(self.hub(MOVED), "acme/moved")
        self.assert_pulled(MOVED, SECOND)
        self.assert_pulled(MOVED, FIRST, ref=None)
        self.assert_tidy(MOVED, [FIRST, SECOND])

    def test_repos_from_a_file(self):
        listing = os.path.join(self.scratch, "models.txt")
        self.write(listing, b"# what we serve\n\nacme/six   \n  datasets/acme/rows\n\nacme/moved@v1\n")
        report = self.pull(self.hub(SIX, DATA, MOVED), "--models-from", listing)
        self.assertEqual([transfer["repo_id"] for transfer in report["transfers"]], ["acme/six", "acme/rows", "acme/moved"])
        self.assert_pulled(SIX)
        self.assert_pulled(DATA)
        self.assert_pulled(MOVED, FIRST, "v1")

    def test_files_of_the_first_repo(self):
        hub = self.hub(SIX, DATA)
        report = self.pull(hub, "acme/six", "config.json", "tokenizer.json", agrees=False)
        self.assert_pulled(SIX, only=["config.json", "tokenizer.json"])
        self.assertEqual([transfer["repo_id"] for transfer in report["transfers"]], ["acme/six"])
        report = self.pull(hub, "acme/six", "config.json", "datasets/acme/rows", agrees=False)
        self.assertEqual([transfer["repo_id"] for transfer in report["transfers"]], ["acme/six", "acme/rows"])
        self.assert_pulled(DATA)

    def test_a_repo_that_is_called_as_a_file(self):
        named = Repo("acme/rows.json")
        named.commit({"config.json": '{"model_type": "bert"}'})
        report = self.pull(self.hub(SIX, named), "acme/six", "acme/rows.json")
        self.assertEqual([transfer["repo_id"] for transfer in report["transfers"]], ["acme/six", "acme/rows.json"])
        self.assert_pulled(SIX)

    def test_files_without_the_hub(self):
        self.pull(self.hub(SIX), "acme/six", "config.json", agrees=False)
        shutil.rmtree(os.path.join(self.folder(SIX), "trees"), ignore_errors=True)
        nowhere = "http://127.0.0.1:9"
        report = self.pull(nowhere, "acme/six", "config.json", "--offline", agrees=False)
        self.assertEqual([transfer["repo_id"] for transfer in report["transfers"]], ["acme/six"])

    def test_local_dir(self):
        hub, folder = self.hub(DATA), os.path.join(self.scratch, "here")
        self.pull(hub, "datasets/acme/rows", "--local-dir", folder)
        for path, file in DATA.head.files.items():
            place = os.path.join(folder, path)
            self.assertTrue(modes.S_ISREG(os.lstat(place).st_mode))
            self.assert_content(place, file)
            with open(os.path.join(folder, ".cache/huggingface/download", path + ".metadata"), encoding="ascii") as stream:
                commit, etag, stamp = stream.read().splitlines()
            self.assertEqual((commit, etag), (DATA.head.oid, file.etag))
            self.assertLessEqual(os.stat(place).st_mtime - 1, float(stamp))
        with open(os.path.join(folder, ".cache/huggingface/.gitignore"), encoding="ascii") as stream:
            self.assertEqual(stream.read().strip(), "*")
        self.assertEqual(os.listdir(os.path.join(self.home, "hub")), [])
        self.assertEqual(self.transfer(self.pull(hub, "datasets/acme/rows", "--local-dir", folder))["received"], 0)


class OnDisk(PullCase):
    def test_modes_follow_the_umask(self):
        for umask in (0o022, 0o077, 0o002):
            with self.subTest(umask=oct(umask)):
                self.home = os.path.join(self.scratch, f"hf{umask:o}")
                self.pull(self.hub(SIX), "acme/six", umask=umask)
                for folder, folders, names in os.walk(self.folder(SIX)):
                    for name in folders + names:
                        path = os.path.join(folder, name)
                        if os.path.islink(path) or "/trees/" in path:
                            continue
                        wanted = (0o777 if os.path.isdir(path) else 0o666) & ~umask
                        self.assertEqual(oct(modes.S_IMODE(os.lstat(path).st_mode)), oct(wanted), path)

    def test_the_tag_of_a_cache(self):
        self.pull(self.hub(SIX), "acme/six")
        with open(os.path.join(self.home, "hub", "CACHEDIR.TAG"), encoding="ascii") as stream:
            self.assertTrue(stream.read().startswith("Signature: 8a477f597d28d172789f06886806bc55\n"))

    def test_the_listing_is_written_as_the_client_writes_it(self):
        self.pull(self.hub(SIX, xet=True), "acme/six")
        with open(os.path.join(self.folder(SIX), "trees", SIX.head.oid + ".json"), encoding="utf-8") as stream:
            text = stream.read()
        self.assertIn("xet_hash", text)
        self.assertEqual(text, json.dumps(json.loads(text), indent=1))

    def test_a_marker_that_hides_a_file_is_removed(self):
        marker = os.path.join(self.folder(SIX), ".no_exist", SIX.head.oid, "config.json")
        other = os.path.join(os.path.dirname(marker), "never.json")
        self.write(marker, b"")
        self.write(other, b"")
        self.pull(self.hub(SIX), "acme/six")
        self.assertEqual((os.path.exists(marker), os.path.exists(other)), (False, True))

    def test_links_that_lead_elsewhere_are_made_anew(self):
        self.pull(self.hub(SIX), "acme/six")
        snapshot = os.path.join(self.folder(SIX), "snapshots", SIX.head.oid)
        for name, target in (("config.json", "../../blobs/gone"), (SHARD, os.path.relpath(self.blob(SIX, "README.md"), snapshot))):
            os.unlink(os.path.join(snapshot, name))
            os.symlink(target, os.path.join(snapshot, name))
        transfer = self.transfer(self.pull(self.hub(SIX), "acme/six"))
        self.assertEqual(transfer["received"], 0)
        self.assert_pulled(SIX)

    def test_a_file_under_its_own_name_stays(self):
        """Where a client made no links, the snapshot holds the files themselves."""
        snapshot = os.path.join(self.folder(SIX), "snapshots", SIX.head.oid)
        for path, file in SIX.head.files.items():
            self.write(os.path.join(snapshot, path), file.content.read())
        hub = self.hub(SIX)
        self.assertEqual(self.transfer(self.pull(hub, "acme/six"))["received"], 0)
        self.assertEqual(hub.bytes_sent(host="cdn"), 0)


if __name__ == "__main__":
    unittest.main()
