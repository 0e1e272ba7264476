"""hfaudit repair: one damage after the other, and all at once; each time the cache is whole again."""

import os
import subprocess
import sys
import unittest

from pull_case import SHARD, SIX
from repair_case import RepairCase


def cut(path, size):
    os.chmod(path, 0o644)
    os.truncate(path, size)


class OneDamage(RepairCase):
    """A cache as `pull` makes it, then one damage."""

    def setUp(self):
        super().setUp()
        self.served = self.hub()
        self.pull(self.served, "acme/six")
        self.repo = self.folder(SIX)
        self.snapshot = os.path.join(self.repo, "snapshots", SIX.head.oid)
        self.entry = os.path.join(self.snapshot, SHARD)
        self.broken = self.blob(SIX, SHARD)

    def mended(self, *args, **how):
        before = self.good_files(but=[self.broken, os.path.join(self.repo, "refs")])
        report = self.repair(self.served, *args, **how)
        after = self.good_files()
        for path, state in before.items():
            if path in after:
                self.assertEqual(after[path], state, path)
        self.verify()
        again = self.repair(self.served, *args)
        self.assertEqual(again["plan"], [], again["plan"])
        return report

    def test_nothing_to_do(self):
        self.assertEqual(self.mended()["plan"], [])

    def test_a_shard_that_is_gone(self):
        os.unlink(self.broken)
        report = self.mended()
        self.assertEqual(self.outcomes(report), {("pull", "done"): 1})
        self.assert_pulled(SIX)

    def test_a_truncated_shard(self):
        cut(self.broken, 1000)
        self.mended()
        self.assert_pulled(SIX)
        self.assert_tidy(SIX)

    def test_silent_corruption(self):
        with open(self.broken, "r+b") as file:
            file.seek(150_000)
            file.write(b"damage")
        self.repair(self.served)
        self.verify(code=1)
        self.mended("--verify")
        self.assert_pulled(SIX)

    def test_a_partial_of_a_newer_client(self):
        with open(self.broken, "rb") as file:
            half = file.read(150_000)
        with open(self.broken + ".0badcafe.incomplete", "wb") as file:
            file.write(half)
        report = self.mended()
        self.assertEqual(self.outcomes(report), {("remove", "done"): 1})
        self.assert_tidy(SIX)

    def test_a_partial_beside_a_corrupt_blob_is_kept(self):
        partial = self.broken + ".0badcafe.incomplete"
        with open(self.broken, "rb") as file:
            content = file.read()
        with open(partial, "wb") as file:
            file.write(content[:200_000])
        with open(self.broken, "r+b") as file:
            file.seek(250_000)
            file.write(b"damage")
        report = self.repair(self.served)
        self.assertEqual(self.outcomes(report), {("remove", "skipped"): 1})
        self.assertTrue(os.path.exists(partial))
        self.repair(self.served, "--verify")
        self.assert_tidy(SIX)

    def test_an_entry_that_is_gone(self):
        os.unlink(self.entry)
        report = self.mended("--offline")
        self.assertEqual(self.outcomes(report), {("relink", "done"): 1})

    def test_a_link_with_the_wrong_depth(self):
        os.unlink(self.entry)
        os.symlink("../blobs/" + os.path.basename(self.broken), self.entry)
        self.mended("--offline")
        self.assert_pulled(SIX)

    def test_an_entry_that_leads_out(self):
        os.unlink(self.entry)
        os.symlink("/etc/hostname", self.entry)
        self.mended("--offline")
        self.assert_pulled(SIX)

    def test_a_ref_with_a_newline(self):
        with open(os.path.join(self.repo, "refs", "main"), "a") as file:
            file.write("\n")
        report = self.mended("--offline")
        self.assertEqual(self.outcomes(report), {("set-ref", "done"): 1})
        self.assert_pulled(SIX)
        self.assertFalse(os.path.exists(os.path.join(self.repo, ".hfaudit-quarantine")))

    def test_a_ref_that_holds_a_page(self):
        ref = os.path.join(self.repo, "refs", "main")
        with open(ref, "w") as file:
            file.write("<html>not found</html>")
        self.mended("--offline")
        self.assert_pulled(SIX)
        listed = self.run_hfaudit("repair", "--list-quarantine").stdout.decode()
        self.assertIn("refs/main", listed)

    def test_a_cached_listing_that_is_no_json(self):
        tree = os.path.join(self.repo, "trees", SIX.head.oid + ".json")
        with open(tree, "w") as file:
            file.write("{")
        report = self.mended("--offline")
        self.assertEqual(self.outcomes(report), {("quarantine", "done"): 1})

    def test_a_marker_that_hides_a_file(self):
        marker = os.path.join(self.repo, ".no_exist", SIX.head.oid, "config.json")
        os.makedirs(os.path.dirname(marker))
        open(marker, "w").close()
        self.mended("--offline")
        self.assertFalse(os.path.exists(marker))

    def test_a_download_that_hangs(self):
        """Named, and left alone; with --break-locks the file comes beside it, and the process lives on."""
        lock = os.path.join(self.home, "hub", ".locks", SIX.folder, os.path.basename(self.broken) + ".lock")
        os.unlink(self.entry)
        os.rename(self.broken, self.broken + ".incomplete")
        os.truncate(self.broken + ".incomplete", 100_000)
        script = ("import fcntl,os,sys\nlock=os.open(sys.argv[1],os.O_RDWR|os.O_CREAT)\nfcntl.flock(lock,fcntl.LOCK_EX)\n"
                  "file=open(sys.argv[2],'ab')\nprint('ready',flush=True)\nsys.stdin.readline()")
        hung = subprocess.Popen([sys.executable, "-S", "-c", script, lock, self.broken + ".incomplete"],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(lambda: (hung.kill(), hung.wait(), hung.stdin.close(), hung.stdout.close()))
        self.assertEqual(hung.stdout.readline(), b"ready\n")
        os.utime(self.broken + ".incomplete", (1767225600, 1767225600))
        report = self.repair(self.served)
        self.assertEqual(report["plan"], [])
        self.assertIn(f"pid {hung.pid}", str(report["findings"]))
        self.repair(self.served, "--break-locks")
        self.assertIsNone(hung.poll())
        self.assert_content(self.entry, SIX.head.files[SHARD])
        self.assertEqual(os.path.getsize(self.broken + ".incomplete"), 100_000)

    def test_a_folder_that_keeps_its_user_out(self):
        os.chmod(os.path.join(self.repo, "blobs"), 0)
        if os.geteuid() == 0:
            self.skipTest("nothing keeps root out")
        self.mended("--offline")


if __name__ == "__main__":
    unittest.main()
