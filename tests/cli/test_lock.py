"""Lock files: what is approved, and what every command says of a cache that holds something else."""

import json
import os
import shutil
import subprocess
import unittest

from pull_case import Content, PullCase, Repo

WEIGHTS = Content.generate("weights", 50_000)
OTHER = Content.generate("other", 50_000)


def model():
    return Repo("acme/model").commit({"config.json": '{"model_type":"bert"}', "model.bin": WEIGHTS, "extra.txt": "1\n"})


class LockCase(PullCase):
    def setUp(self):
        super().setUp()
        self.repo = model()
        self.served = self.hub(self.repo)
        self.lock = os.path.join(self.scratch, "models.lock")
        self.folder = os.path.join(self.home, "hub", "models--acme--model")

    def run_json(self, command, *args, code=0, env=None):
        done = self.run_hfaudit(command, "--format", "json", *args, env=self.settings(self.served, **(env or {})))
        self.assertEqual(done.returncode, code, done.stderr.decode() + done.stdout.decode())
        return json.loads(done.stdout)

    def lock_it(self, *args):
        done = self.run_hfaudit("lock", "acme/model", "-o", self.lock, *args)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        with open(self.lock, encoding="utf-8") as file:
            return json.load(file)

    def pulled(self, *args):
        self.pull(self.served, "acme/model", *args)
        return self.lock_it()

    def pull_locked(self, code=0):
        return self.pull(self.served, "--locked", self.lock, code=code, agrees=False)

    def ids(self, report):
        return sorted({finding["id"] for finding in report["findings"] if finding["severity"] != "info"})

    def bytes_of(self, path):
        with open(path, "rb") as file:
            return file.read()

    def ref(self):
        with open(os.path.join(self.folder, "refs", "main"), encoding="ascii") as file:
            return file.read()


class Making(LockCase):
    def test_standard_output_by_its_name(self):
        """/dev/stdout leads to a pipe, to which no path leads: it is written to, and stays what it is."""
        self.pulled()
        expected = self.run_hfaudit("lock", "acme/model").stdout
        for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
            with self.subTest(name):
                self.assertEqual(self.run_hfaudit("lock", "acme/model", "-o", name).stdout, expected)
                self.assertTrue(os.path.islink("/dev/stdout"))

    def test_it_names_every_file_by_the_digest_of_the_hub(self):
        locked = self.pulled()
        self.assertEqual(locked["schema"], "hfaudit.lock/1")
        (repo,) = locked["repos"]
        head = self.repo.head
        self.assertEqual((repo["repo_id"], repo["repo_type"], repo["revision"], repo["commit"]),
                         ("acme/model", "model", "main", head.oid))
        expected = [{"path": path, "size": file.content.size,
                     "digest": ("sha256:" if file.lfs else "git-sha1:") + file.etag}
                    for path, file in sorted(head.files.items())]
        self.assertEqual(repo["files"], expected)

    def test_without_listings_it_is_the_same(self):
        locked = self.pulled()
        shutil.rmtree(os.path.join(self.folder, "trees"))
        self.assertEqual(self.lock_it(), locked)

    def test_coreutils_agree(self):
        self.pulled()
        done = self.run_hfaudit("lock", "acme/model", "--format", "sha256sum")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        check = subprocess.run(["sha256sum", "--check", "--strict", "--quiet"], input=done.stdout, check=False,
                               cwd=os.path.join(self.home, "hub"), capture_output=True)
        self.assertEqual((check.returncode, check.stdout, check.stderr), (0, b"", b""))
        self.assertEqual(len(done.stdout.splitlines()), len(self.repo.head.files))

    def test_what_is_not_whole_is_not_locked(self):
        self.pulled()
        os.unlink(os.path.realpath(os.path.join(self.folder, "snapshots", self.repo.head.oid, "model.bin")))
        before = self.bytes_of(self.lock)
        done = self.run_hfaudit("lock", "acme/model", "-o", self.lock)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"run: hfaudit repair acme/model", done.stderr)
        self.assertEqual(self.bytes_of(self.lock), before)
        self.assertEqual(self.run_hfaudit("lock", "acme/none").returncode, 2)
        self.assertEqual(self.run_hfaudit("lock").returncode, 2)
        self.assertEqual(self.run_hfaudit("lock", "acme/model@v9").returncode, 2)

    def test_a_subset_is_locked_as_what_is_here(self):
        locked = self.pulled("--exclude", "extra.txt")
        self.assertEqual([file["path"] for file in locked["repos"][0]["files"]], ["config.json", "model.bin"])
        self.assertEqual(self.run_json("scan", "--locked", self.lock)["verdict"], "clean")

    def test_a_local_dir_too(self):
        folder = os.path.join(self.scratch, "local")
        self.pull(self.served, "acme/model", "--local-dir", folder)
        done = self.run_hfaudit("lock", "acme/model", "--local-dir", folder, "-o", self.lock)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        where = ("--local-dir", folder, "--locked", self.lock)
        self.assertEqual(self.run_json("verify", *where)["repos"][0]["basis"], "lock")
        with open(os.path.join(folder, "extra.txt"), "w", encoding="ascii") as file:
            file.write("2\n")
        self.assertEqual(self.run_json("verify", *where, code=1)["verdict"], "damaged")


