"""Caches that two ordinary users share by a group: what is reported to whom, what the repair gives, and what stays private.

A = 2001 owns the cache, B = 2002 is another member, C = 2003 is not in the group. Needs root.
"""

import os
import shutil
import stat
import unittest

from cli_case import COMMIT
from shared_case import A, B, C, FOLDER, GROUP, SharedCase, mode_of


class Healthy(SharedCase):
    def test_a_shared_cache(self):
        self.assert_clean(A, B, 0)
        for uid in (A, B, 0):
            self.assertEqual(self.repair(uid)["plan"], [])

    def test_a_cache_of_root_in_a_folder_of_members_is_left_with_the_reason(self):
        """They could swap the folders that root would open. Its repair advised itself, and did nothing."""
        self.share(uid=0)
        self.assertEqual(self.repair(0)["plan"], [])
        os.chmod(self.repo, 0o700)
        done = self.run_as(0, "repair", "--only", "ownership")
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertIn("it belongs to root, and other users may write a folder above it: give the cache to one", done.stdout)

    def test_a_repair_of_what_is_sound_changes_nothing(self):
        before = {place: os.stat(place).st_ctime_ns for place, _, _ in os.walk(self.home)}
        self.repair(A)
        self.repair(0)
        self.assertEqual({place: os.stat(place).st_ctime_ns for place in before}, before)

    def test_members_files_side_by_side(self):
        self.share(uid=B, root=self.repo)
        self.assert_clean(A, B)

    def test_a_private_cache_of_a_private_group(self):
        """Distributions give each user a group of their own, and a umask of 002."""
        self.share(uid=A, gid=A, folder=0o775, file=0o644)
        self.assert_clean(A, 0)
        self.assertEqual(self.repair(A)["plan"], [])

    def test_a_private_cache(self):
        self.share(uid=A, gid=A, folder=0o700, file=0o600)
        self.assert_clean(A, 0)

    def test_the_group_only_reads(self):
        """The hub folder is not theirs to write; B is no member and looks at what A downloads."""
        self.share(folder=0o2755, file=0o644)
        for name in self.lock_names:
            os.chmod(name, 0o600)
        os.chmod(self.locks, 0o755)
        self.assert_clean(A, B, C, 0)
        self.assertEqual(self.repair(A)["plan"], [])
        self.assertEqual(self.repair(B)["plan"], [])
        self.assertEqual({mode_of(name) for name in self.lock_names}, {0o600})

    def test_everybody_writes_a_sticky_folder(self):
        """As on a scratch disk: each user's repos are their own."""
        os.chmod(self.path("hub"), 0o1777)
        for place, _, _ in os.walk(self.repo):
            os.chmod(place, 0o755)
        self.assert_clean(A, B, C)

    def test_a_hub_that_lies_elsewhere(self):
        """A shared hub, and a home of one's own around the token: nobody else has to pass there."""
        hub = os.path.join(self.scratch, "shared")
        shutil.move(self.path("hub"), hub)
        self.share(uid=A, gid=A, folder=0o700, file=0o600)
        self.assert_clean(A, env={"HF_HUB_CACHE": hub})

    def test_a_hub_that_is_a_link(self):
        """From one's own closed home to the folder of the group."""
        hub = os.path.join(self.scratch, "shared")
        shutil.move(self.path("hub"), hub)
        os.symlink(hub, self.path("hub"))
        os.lchown(self.path("hub"), A, A)
        os.chown(self.home, A, A)
        os.chmod(self.home, 0o700)
        self.assert_clean(A)
        for name in self.lock_names:
            os.chmod(os.path.join(hub, os.path.relpath(name, self.path("hub"))), 0o644)
        self.assertIn("stale-lock", self.ids(A))
        self.repair(A)
        self.assert_clean(A)
        self.assertEqual(mode_of(self.home), 0o700)

    def test_frozen_by_its_owner(self):
        for place, _, _ in os.walk(self.repo):
            os.chmod(place, 0o2555)
        self.assert_clean(A, B)

    def test_a_tree_of_another_member(self):
        self.tree()
        self.assertNotIn("no-access", self.ids(A))
        self.assertNotIn("no-access", self.ids(B))


