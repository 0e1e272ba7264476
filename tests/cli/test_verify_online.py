"""scan --online and verify --online: what the Hub lists is the strongest basis."""

import os
import unittest

from hub_case import RENAMED, SIX, TAGGED
from hub import make_model
from online_case import SHARD, OnlineCase, flip_last_byte

FORGOTTEN = "d" * 40


def findings(report, name):
    return [finding for finding in report["findings"] if finding["id"] == name]


class TheHubDecides(OnlineCase):
    def test_a_healthy_repo(self):
        self.lay_out(SIX)
        for command, code, report in self.both(self.hub()):
            self.assertEqual((code, report["findings"]), (0, []))
            self.assert_judged(report, "complete")
            self.assertEqual(report["repos"][0]["revisions"][0]["files"], {"present": 10, "expected": 10})
            if command == "verify":
                self.assertEqual((report["verified"]["files"], report["verified"]["unverifiable"]["files"]), (10, 0))

    def test_a_renamed_repo(self):
        folder = self.lay_out(RENAMED)
        os.rename(folder, os.path.join(self.home, "hub", "models--acme--old"))
        for _, code, report in self.both(self.hub(page_size=2)):
            self.assertEqual(code, 0)
            self.assert_judged(report, "complete")

    def test_a_file_that_nobody_asked_for(self):
        self.lay_out(SIX, without=["README.md"])
        for _, code, report in self.both(self.hub()):
            self.assertEqual(code, 0)
            self.assert_judged(report, "subset")
            self.assertEqual(report["repos"][0]["revisions"][0]["files"], {"present": 9, "expected": 10})

    def test_a_file_that_the_index_asks_for(self):
        self.lay_out(SIX, without=[SHARD])
        for _, code, report in self.both(self.hub()):
            self.assertEqual(code, 1)
            self.assert_judged(report, "incomplete", flaws=["missing-shard"])

    def test_a_file_that_the_user_asks_for(self):
        self.lay_out(SIX, without=["README.md"])
        for _, code, report in self.both(self.hub(), "acme/six", "--include", "*.md"):
            self.assertEqual(code, 1)
            self.assert_judged(report, "incomplete", flaws=["missing-file"])

    def test_a_file_cut_short_without_a_header_that_could_tell(self):
        folder = self.lay_out(SIX)
        os.truncate(os.path.join(folder, "blobs", SIX.head.files["README.md"].etag), 30)
        code, report = self.audit("scan", self.hub(), online=False)
        self.assertEqual(code, 0)
        for _, code, report in self.both(self.hub()):
            self.assertEqual(code, 1)
            self.assert_judged(report, "corrupt", flaws=["size-mismatch"])
            self.assertEqual(findings(report, "size-mismatch")[0]["details"]["basis"], "hub")

    def test_copies_without_a_tree_become_verifiable(self):
        folder = self.lay_out(SIX, copies=True)
        code, report = self.audit("verify", self.hub(), online=False)
        self.assertEqual((code, report["verified"]["unverifiable"]["files"]), (0, 10))
        code, report = self.audit("verify", self.hub())
        self.assertEqual((code, report["findings"], report["verified"]["files"]), (0, [], 10))
        flip_last_byte(os.path.join(folder, "snapshots", SIX.head.oid, SHARD))
        code, report = self.audit("verify", self.hub())
        self.assertEqual(code, 1)
        self.assert_judged(report, "corrupt", flaws=["digest-mismatch"])
        self.assertEqual(findings(report, "digest-mismatch")[0]["details"]["basis"], "hub")

    def test_a_tree_that_lies_about_a_digest(self):
        """The content is what the Hub says, and the tree is wrong about it."""
        folder = self.lay_out(SIX)
        self.write_tree(folder, SIX.head, lfs_sha256="a" * 64)
        code, report = self.audit("verify", self.hub(), online=False)
        self.assertEqual((code, report["repos"][0]["verdict"]), (1, "corrupt"))
        code, report = self.audit("verify", self.hub())
        self.assertEqual(code, 0)
        self.assert_judged(report, "complete", flaws=["conflicting-digests"])
        details = findings(report, "conflicting-digests")[0]["details"]
        self.assertEqual(details, {"hub": SIX.head.files[SHARD].etag, "tree": "a" * 64})

    def test_content_that_agrees_with_a_tree_that_lies(self):
        """Tree, name and content fit each other. The Hub has something else."""
        other = make_model("acme/six", shards=2, shard_size=1000, seed="other")
        folder = self.lay_out(SIX, without=[SHARD])
        file = other.head.files[SHARD]
        self.write(os.path.join(folder, "blobs", file.etag), file.content.read())
        os.symlink(f"../../blobs/{file.etag}", os.path.join(folder, "snapshots", SIX.head.oid, SHARD))
        self.write_tree(folder, SIX.head, lfs_sha256=file.etag)
        code, report = self.audit("verify", self.hub(), online=False)
        self.assertEqual((code, report["findings"]), (0, []))
        code, report = self.audit("verify", self.hub())
        self.assertEqual(code, 1)
        self.assert_judged(report, "corrupt", flaws=["digest-mismatch", "conflicting-digests"])
        self.assertEqual(findings(report, "digest-mismatch")[0]["details"]["basis"], "hub")

    def test_a_tree_that_lies_about_a_size(self):
        folder = self.lay_out(SIX)
        self.write_tree(folder, SIX.head, size=7, lfs_size=7)
        code, report = self.audit("scan", self.hub(), online=False)
        self.assertEqual((code, report["repos"][0]["verdict"]), (1, "corrupt"))
        for _, code, report in self.both(self.hub()):
            self.assertEqual(code, 0)
            self.assert_judged(report, "complete")

    def test_a_tree_that_does_not_know_a_file(self):
        """A listing cut by a client that read one page: the Hub has more, and the index wants it."""
        folder = self.lay_out(SIX, without=[SHARD])
        commit = SIX.head
        files = {path: file for path, file in commit.files.items() if path != SHARD}
        self.write_tree(folder, type(commit)(commit.oid, commit.title, files))
        for _, code, report in self.both(self.hub()):
            self.assertEqual(code, 1)
            self.assert_judged(report, "incomplete", flaws=["missing-shard"])

    def test_only_what_refs_name_is_asked(self):
        old, head = TAGGED.history
        self.lay_out(TAGGED, old, ref=None)
        self.lay_out(TAGGED, head)
        hub = self.hub()
        code, report = self.audit("verify", hub)
        asked = [len(hub.requests(path=f"*/tree/{commit.oid}")) for commit in (old, head)]
        self.assertEqual((code, asked), (0, [0, 1]))
        self.assertEqual(sorted(revision["basis"] for revision in report["repos"][0]["revisions"]), ["hub", "links"])
        code, report = self.audit("verify", hub, f"acme/tagged@{old.oid}")
        self.assertEqual((code, [revision["basis"] for revision in report["repos"][0]["revisions"]]), (0, ["hub"]))

    def test_a_detached_snapshot_that_the_hub_has_forgotten(self):
        folder = self.lay_out(SIX)
        os.mkdir(os.path.join(folder, "snapshots", FORGOTTEN))
        os.symlink("../../blobs/" + SIX.head.files["README.md"].etag,
                   os.path.join(folder, "snapshots", FORGOTTEN, "README.md"))
        for _, code, report in self.both(self.hub()):
            self.assertEqual((code, report.get("blind", [])), (0, []))
            self.assert_judged(report, "complete")
        self.assert_refused(self.hub(), "no such branch, tag or commit", f"acme/six@{FORGOTTEN}")