class Judging(LockCase):
    def test_the_lock_is_the_basis(self):
        self.pulled()
        for command, args in (("scan", ()), ("verify", ()), ("scan", ("acme/model",)), ("repair", ())):
            with self.subTest(command=command, args=args):
                report = self.run_json(command, "--locked", self.lock, *args)
                self.assertEqual((report["repos"][0]["verdict"], report["repos"][0]["basis"]), ("complete", "lock"))
        gate = self.run_hfaudit("preflight", "--locked", self.lock, "--check", "full")
        self.assertEqual((gate.returncode, gate.stderr), (0, b""))
        shutil.rmtree(os.path.join(self.folder, "trees"))  # the lock lists all files, which --strict asks for
        self.assertEqual(self.run_hfaudit("preflight", "--locked", self.lock, "--strict").returncode, 0)

    def test_an_older_clients_cache_is_judged_as_well(self):
        self.pulled()
        for folder in ("trees", ".no_exist"):
            shutil.rmtree(os.path.join(self.folder, folder), ignore_errors=True)
        os.unlink(os.path.join(self.folder, "snapshots", self.repo.head.oid, "extra.txt"))
        report = self.run_json("scan", "--locked", self.lock, code=1)
        self.assertEqual(self.ids(report), ["missing-file"])
        self.assertEqual((report["repos"][0]["verdict"], report["repos"][0]["basis"]), ("incomplete", "lock"))
        self.assertIn("--locked", report["findings"][0]["run"])

    def test_what_is_absent_is_incomplete(self):
        self.pulled()
        for gone in (os.path.join(self.folder, "snapshots"), self.folder, os.path.join(self.home, "hub"), self.home):
            shutil.rmtree(gone)
            with self.subTest(gone=gone):
                report = self.run_json("scan", "--locked", self.lock, code=1)
                self.assertEqual((report["repos"][0]["verdict"], report["repos"][0]["basis"]), ("incomplete", "lock"))
                self.assertGreaterEqual(report["summary"]["findings"]["error"], 1, report["findings"])
                self.assertEqual(self.run_hfaudit("preflight", "--locked", self.lock).returncode, 1)

    def test_a_changed_file_is_found_whatever_else_agrees(self):
        # Somebody has changed the content, its blob's name, the link and the listing: all agree, but for the lock.
        self.pulled()
        snapshot = os.path.join(self.folder, "snapshots", self.repo.head.oid)
        shutil.rmtree(os.path.join(self.folder, "trees"))
        os.unlink(os.path.realpath(os.path.join(snapshot, "model.bin")))
        os.unlink(os.path.join(snapshot, "model.bin"))
        with open(os.path.join(self.folder, "blobs", OTHER.sha256), "wb") as file:
            file.write(OTHER.read())
        os.symlink(f"../../blobs/{OTHER.sha256}", os.path.join(snapshot, "model.bin"))
        self.assertEqual(self.run_json("verify")["verdict"], "clean")
        report = self.run_json("verify", "--locked", self.lock, code=1)
        self.assertEqual(report["repos"][0]["verdict"], "corrupt", report["findings"])
        self.assertEqual(self.run_hfaudit("preflight", "--locked", self.lock, "--check", "full").returncode, 1)
        mended = self.run_json("repair", "--verify", "--locked", self.lock)
        self.assertEqual(mended["verdict"], "clean")

    def test_a_name_that_differs_is_not_complete_before_it_is_read(self):
        # The same size, and a link to a blob of another name: a scan reads no content.
        self.pulled()
        shutil.rmtree(os.path.join(self.folder, "trees"))
        entry = os.path.join(self.folder, "snapshots", self.repo.head.oid, "model.bin")
        right = os.path.realpath(entry)
        for content, code in ((OTHER.read(), 1), (WEIGHTS.read(), 0)):  # damage, or a client with names of its own
            blob = os.path.join(self.folder, "blobs", OTHER.sha256)
            self.write(blob, content)
            os.unlink(entry)
            os.symlink(f"../../blobs/{OTHER.sha256}", entry)
            with self.subTest(code=code):
                report = self.run_json("scan", "--locked", self.lock, code=3)
                self.assertEqual(report["repos"][0]["verdict"], "unknown")
                self.assertEqual(self.ids(report), ["conflicting-digests"])
                self.assertEqual(self.run_hfaudit("preflight", "--locked", self.lock).returncode, 3)
                full = self.run_hfaudit("preflight", "--locked", self.lock, "--check", "full")
                self.assertEqual(full.returncode, code, full.stderr)
                verified = self.run_json("verify", "--locked", self.lock, code=code)
                self.assertEqual(verified["repos"][0]["verdict"], "corrupt" if code else "complete")
        self.assertTrue(os.path.exists(right))

    def test_a_moved_ref_is_an_error(self):
        self.pulled()
        old = self.repo.head.oid
        self.repo.commit({"model.bin": OTHER})
        self.pull(self.served, "acme/model")
        self.assertEqual(self.ref(), self.repo.head.oid)
        self.assertEqual(self.run_json("scan")["verdict"], "clean")
        report = self.run_json("scan", "--locked", self.lock, code=1)
        self.assertEqual(self.ids(report), ["ref-moved"])
        gate = self.run_hfaudit("preflight", "--locked", self.lock)
        self.assertEqual(gate.returncode, 1)
        self.assertIn(b"lock file", gate.stderr)
        self.assertEqual(self.run_json("repair", "--locked", self.lock)["verdict"], "clean")
        self.assertEqual(self.ref(), old)

    def test_usage(self):
        self.pulled()
        broken = os.path.join(self.scratch, "broken.lock")
        for text in (b"", b"{}", b"[1", b'{"schema":"hfaudit.lock/9","repos":[]}', b'{"schema":"hfaudit.lock/1","repos":[]}'):
            self.write(broken, text)
            self.assert_usage("scan", "--locked", broken, says="broken.lock")
        self.assert_usage("scan", "--locked", os.path.join(self.scratch, "none.lock"), says="none.lock")
        self.assert_usage("scan", "acme/other", "--locked", self.lock, says="does not lock it")

    def test_a_named_pipe_is_read_once(self):
        self.pulled()
        pipe = os.path.join(self.scratch, "pipe.lock")
        os.mkfifo(pipe)
        writer = subprocess.Popen(["cp", self.lock, pipe])
        self.addCleanup(writer.wait)
        done = self.run_hfaudit("scan", "acme/model", "acme/other", "--locked", pipe)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(b"pipe.lock does not lock it", done.stdout)
        self.write(self.lock, b"[1")
        writer = subprocess.Popen(["cp", self.lock, pipe])
        self.addCleanup(writer.wait)
        self.assert_usage("scan", "acme/model", "acme/other", "--locked", pipe, says="pipe.lock")