class Broken(SharedCase):
    """Each is reported to the owner and to the other member, and mended by the owner or by root."""

    def check(self, finding, break_it, seen_by=(A, B)):
        for by in (A, 0):
            with self.subTest(by=by):
                self.share()
                break_it()
                for uid in seen_by:
                    self.assertIn(finding, self.ids(uid), f"uid {uid}")
                report = self.repair(by, 0, "--dry-run") if finding == "stale-lock" else None
                self.assertTrue(report is None or report["plan"])
                self.repair(by)
                self.assert_clean(A, B)
                self.assertEqual(self.repair(by)["plan"], [])

    def folders(self, *parts, mode=0o2755, gid=GROUP):
        def change():
            for place, _, _ in os.walk(self.path(*parts)):
                os.chown(place, A, gid)
                os.chmod(place, mode)
        return change

    def one(self, *parts, mode, gid=GROUP):
        def change():
            os.chown(self.path(*parts), A, gid)
            os.chmod(self.path(*parts), mode)
        return change

    def all_of(self, paths, mode, gid=GROUP):
        def change():
            for path in paths:
                os.chown(path, A, gid)
                os.chmod(path, mode)
        return change

    def blobs(self):
        return [os.path.join(self.repo, "blobs", name) for name in os.listdir(os.path.join(self.repo, "blobs"))]

    def test_locks_of_old_clients(self):
        self.check("stale-lock", self.all_of(self.lock_names, 0o644))
        self.assertEqual({mode_of(name) for name in self.lock_names}, {0o664})

    def test_locks_of_another_group(self):
        self.check("stale-lock", self.all_of(self.lock_names, 0o664, A))

    def test_locks_that_nobody_may_write(self):
        self.check("stale-lock", self.all_of(self.lock_names, 0o444))

    def test_closed_locks(self):
        self.check("stale-lock", self.all_of(self.lock_names, 0o600))
        self.assertEqual({mode_of(name) for name in self.lock_names}, {0o660})

    def test_locks_are_one_finding(self):
        self.all_of(self.lock_names, 0o644)()
        self.assertEqual(self.ids(B)["stale-lock"], 1)

    def test_folders_of_locks(self):
        self.check("no-access", self.folders("hub/.locks", mode=0o755))

    def test_one_folder_of_locks(self):
        self.check("no-access", self.one("hub/.locks", FOLDER, mode=0o2755))

    def test_folders_of_another_group(self):
        """No setgid bit: they have the group of their maker."""
        self.check("no-access", self.folders("hub", FOLDER, mode=0o775, gid=A))

    def test_a_repo_folder(self):
        self.check("no-access", self.folders("hub", FOLDER))

    def test_each_folder_of_a_repo(self):
        for name in ("blobs", "refs", "snapshots", "snapshots/" + COMMIT, f"snapshots/{COMMIT}/deep"):
            self.check("no-access", self.one("hub", FOLDER, name, mode=0o2755))

    def test_folders_of_trees(self):
        self.tree(0o664)
        self.check("no-access", self.one("hub", FOLDER, "trees", mode=0o2755))

    def test_a_umask_of_077(self):
        def close():
            self.folders("hub", FOLDER, mode=0o2700)()
            self.all_of([*self.blobs(), self.path("hub", FOLDER, "refs/main")], 0o600)()
        self.check("no-access", close, seen_by=(A,))

    def test_blobs(self):
        self.check("no-access", self.all_of(self.blobs(), 0o600))
        self.assertEqual({mode_of(blob) for blob in self.blobs()}, {0o640})

    def test_blobs_of_another_group(self):
        self.check("no-access", self.all_of(self.blobs(), 0o640, A))

    def test_a_ref(self):
        self.check("no-access", self.all_of([self.path("hub", FOLDER, "refs/main")], 0o644))

    def test_a_partial_that_old_clients_resume(self):
        partial = self.made(os.path.join(self.repo, "blobs", "a" * 64 + ".incomplete"), b"half", A, GROUP)
        os.chmod(partial, 0o644)
        self.assertIn("no-access", self.ids(B))
        self.repair(A, 1)  # the download is still half
        self.assertEqual(mode_of(partial), 0o664)
        self.assertNotIn("no-access", self.ids(B))

    def test_a_home_that_a_login_has_closed(self):
        self.check("no-access", self.one("", mode=0o700), seen_by=(A,))
        self.assertEqual(mode_of(self.home) & 0o007, 0)

    def test_xet(self):
        os.makedirs(self.path("xet/https___cas_serv-x/staging"))
        self.check("no-access", self.folders("xet", mode=0o2755))

    def test_a_repo_that_was_moved(self):
        moved = os.path.join(self.scratch, "disk", FOLDER)
        os.makedirs(os.path.dirname(moved))
        os.chown(os.path.dirname(moved), A, GROUP)
        shutil.move(self.repo, moved)
        os.symlink(moved, self.repo)
        os.lchown(self.repo, A, GROUP)
        self.share(root=moved)
        os.chmod(os.path.join(moved, "blobs"), 0o2755)
        self.assertIn("no-access", self.ids(B))
        self.repair(0)
        self.assert_clean(A, B)

    def test_others_get_nothing(self):
        self.share(folder=0o2770, file=0o660)
        for place, _, _ in os.walk(self.repo):
            os.chmod(place, 0o2750)
        self.all_of(self.lock_names, 0o600)()
        self.repair(A)
        for place, _, names in os.walk(self.home):
            for path in (place, *(os.path.join(place, name) for name in names)):
                if not os.path.islink(path):
                    self.assertEqual(mode_of(path) & 0o007, 0, path)
        self.assert_clean(A, B)

    def test_trees_become_readable(self):
        tree = self.tree()
        os.chmod(os.path.join(self.repo, "trees"), 0o2755)
        os.chown(os.path.join(self.repo, "trees"), A, GROUP)
        self.repair(A)
        self.assertEqual(mode_of(tree), 0o640)

    def test_new_entries_are_the_groups_whatever_the_umask(self):
        self.one("hub", FOLDER, mode=0o2755)()
        self.repair(A)
        with self.as_member(B):
            before = os.umask(0o022)
            try:
                os.mkdir(self.path("hub", FOLDER, "snapshots", "b" * 40))
                with open(self.path("hub", FOLDER, "refs", "dev"), "wb") as file:
                    file.write(b"c" * 40)
            finally:
                os.umask(before)
        status = os.stat(self.path("hub", FOLDER, "snapshots", "b" * 40))
        self.assertEqual((status.st_gid, status.st_mode & stat.S_ISGID), (GROUP, stat.S_ISGID))
        try:
            os.getxattr(self.path("hub"), "system.posix_acl_default")
        except OSError:
            self.skipTest("this file system has no access control lists")
        self.assertEqual(stat.S_IMODE(status.st_mode) & 0o070, 0o070)
        self.assertEqual(mode_of(self.path("hub", FOLDER, "refs", "dev")), 0o664)


if __name__ == "__main__":
    unittest.main()
