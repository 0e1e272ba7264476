"""The members of a shared cache: their rights, their private files, user namespaces."""

import hashlib
import os
import stat
import subprocess
import unittest

from cli_case import COMMIT, HFAUDIT
from shared_case import A, B, C, FOLDER, GROUP, SharedCase, mode_of


class Members(SharedCase):
    """What belongs to another member is reported once, with what to run."""

    def test_what_is_the_others(self):
        for name in self.lock_names:
            os.chmod(name, 0o644)
        os.chown(self.lock_names[0], B, GROUP)
        report = self.repair(B, 3)
        mine = [a for a in report["plan"] if not a["needs_root"]]
        theirs = [a for a in report["plan"] if a["needs_root"]]
        self.assertEqual((len(mine), len(theirs)), (1, 1))
        self.assertIn("2001", theirs[0]["reason"])
        self.assertIn("sudo hfaudit repair --only ownership", report["repair"]["rest"])
        self.assertEqual(mode_of(self.lock_names[0]), 0o664)
        self.assertEqual(mode_of(self.lock_names[1]), 0o644)
        self.repair(A)
        self.assert_clean(A, B)

    def test_the_text_names_the_command(self):
        os.chmod(self.lock_names[0], 0o644)
        self.assertIn("sudo hfaudit repair --only ownership", self.run_as(B, "scan").stdout)
        self.assertIn("run: hfaudit repair --only ownership", self.run_as(A, "scan").stdout)

    def test_one_who_is_not_in_the_group(self):
        """Reads it, and is asked to repair nothing."""
        for name in self.lock_names:
            os.chmod(name, 0o644)
        self.assert_clean(C, groups=())
        self.assertEqual(self.run_as(C, "repair", "--only", "ownership", groups=()).returncode, 0)

    def test_a_repair_of_one_repo(self):
        other = os.fsdecode(self.add_repo("models--acme--other"))
        self.share()
        for repo in (self.repo, other):
            os.chmod(os.path.join(repo, "blobs"), 0o2755)
        self.repair(A, 0, "acme/fine")
        self.assertEqual(mode_of(os.path.join(self.repo, "blobs")), 0o2775)
        self.assertEqual(mode_of(os.path.join(other, "blobs")), 0o2755)