class LocalDir(OnlineCase):
    def setUp(self):
        super().setUp()
        self.folder = os.path.join(self.scratch, "six")
        for path, file in SIX.head.files.items():
            self.write(os.path.join(self.folder, path), file.content.read())
            record = f"{SIX.head.oid}\n{file.etag}\n1767225600.0\n"
            self.write(os.path.join(self.folder, ".cache/huggingface/download", path + ".metadata"), record.encode())

    def options(self, repo="acme/six"):
        return ("--local-dir", self.folder, repo)

    def test_of_a_repo(self):
        for _, code, report in self.both(self.hub(), *self.options()):
            self.assertEqual((code, report["findings"]), (0, []))
            self.assert_judged(report, "complete")

    def test_a_file_that_was_deleted_is_wanted(self):
        os.unlink(os.path.join(self.folder, SHARD))
        for _, code, report in self.both(self.hub(), *self.options()):
            self.assertEqual(code, 1)
            self.assertEqual(report["repos"][0]["verdict"], "incomplete")

    def test_a_file_of_the_users_own_is_no_matter(self):
        self.write(os.path.join(self.folder, "notes.txt"), b"mine")
        for _, code, report in self.both(self.hub(), *self.options()):
            self.assertEqual((code, report["findings"]), (0, []))

    def test_content_of_another_file(self):
        self.write(os.path.join(self.folder, SHARD), SIX.head.files[SHARD.replace("00001-", "00002-")].content.read())
        code, report = self.audit("verify", self.hub(), *self.options())
        self.assertEqual(code, 1)
        self.assert_judged(report, "corrupt", flaws=["digest-mismatch"])
        self.assertEqual(findings(report, "digest-mismatch")[0]["path"], os.path.join(self.folder, SHARD))

    def test_a_commit_that_the_folder_does_not_hold(self):
        self.assert_usage("verify", "--online", *self.options(f"acme/six@{FORGOTTEN}"), says="holds commit",
                          env={"HF_ENDPOINT": self.hub().url})

    def test_a_repo_that_is_not_there(self):
        hub = self.hub()
        self.assert_refused(hub, "not found, or private", *self.options("acme/none"))
        _, report = self.audit("verify", hub, *self.options("acme/none"))
        self.assertTrue(report["blind"][0]["path"].startswith(self.folder), report["blind"])

    def test_a_repo_of_which_it_is_not(self):
        self.assert_refused(self.hub(), "no such branch, tag or commit", *self.options("acme/tagged"))

    def test_without_a_repo(self):
        self.assert_usage("verify", "--online", "--local-dir", self.folder, says="REPO",
                          env={"HF_ENDPOINT": self.hub().url})
        self.assertEqual(self.audit("verify", self.hub(), "--local-dir", self.folder, online=False)[0], 0)


if __name__ == "__main__":
    unittest.main()
