"""Sums of sizes that have no room in 64 bits: they stay at the largest number, in every command and every report."""

import json
import os
import shutil
import tempfile
import unittest

from pull_case import SANITIZED, PullCase
from hub import Repo, status

MOST = 2**64 - 1
EIGHT_EIB = 2**63 - 1  # the largest file that Linux has
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class HugeSizes(PullCase):
    def sums(self, *words, env=None):
        """All sums of bytes in the JSON report, and in no text a small one."""
        done = self.run_hfaudit(words[0], "--format", "json", *words[1:], env=env)
        report = json.loads(done.stdout)
        text = self.run_hfaudit(words[0], "-v", *words[1:], env=env).stdout.decode()
        self.assertNotRegex(text, r"-\d+ (B|bytes)")
        found = {name: report["summary"]["bytes"][name] for name in ("present", "missing")}
        for repo in report["repos"]:
            found["repo present"], found["repo expected"] = repo["bytes"]["present"], repo["bytes"]["expected"]
        for transfer in report.get("transfers", []):
            found["wanted"] = transfer["wanted"]["bytes"]
        return found, text

    def tree(self, size, count=5):
        repo = os.fsdecode(self.add_repo(files={"config.json": b"{}"}))
        files = {"config.json": {"size": 2, "blob_id": "9e26dfeeb6e641a33dae4961196235bdb965b21b"}}
        for i in range(count):
            digest = f"{i:064x}"
            files[f"model-{i}.bin"] = {"size": size, "blob_id": f"{i:040x}", "lfs_sha256": digest, "lfs_size": size}
            os.symlink(f"../../blobs/{digest}", os.path.join(repo, "snapshots", COMMIT, f"model-{i}.bin"))
        self.write(os.path.join(repo, "trees", COMMIT + ".json"),
                   json.dumps({"format_version": 1, "files": files}).encode())
        return repo

    def test_a_cached_listing(self):
        for size in (EIGHT_EIB, 2**63, MOST):
            shutil.rmtree(os.path.join(self.home, "hub"))
            self.tree(size)
            for words in (("scan",), ("verify",), ("repair", "--offline", "--dry-run"), ("scan", "acme/fine")):
                sums, text = self.sums(*words)
                with self.subTest(size=size, words=words):
                    self.assertEqual((sums["missing"], sums["repo expected"]), (MOST - 2, MOST))  # less what is here
                    self.assertEqual(sums["present"], 2)

    def test_sparse_files(self):
        """On a file system that has files of 8 EiB: tmpfs."""
        if not os.path.isdir("/dev/shm"):
            self.skipTest("no /dev/shm")
        self.home = tempfile.mkdtemp(prefix="hfaudit-huge-", dir="/dev/shm")
        self.addCleanup(shutil.rmtree, self.home)
        repo = self.tree(EIGHT_EIB)
        for i in range(5):
            with open(os.path.join(repo, "blobs", f"{i:064x}"), "wb") as file:
                try:
                    file.truncate(EIGHT_EIB)
                except OSError:
                    self.skipTest("no files of 8 EiB here")
        sums, _ = self.sums("scan")
        self.assertEqual((sums["present"], sums["repo present"], sums["repo expected"]), (MOST, MOST, MOST))

    @unittest.skipIf(SANITIZED, "takes half a minute there, and test_a_cached_listing adds up the same")
    def test_a_listing_of_the_hub(self):
        """2^14 files of a petabyte, the most that a listing may claim."""
        repo = Repo("acme/huge").commit({"config.json": "{}\n"})
        listing = [{"type": "file", "path": f"model-{i}.bin", "oid": f"{i:040x}", "size": 2**50,
                    "lfs": {"oid": f"{i:064x}", "size": 2**50, "pointerSize": 130}} for i in range(2**14 + 5)]
        hub = self.hub(repo, faults=[status(200, body=json.dumps(listing), on="api", path="/*tree*")])
        sums, text = self.sums("pull", "acme/huge", "--waits", "0.05", "--max-attempts", "1", env=self.settings(hub))
        self.assertEqual(sums["wanted"], MOST)
        self.assertIn("18.45 EB needed", text)


if __name__ == "__main__":
    unittest.main()