class Pulling(LockCase):
    def test_exactly_that_commit_even_if_the_branch_moved(self):
        self.pulled()
        old = self.repo.head.oid
        self.repo.commit({"model.bin": OTHER, "new.txt": "n\n"})
        shutil.rmtree(self.folder)
        report = self.pull_locked()
        self.assertEqual(report["verdict"], "clean")
        self.assertEqual(os.listdir(os.path.join(self.folder, "snapshots")), [old])
        self.assertEqual(self.ref(), old)
        self.assertEqual(self.run_json("verify", "--locked", self.lock)["verdict"], "clean")

    def test_only_the_locked_files(self):
        self.pulled("--exclude", "extra.txt")
        shutil.rmtree(self.folder)
        self.pull_locked()
        self.assertEqual(sorted(os.listdir(os.path.join(self.folder, "snapshots", self.repo.head.oid))),
                         ["config.json", "model.bin"])

    def test_patterns_that_match_no_locked_file(self):
        self.pulled("--exclude", "extra.txt")
        for args in ((), ("--offline",)):
            report = self.pull(self.served, "--locked", self.lock, "--include", "extra.*", *args, code=3, agrees=False)
            self.assertIn("none of its locked files matches --include extra.*", report["transfers"][0]["trouble"])
            self.assertIn("none of its locked files matches --include extra.*", report["blind"][0]["cause"])

    def test_other_content_at_the_same_commit_is_an_error(self):
        # The history was rewritten under the same name, or this is another Hub.
        self.pulled()
        head = self.repo.head
        head.files["model.bin"] = type(head.files["model.bin"])(OTHER, True)
        shutil.rmtree(self.folder)
        report = self.pull_locked(code=3)
        self.assertNotEqual(report["verdict"], "clean")
        self.assertIn("lock file", json.dumps(report))
        self.assertFalse(os.path.exists(os.path.join(self.folder, "blobs", OTHER.sha256)))

    def test_a_commit_that_the_hub_has_forgotten(self):
        self.pulled()
        shutil.rmtree(self.folder)
        forced = Repo("acme/model").commit({"config.json": "{}", "model.bin": OTHER})
        other = self.hub(forced)
        report = self.pull(other, "--locked", self.lock, code=4, agrees=False)
        self.assertEqual(report["exit_code"], 4)

    def test_repair_fetches_what_was_locked(self):
        self.pulled()
        old = self.repo.head.oid
        self.repo.commit({"model.bin": OTHER})
        shutil.rmtree(self.folder)
        self.assertEqual(self.run_json("repair", "--locked", self.lock)["verdict"], "clean")
        self.assertEqual(os.listdir(os.path.join(self.folder, "snapshots")), [old])


