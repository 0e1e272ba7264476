"""hfaudit repair as root, where the cache's user or a stranger has laid traps: what is not the cache's keeps its owner."""

import os
import stat
import unittest

from cli_case import CliCase
from system import mount, run_or_skip  # cli_case knows where that is

USER, OTHER = 54321, 54322  # ids that nobody has


def states(root):
    """path -> owner, group, mode of everything."""
    found = {}
    for folder, folders, files in os.walk(root):
        for path in [folder, *(os.path.join(folder, name) for name in folders + files)]:
            status = os.lstat(path)
            found[path] = status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)
    return found


class HostileCase(CliCase):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("needs root")
        self.hub = os.path.join(self.home, "hub")
        self.outside = self.folder(self.scratch, "outside", uid=0)
        self.folder(self.outside, "inner", uid=0)
        for name in ("secret", "inner/secret"):
            self.file(self.outside, name, uid=0)
        self.add_repo()
        for path in states(self.home):
            os.lchown(path, USER, USER)

    def folder(self, *parts, uid=USER, mode=0o755):
        path = os.path.join(*parts)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, mode)
        os.lchown(path, uid, uid)
        return path

    def file(self, *parts, uid=0, mode=0o600):
        path = os.path.join(*parts)
        self.write(path, b"x")
        os.chmod(path, mode)
        os.lchown(path, uid, uid)
        return path

    def link(self, target, *parts, uid=USER):
        path = os.path.join(*parts)
        os.symlink(target, path)
        os.lchown(path, uid, uid)
        return path

    def give_back(self, *args, **options):
        return self.run_hfaudit("repair", "--offline", "--only", "ownership", *args, **options)

    def assert_untouched(self, root, *args, **options):
        before = states(root)
        done = self.give_back(*args, **options)
        self.assertEqual(states(root), before, done.stdout)
        return done


class Links(HostileCase):
    """A link of root's that lies where the user can rename it says nothing of where root meant it to be."""

    def test_of_root_in_place_of_a_repo(self):
        self.link(self.outside, self.hub, "models--acme--evil", uid=0)
        self.assert_untouched(self.outside)

    def test_of_root_with_a_second_name(self):
        """Such a link is not given back, and stays root's."""
        link = self.link(self.outside, self.scratch, "link", uid=0)
        os.link(link, os.path.join(self.hub, "models--acme--evil"), follow_symlinks=False)
        self.assert_untouched(self.outside)

    def test_of_root_in_place_of_blobs(self):
        self.link(self.outside, self.folder(self.hub, "models--acme--evil"), "blobs", uid=0)
        self.assert_untouched(self.outside)

    def test_of_root_in_place_of_a_root(self):
        self.folder(self.outside, "hub", "models--a--b", uid=0)
        for place in ("xet", "assets", "datasets"):
            self.link(self.outside, self.home, place, uid=0)
        self.assert_untouched(self.outside)

    def test_of_root_in_place_of_the_hub(self):
        os.rename(self.hub, self.hub + "-away")
        self.link(self.outside, self.hub, uid=0)
        self.assert_untouched(self.outside)

    def test_of_a_stranger_to_a_folder_of_the_users(self):
        """In a cache that others write too: root's file would go to the group that shares it."""
        os.chmod(self.hub, 0o2775)
        theirs = self.folder(self.scratch, "theirs")
        self.file(theirs, "secret")
        self.link(theirs, self.hub, "models--acme--evil", uid=OTHER)
        self.assert_untouched(theirs)

    def test_of_root_where_only_root_can_make_one(self):
        """The cache was moved, and root left a link."""
        moved = os.path.join(self.scratch, "moved")
        os.rename(self.home, moved)
        os.symlink(moved, self.home)
        xet = self.file(moved, "xet", "log")
        self.give_back()
        self.assertEqual(os.lstat(xet).st_uid, USER)

    def test_of_the_user_to_a_folder_of_theirs(self):
        moved = self.folder(self.scratch, "moved")
        payload = self.file(moved, "payload")
        self.link(moved, self.hub, "models--acme--moved")
        self.give_back()
        self.assertEqual(os.lstat(payload).st_uid, USER)


