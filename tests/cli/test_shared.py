"""Caches that two ordinary users share by a group: what is reported to whom, what the repair gives, and what stays private.

A = 2001 owns the cache, B = 2002 is another member, C = 2003 is not in the group. Needs root.
"""

import contextlib
import hashlib
import json
import os
import shutil
import stat
import subprocess
import unittest

from cli_case import COMMIT, HFAUDIT, CliCase
from system import reachable

A, B, C, GROUP = 2001, 2002, 2003, 3000
FOLDER = "models--acme--fine"
CLEAN = {"idle-lock"}


def mode_of(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


class SharedCase(CliCase):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("needs root")
        files = {"README.md": b"# Fine", "vocab.txt": b"a\nb\n", "deep/notes.md": b"deep"}
        self.repo = os.fsdecode(self.add_repo(FOLDER, files))
        self.locks = self.path("hub/.locks", FOLDER)
        self.lock_names = []
        os.makedirs(self.locks)
        for name in os.listdir(os.path.join(self.repo, "blobs")):
            self.lock_names.append(self.made(os.path.join(self.locks, name + ".lock")))
        self.share()

    def path(self, *parts):
        return os.path.join(self.home, *parts)

    def made(self, path, content=b"", uid=None, gid=GROUP, mode=None):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        if uid is not None:
            os.chown(path, uid, gid)
        if mode is not None:
            os.chmod(path, mode)
        return path

    def share(self, uid=A, gid=GROUP, folder=0o2775, file=0o664, root=None):
        for place, _, names in os.walk(root or self.home):
            os.chown(place, uid, gid)
            os.chmod(place, folder)
            for name in names:
                path = os.path.join(place, name)
                os.lchown(path, uid, gid)
                if not os.path.islink(path):
                    os.chmod(path, file)

    def tree(self, mode=0o600, uid=A):
        text = json.dumps({"format_version": 1, "files": {}}, indent=1).encode()
        return self.made(os.path.join(self.repo, "trees", "f" * 40 + ".json"), text, uid, GROUP, mode)

    def run_as(self, uid, *words, env=None, groups=(GROUP,), umask=0o022):
        identity = {"user": uid, "group": uid, "extra_groups": list(groups), "umask": umask} if uid else {}
        return subprocess.run([reachable(HFAUDIT), *words], env=self.environment(HF_HUB_OFFLINE="1", **(env or {})),
                              cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                              check=False, **identity)

    def ids(self, uid, *words, **options):
        """finding -> how often, as `uid` sees it."""
        done = self.run_as(uid, "scan", "--format", "json", *words, **options)
        found = {}
        for finding in json.loads(done.stdout)["findings"]:
            found[finding["id"]] = found.get(finding["id"], 0) + 1
        return found

    def assert_clean(self, *uids, **options):
        for uid in uids:
            self.assertLessEqual(set(self.ids(uid, **options)), CLEAN, f"uid {uid}")

    def repair(self, uid, code=0, *words):
        done = self.run_as(uid, "repair", "--only", "ownership", "--format", "json", *words)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        if "--dry-run" not in words:
            self.assertEqual([(a["action"], a["path"]) for a in report["plan"]],
                             [(r["action"], r["path"]) for r in report["results"]])
        return report

    @contextlib.contextmanager
    def as_member(self, uid):
        """The calls in the block run with the rights of that user."""
        groups = os.getgroups()
        os.setgroups([GROUP])
        os.setegid(uid)
        os.seteuid(uid)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(0)
            os.setgroups(groups)


class Healthy(SharedCase):
    def test_a_shared_cache(self):
        self.assert_clean(A, B, 0)
        for uid in (A, B, 0):
            self.assertEqual(self.repair(uid)["plan"], [])

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