class Updating(LockCase):
    def update(self, *args, code=0):
        done = self.run_hfaudit("lock", "--update", "-o", self.lock, *args, env=self.settings(self.served))
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout.decode()

    def test_it_shows_what_changes_then_writes(self):
        self.pulled()
        self.assertEqual(self.update(), "Nothing has changed.\n")
        old = self.repo.head.oid
        self.repo.commit({"model.bin": OTHER, "new.txt": "n\n"}, delete=["extra.txt"])
        said = self.update().splitlines()
        self.assertEqual(said[0], f"~ acme/model@main  {old[:12]} -> {self.repo.head.oid[:12]}")
        self.assertEqual([line.rpartition("  ")[0].strip() for line in said[1:]], ["- extra.txt", "~ model.bin", "+ new.txt"])
        with open(self.lock, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["repos"][0]["commit"], self.repo.head.oid)
        self.pull_locked()
        self.assertEqual(self.lock_it()["repos"][0]["commit"], self.repo.head.oid)

    def test_of_a_subset_the_same_files(self):
        self.pulled("--exclude", "extra.txt")
        self.repo.commit({"model.bin": OTHER, "new.txt": "n\n"})
        self.update()
        with open(self.lock, encoding="utf-8") as file:
            self.assertEqual([one["path"] for one in json.load(file)["repos"][0]["files"]], ["config.json", "model.bin"])

    def test_where_the_hub_cannot_be_asked_nothing_is_written(self):
        self.pulled()
        before = self.bytes_of(self.lock)
        self.assert_usage("lock", "--update", says="--output")
        for env, code in (({"HF_HUB_OFFLINE": "1"}, 2), ({"HF_ENDPOINT": "http://127.0.0.1:9"}, 3)):
            done = self.run_hfaudit("lock", "--update", "-o", self.lock, env=self.settings(self.served, **env))
            self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(self.bytes_of(self.lock), before)


if __name__ == "__main__":
    unittest.main()