class Places(HostileCase):
    def test_control_files_of_the_kernel(self):
        """systemd gives users folders there, with root's files in them that hold their limits."""
        for group in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/pids"):
            place = os.path.join(group, f"hfaudit-test-{os.getpid()}")
            if not os.path.exists(os.path.join(group, "cgroup.procs")):
                continue
            try:
                os.mkdir(place)
            except OSError:
                continue
            self.addCleanup(os.rmdir, place)
            break
        else:
            self.skipTest("no cgroup can be made")
        os.chown(place, USER, USER)
        self.link(place, self.hub, "models--acme--evil")
        self.assert_untouched(place)

    def test_lost_and_found(self):
        for folder in (self.hub, self.folder(self.home, "xet")):
            self.file(self.folder(folder, "lost+found", uid=0, mode=0o700), "#12")
        before = states(self.hub + "/lost+found"), states(self.home + "/xet/lost+found")
        self.give_back()
        self.assertEqual((states(self.hub + "/lost+found"), states(self.home + "/xet/lost+found")), before)

    def test_a_token_that_lies_elsewhere(self):
        """A container's secret is root's, and is meant so."""
        token = self.file(self.outside, "token", mode=0o444)
        self.assert_untouched(self.outside, env={"HF_TOKEN_PATH": token})

    def test_what_is_no_part_of_the_home(self):
        notes = self.file(self.home, "notes", "text")
        self.give_back()
        self.assertEqual(os.lstat(notes).st_uid, 0)


class WholeSeconds(HostileCase):
    def test_what_is_from_this_very_second_waits_for_the_next(self):
        """Where the file system keeps no more of a time, a name that was just taken away would not show."""
        image, place = os.path.join(self.scratch, "disk"), self.folder(self.home, "xet")
        with open(image, "wb") as file:
            file.truncate(8 << 20)
        run_or_skip(self, "mkfs.ext4", "-q", "-I", "128", image)
        mount(self, "-o", "loop", image, place)
        file = self.file(place, "log", uid=0)
        before = os.lstat(file).st_ctime_ns
        self.assertEqual(before % 10**9, 0)
        done = self.give_back()
        self.assertEqual(done.returncode, 0, done.stdout)
        after = os.lstat(file)
        self.assertEqual(after.st_uid, USER)
        self.assertGreater(after.st_ctime_ns, before)
        self.assertEqual(os.lstat(place).st_uid, USER, "the root of the mount")
        self.assertEqual(os.lstat(os.path.join(place, "lost+found")).st_uid, 0)


class Shared(HostileCase):
    def test_the_hub_is_roots_and_the_home_its_groups(self):
        """A umask of 002 lets the user's own group write in the home: that makes it nobody else's."""
        os.chmod(self.home, 0o775)
        os.chmod(self.hub, 0o2775)
        os.lchown(self.hub, 0, OTHER)
        theirs = self.file(self.hub, "models--acme--fine", "refs", "theirs", uid=OTHER)
        self.give_back()
        self.assertEqual(os.lstat(theirs).st_uid, OTHER)


class LocalFolder(HostileCase):
    def test_what_root_has_downloaded(self):
        place = self.folder(self.scratch, "model")
        self.file(place, "sub", "config.json", mode=0o644)
        self.file(place, ".cache", "huggingface", "download", "sub", "config.json.metadata", mode=0o644)
        for path in states(place):
            os.lchown(path, 0, 0)
        os.lchown(place, USER, USER)
        mine = self.file(place, "mine", "text")
        self.give_back("--local-dir", place)
        left = {path for path, state in states(place).items() if state[0] != USER}
        self.assertEqual(left, {mine, os.path.dirname(mine)})


if __name__ == "__main__":
    unittest.main()
