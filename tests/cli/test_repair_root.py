"""hfaudit repair as root, on a cache that an ordinary user owns: what it gives back, and what it leaves alone."""

import os
import shutil
import stat
import subprocess
import sys
import unittest

from cli_case import HFAUDIT
from pull_case import SHARD, SIX
from repair_case import RepairCase
from system import as_user, mount, reachable

ATTACK = os.path.join(os.environ.get("HFAUDIT_BUILD", ""), "tests", "probes", "hfaudit-ownership-attack")
USER, OTHER = 54321, 54322  # ids that nobody has


def give(root, uid):
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            os.lchown(os.path.join(folder, name), uid, uid)
    os.lchown(root, uid, uid)


def owners(root):
    """path -> uid of everything below."""
    found = {root: os.lstat(root).st_uid}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            found[path] = os.lstat(path).st_uid
    return found


class RootCase(RepairCase):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("needs root")
        self.served = self.hub()
        self.served.watch_uids = True
        self.pull(self.served, "acme/six")
        self.repo = self.folder(SIX)
        give(self.home, USER)

    def path(self, *parts):
        return os.path.join(self.home, *parts)

    def leave_of_root(self, *parts, mode=0o600, text="x"):
        """A file that root has left, with the folders on the way that are not there yet."""
        path = self.path(*parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def as_user(self):
        return as_user(self, USER)

    def assert_all_given_back(self):
        self.assertEqual({path: uid for path, uid in owners(self.home).items() if uid != USER}, {})


class GivesBack(RootCase):
    def test_what_sudo_has_left(self):
        """xet, locks, a blob, a token, a link, an entry of a snapshot, a folder: and the damage beside it is mended."""
        self.leave_of_root("xet", "https___cas_serv-x", "staging", "a")
        os.chmod(self.path("xet"), 0o700)
        self.leave_of_root("hub", ".locks", "models--acme--six", "0" * 64 + ".lock")
        self.leave_of_root("token")
        os.lchown(self.blob(SIX, SHARD), 0, 0)
        os.chmod(self.blob(SIX, SHARD), 0o600)
        os.lchown(os.path.join(self.repo, "snapshots", SIX.head.oid, SHARD), 0, 0)
        os.lchown(os.path.join(self.repo, "refs"), 0, 0)
        os.unlink(self.blob(SIX, "config.json"))
        self.served.log.clear()
        report = self.repair(self.served)
        self.assert_all_given_back()
        self.assert_pulled(SIX)
        self.assertEqual({entry.uid for entry in self.served.log}, {USER})
        self.assertEqual(self.outcomes(report)["pull", "done"], 1)
        self.assertTrue(all(a["needs_root"] for a in report["plan"] if a["action"] == "chown"))
        self.assertIsNone(report["repair"]["rest"])  # root has done it
        self.assertEqual(self.repair(self.served)["plan"], [])

    def test_a_download_of_root_into_the_cache(self):
        """Everything of a repo is root's."""
        give(self.repo, 0)
        os.chmod(self.repo, 0o700)
        self.repair(self.served, "--offline")
        self.assert_all_given_back()
        self.verify()

    def test_a_dry_run_says_so_and_changes_nothing(self):
        self.leave_of_root("xet", "logs", "a")
        before = owners(self.home)
        report = self.repair(self.served, "--dry-run", code=None)
        self.assertEqual([(a["action"], a["path"]) for a in report["plan"]], [("chown", "xet")])
        self.assertIsNone(report["repair"]["rest"])  # the same command without --dry-run does it
        self.assertIn("2 below", report["plan"][0]["reason"])
        self.assertEqual(owners(self.home), before)

    def test_the_user_is_told_what_root_has_to_run(self):
        self.leave_of_root("xet", "logs", "a")
        os.chmod(self.path("xet"), 0o700)
        words = [*self.as_user(), reachable(HFAUDIT), "repair", "--offline"]
        done = subprocess.run(words, env=self.environment(), capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 3, done.stdout)
        command = f"sudo hfaudit repair --only ownership --hf-home {self.home}"
        self.assertIn(f"$ {command}\n", done.stdout)
        subprocess.run([HFAUDIT, *command.split()[2:]], env=self.environment(HF_HOME=None), check=True,
                       capture_output=True)
        self.assert_all_given_back()

    def test_elevate(self):
        """With a sudo that needs none of its own rights: the one that it is asked to run is root already."""
        self.leave_of_root("xet", "logs", "a")
        os.chmod(self.path("xet"), 0o700)
        tools = os.path.join(self.scratch, "bin")
        os.mkdir(tools)
        sudo = os.path.join(tools, "sudo")
        # A real one is set-uid; here a server of root's runs what the user's sudo passes on.
        with open(sudo, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >{self.scratch}/asking; mv {self.scratch}/asking {self.scratch}/asked\n"
                       f"while [ ! -e {self.scratch}/done ]; do sleep 0.05; done\nexit $(cat {self.scratch}/done)\n")
        os.chmod(sudo, 0o755)
        os.chmod(self.scratch, 0o777)
        words = [*self.as_user(), reachable(HFAUDIT), "repair", "--offline", "--elevate", "sudo"]
        running = subprocess.Popen(words, env=self.environment(PATH=f"{tools}:/usr/bin:/bin"), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        asked = os.path.join(self.scratch, "asked")
        script = "import os,sys,time\nwhile not os.path.exists(sys.argv[1]): time.sleep(.02)"
        subprocess.run([sys.executable, "-S", "-c", script, asked], timeout=60, check=True)
        with open(asked, encoding="utf-8") as file:
            arguments = file.read().splitlines()
        self.assertEqual(os.path.realpath(arguments[0]), os.path.realpath(reachable(HFAUDIT)))
        code = subprocess.run(arguments, env=self.environment(HF_HOME=None), capture_output=True, check=False).returncode
        with open(os.path.join(self.scratch, "code"), "w", encoding="ascii") as file:
            file.write(str(code))
        os.rename(file.name, os.path.join(self.scratch, "done"))
        out, err = running.communicate(timeout=60)
        self.assertEqual((running.returncode, code), (0, 0), out + err)
        self.assert_all_given_back()

    def test_another_owner_is_named(self):
        give(self.home, 0)
        self.repair(self.served, "--offline", "--owner", f"{USER}:{USER}")
        self.assert_all_given_back()

    def test_one_repo(self):
        other = self.leave_of_root("hub", "models--acme--other", "refs", "main", text="0" * 40)
        give(self.repo, 0)
        self.repair(self.served, "--offline", "acme/six")
        self.assertEqual(set(owners(self.repo).values()), {USER})
        self.assertEqual(os.lstat(other).st_uid, 0)

    def test_a_repo_that_was_moved_to_another_disk(self):
        moved = os.path.join(self.scratch, "big", "models--acme--six")
        os.makedirs(os.path.dirname(moved))
        shutil.move(self.repo, moved)
        give(os.path.dirname(moved), USER)
        os.symlink(moved, self.repo)
        os.lchown(self.repo, USER, USER)
        os.chown(os.path.join(moved, "refs", "main"), 0, 0)
        self.repair(self.served, "--offline")
        self.assertEqual(set(owners(moved).values()), {USER})


class UnderAttack(RepairCase):
    """The cache's user swaps folders for links and gives root's files second names, as fast as they can."""

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("needs root")
        if not os.path.exists(ATTACK):
            self.skipTest("HFAUDIT_BUILD names no build with the attack")
        self.outside = os.path.join(self.scratch, "outside")
        for folder in ("dir", "private"):
            os.makedirs(os.path.join(self.outside, folder))
        os.chmod(os.path.join(self.outside, "private"), 0o700)
        for name in ("bait", "dir/bait"):
            with open(os.path.join(self.outside, name), "w", encoding="ascii") as file:
                file.write("root's")
        os.makedirs(os.path.join(self.home, "hub", "dir"))
        give(self.home, USER)

    def attack(self, rounds, *how):
        return subprocess.run([ATTACK, self.home, self.outside, str(USER), str(rounds), *how], timeout=3000,
                              env=self.environment(), capture_output=True, text=True, check=False)

    def let_link(self):
        """The kernel's own guard against second names for others' files, off while this runs."""
        guard = "/proc/sys/fs/protected_hardlinks"
        with open(guard, encoding="ascii") as file:
            before = file.read()
        try:
            with open(guard, "w", encoding="ascii") as file:
                file.write("0")
        except OSError:
            self.skipTest("the kernel's guard against foreign links cannot be taken away")

        def restore():
            with open(guard, "w", encoding="ascii") as file:
                file.write(before)
        self.addCleanup(restore)

    def test_nothing_outside_is_touched(self):
        self.let_link()
        done = self.attack(int(os.environ.get("HFAUDIT_LONG", "0")) * 100 or 100)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        attacks, given = (int(word) for word in done.stdout.split() if word.isdigit())
        self.assertGreater(attacks, 0)
        self.assertGreater(given, 0, "nothing was given back: the attack has only been in its own way")

    def test_the_attack_works_where_nobody_is_careful(self):
        self.let_link()
        self.assertEqual(self.attack(200_000, "naive").returncode, 1)


class LeavesAlone(RootCase):
    def test_a_file_with_a_second_name_elsewhere(self):
        outside = os.path.join(self.scratch, "shadow")
        with open(outside, "w", encoding="ascii") as file:
            file.write("secret")
        os.chmod(outside, 0o600)
        os.link(outside, self.path("hub", "models--acme--six", "blobs", "f" * 64))
        report = self.repair(self.served, "--offline", code=3)
        self.assertEqual(os.lstat(outside).st_uid, 0)
        self.assertIn("more than one hard link", str(report["results"]))

    def test_links_that_lead_out(self):
        outside = os.path.join(self.scratch, "etc")
        os.mkdir(outside)
        for name in ("a", "b"):
            with open(os.path.join(outside, name), "w", encoding="ascii") as file:
                file.write("x")
        for place in (self.path("xet"), self.path("hub", "models--acme--evil"), self.path("hub", ".locks", "x"),
                      os.path.join(self.repo, "trees", "x"), self.path("assets"), self.path("token")):
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.symlink(outside, place)
            os.lchown(place, USER, USER)
        before = owners(outside)
        self.repair(self.served, "--offline", "--owner", f"{USER}:{USER}", code=None)
        self.assertEqual(owners(outside), before)

    def test_a_home_whose_owner_has_turned_it_into_a_link(self):
        outside = os.path.join(self.scratch, "etc")
        os.makedirs(os.path.join(outside, "hub"))
        home = os.path.join(self.scratch, "other")
        os.symlink(outside, home)
        os.lchown(home, USER, USER)
        done = self.run_hfaudit("repair", "--offline", "--hf-home", home, "--owner", f"{USER}:{USER}")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(set(owners(outside).values()), {0})

    def test_another_mount(self):
        place = self.path("hub", "mounted")
        os.mkdir(place)
        mount(self, "-t", "tmpfs", "tmpfs", place)
        with open(os.path.join(place, "x"), "w", encoding="ascii") as file:
            file.write("x")
        self.repair(self.served, "--offline", code=None)
        self.assertEqual(os.lstat(os.path.join(place, "x")).st_uid, 0)

    def test_a_shared_cache_keeps_its_users(self):
        for folder, _, files in os.walk(self.home):
            os.chmod(folder, 0o2775)
            for name in files:
                path = os.path.join(folder, name)
                if not os.path.islink(path):
                    os.chmod(path, 0o664)
                    os.chown(path, OTHER, USER)
        theirs = self.blob(SIX, SHARD)
        os.chmod(theirs, 0o600)  # keeps the group out
        roots = self.leave_of_root("hub", "models--acme--six", "refs", "pr", text=SIX.head.oid)
        self.repair(self.served, "--offline")
        status = os.lstat(theirs)
        self.assertEqual((status.st_uid, stat.S_IMODE(status.st_mode)), (OTHER, 0o640))
        self.assertEqual((os.lstat(roots).st_uid, os.lstat(roots).st_gid), (USER, USER))
        self.assertEqual(stat.S_IMODE(os.lstat(roots).st_mode), 0o660)
        self.assertEqual(stat.S_IMODE(os.lstat(self.path("hub")).st_mode), 0o2775)
        self.assertEqual(os.lstat(self.blob(SIX, "config.json")).st_uid, OTHER)

    def test_a_cache_of_roots_own(self):
        give(self.home, 0)
        self.assertEqual(self.repair(self.served)["plan"], [])


if __name__ == "__main__":
    unittest.main()
