"""What hfaudit itself writes into a cache that a group shares: all members can use it, whatever the umask. Needs root."""

import os
import stat
import subprocess
import unittest

from cli_case import HFAUDIT
from pull_case import SHARD, SIX
from repair_case import RepairCase
from shared_case import A, B, GROUP, mode_of
from system import reachable

class Writes(RepairCase):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("needs root")
        self.served = self.hub()
        self.declare(0o2775)

    def declare(self, mode, uid=A, gid=GROUP):
        for path in (self.home, os.path.join(self.home, "hub")):
            os.chown(path, uid, gid)
            os.chmod(path, mode)

    def run_as(self, uid, *words, umask=0o022, code=0):
        identity = {"user": uid, "group": uid, "extra_groups": [GROUP]} if uid else {}
        usual = ["--waits", "0.05,0.1", "--max-attempts", "2", "--timeout", "20"]
        done = subprocess.run([reachable(HFAUDIT), words[0], *usual, *words[1:]], env=self.settings(self.served), cwd="/",
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False,
                              umask=umask, **identity)
        if code is not None:
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def entries(self):
        for folder, folders, names in os.walk(os.path.join(self.home, "hub")):
            for name in folders + names:
                path = os.path.join(folder, name)
                if not os.path.islink(path):
                    yield path

    def assert_all_shared(self, others=0o005):
        found = 0
        for path in self.entries():
            status, found = os.lstat(path), found + 1
            wanted = 0o070 if stat.S_ISDIR(status.st_mode) else 0o060
            self.assertEqual((status.st_gid, status.st_mode & wanted), (GROUP, wanted), path)
            if not path.endswith(".lock"):  # empty, and 0664 as the clients make it
                self.assertEqual(status.st_mode & 0o007 & ~others, 0, path)
            if stat.S_ISDIR(status.st_mode):
                self.assertTrue(status.st_mode & stat.S_ISGID, path)
        self.assertGreater(found, 20)
        for uid in (A, B):
            done = subprocess.run([reachable(HFAUDIT), "scan"], env=self.environment(), cwd="/", user=uid, group=uid,
                                  extra_groups=[GROUP], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertNotIn("stale-lock", done.stdout)

    def test_a_pull_of_each_member(self):
        for uid in (A, B, 0):
            for umask in (0o022, 0o077):
                with self.subTest(uid=uid, umask=oct(umask)):
                    self.setUp()
                    self.run_as(uid, "pull", "acme/six", umask=umask)
                    self.assert_all_shared()

    def test_two_members_one_after_the_other(self):
        self.run_as(A, "pull", "acme/six", "--include", "*.json", umask=0o077)
        self.run_as(B, "pull", "acme/six", umask=0o077)
        self.run_as(A, "pull", "acme/six")
        self.assert_all_shared()

    def test_a_hub_without_the_setgid_bit(self):
        """Its folders are the group's all the same."""
        self.declare(0o775)
        self.run_as(B, "pull", "acme/six")
        for path in self.entries():
            self.assertEqual((os.lstat(path).st_gid, mode_of(path) & 0o060), (GROUP, 0o060), path)

    def test_a_hub_that_others_may_not_enter(self):
        self.declare(0o2770)
        self.run_as(B, "pull", "acme/six", umask=0o077)
        self.assert_all_shared(others=0)

    def test_a_repair_of_a_member(self):
        self.run_as(A, "pull", "acme/six")
        os.unlink(self.blob(SIX, SHARD))
        os.truncate(self.blob(SIX, "config.json"), 3)
        os.unlink(os.path.join(self.folder(SIX), "refs", "main"))
        self.run_as(B, "repair", "--verify", "acme/six", umask=0o077)
        self.run_as(B, "pull", "acme/six", umask=0o077)
        self.assert_all_shared()

    def test_a_private_cache_keeps_the_umask(self):
        self.declare(0o755, gid=A)
        self.run_as(A, "pull", "acme/six", umask=0o077)
        self.assertEqual({mode_of(path) & 0o077 for path in self.entries() if not path.endswith(".lock")}, {0})

    def test_a_file_that_was_moved_to_the_place_of_a_lock(self):
        """Another member puts a private file of B's where B's next pull takes its lock."""
        self.run_as(B, "pull", "acme/six", "--include", "*.json")
        etag = SIX.head.files[SHARD].etag
        victim = os.path.join(self.home, "hub", ".locks", SIX.folder, etag + ".lock")
        for content, second in ((b"secret", False), (b"", True)):
            with open(victim, "wb") as file:
                file.write(content)
            os.chown(victim, B, B)
            os.chmod(victim, 0o600)
            if second:
                os.link(victim, os.path.join(self.scratch, "second"))
            self.run_as(B, "pull", "acme/six", code=None)
            self.assertEqual((mode_of(victim), os.lstat(victim).st_gid), (0o600, B))
            with open(victim, "rb") as file:
                self.assertEqual(file.read(), content)


if __name__ == "__main__":
    unittest.main()