class Private(SharedCase):
    """Nothing of a user's own is opened, whatever name it has in the cache, by the user's own repair or by root's."""

    SECRET = b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + b"k" * 300

    def check(self, *parts, uid=B, mode=0o600, content=SECRET):
        path = self.made(self.path(*parts), content, uid, GROUP, mode)
        os.chmod(os.path.join(self.repo, "blobs"), 0o2755)  # something to do
        for by in (uid, A, 0):
            self.run_as(by, "repair", "--only", "ownership")
            status = os.lstat(path)
            self.assertEqual((status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)), (uid, GROUP, mode), by)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), content)
        return path

    def test_under_the_names_of_the_cache(self):
        sha256 = hashlib.sha256(b"another content").hexdigest()
        for name in (sha256, "0" * 40, sha256 + ".lock", sha256 + ".incomplete", "0" * 32 + "-2"):
            self.check("hub", FOLDER, "blobs", name)
        for name in ("main2", "pr/1"):
            self.check("hub", FOLDER, "refs", name)
        self.check("hub", FOLDER, "trees", "e" * 40 + ".json")
        self.check("hub", FOLDER, "trees", "e" * 40 + ".json", content=b'{"token": "hf_x", "format_version": 1}')
        self.check("hub/.locks", FOLDER, sha256 + ".lock")
        self.check("hub", FOLDER, ".no_exist", COMMIT, "x")
        self.check("hub", FOLDER, "snapshots", COMMIT, "id_ed25519")
        self.check("hub", FOLDER, "notes")
        self.check("hub", "notes.txt")

    def test_tokens(self):
        for uid in (A, B):
            self.check("token", uid=uid, content=b"hf_x")
            self.check("stored_tokens", uid=uid, content=b"[x]\nhf_token = hf_x\n")

    def test_a_group_of_its_own_is_private_too(self):
        path = self.made(self.path("hub", FOLDER, "blobs", "1" * 64), self.SECRET, B, B, 0o640)
        self.run_as(0, "repair", "--only", "ownership")
        self.assertEqual((os.lstat(path).st_gid, mode_of(path)), (B, 0o640))

    def test_a_folder_that_was_given_a_name_of_the_cache(self):
        """Another member may rename a private folder of B's that lies beside the repos."""
        for name in ("hub/models--evil--x", f"hub/{FOLDER}/trees", "xet"):
            os.mkdir(self.path(name))
            os.chown(self.path(name), B, B)
            os.chmod(self.path(name), 0o700)
            self.check(name, "diary.txt", mode=0o644)
            self.assertEqual((mode_of(self.path(name)), os.lstat(self.path(name)).st_gid), (0o700, B), name)

    def test_a_token_that_only_the_home_protects(self):
        token = self.made(self.path("token"), b"hf_x", A, GROUP, 0o644)
        os.chmod(self.home, 0o700)
        self.run_as(A, "repair", "--only", "ownership")
        self.assertEqual((mode_of(token), mode_of(self.home)), (0o600, 0o700))
        self.repair(A)
        self.assertEqual((mode_of(token), mode_of(self.home)), (0o600, 0o710))

    def test_a_second_name(self):
        lock = self.made(os.path.join(self.scratch, "elsewhere"), b"", B, B, 0o600)
        os.link(lock, os.path.join(self.locks, "2" * 64 + ".lock"))
        self.run_as(0, "repair", "--only", "ownership")
        self.run_as(B, "repair", "--only", "ownership")
        self.assertEqual(mode_of(lock), 0o600)

    def test_folders_that_are_not_the_caches(self):
        for name in ("hub/private", f"hub/{FOLDER}/private"):
            os.mkdir(self.path(name))
            os.chown(self.path(name), B, B)
            os.chmod(self.path(name), 0o700)
            self.check(name, "x")
            self.assertEqual(mode_of(self.path(name)), 0o700)

    def test_a_link_out_of_the_cache(self):
        outside = self.made(os.path.join(self.scratch, "out", "x.lock"), b"", B, B, 0o600)
        os.chmod(os.path.dirname(outside), 0o755)
        os.rename(self.locks, self.locks + ".old")
        os.symlink(os.path.dirname(outside), self.locks)
        os.symlink(outside, os.path.join(self.repo, "blobs", "3" * 64 + ".lock"))
        for by in (A, B, 0):
            self.run_as(by, "repair", "--only", "ownership")
        self.assertEqual((mode_of(outside), mode_of(os.path.dirname(outside))), (0o600, 0o755))


class UserNamespace(SharedCase):
    def inside(self, *words):
        done = subprocess.run(["unshare", "--user", "--map-root-user", HFAUDIT, *words], env=self.environment(),
                              cwd=self.scratch, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                              check=False)
        if "unshare:" in done.stderr:
            self.skipTest(f"no user namespaces here: {done.stderr.strip()}")
        return done

    def test_an_owner_who_is_not_mapped(self):
        """Shown as the overflow uid: to act for it is to act for whoever has that number."""
        self.share(uid=A, gid=A, folder=0o755, file=0o644)
        before = {place: os.lstat(place) for place, _, _ in os.walk(self.home)}
        for words in (("repair", "--offline"), ("repair", "--only", "ownership"),
                      ("repair", "--offline", "--owner", "65534")):
            done = self.inside(*words)
            self.assertEqual((done.returncode, "--owner" in done.stderr), (3, True), done.stdout + done.stderr)
        self.assertEqual(self.inside("scan").returncode, 0)
        for place, status in before.items():
            self.assertEqual((os.lstat(place).st_uid, os.lstat(place).st_mode), (status.st_uid, status.st_mode))

    def test_one_who_is(self):
        self.share(uid=0, gid=0, folder=0o755, file=0o644)
        self.assertEqual(self.inside("repair", "--offline").returncode, 0)


if __name__ == "__main__":
    unittest.main()
