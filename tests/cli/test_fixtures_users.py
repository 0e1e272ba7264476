"""Who may use the cache. Most of this needs root, who gives files away and then looks with another user's eyes."""

import os
import struct
import unittest

from fixture_case import GOOD, OTHER, USER, FixtureCase
from system import as_user  # fixture_case knows where that is

GROUP = 54400

TWO_REPOS = GOOD.replace("--good", "--open") + """repo models--acme--shut
lfs weights safetensors:8192 salt:other
snapshot $C {
  config.json = json{"model_type":"gpt2"}
  model.safetensors -> $weights
}
ref main $C
"""


def give(root, owner, group, folder_mode, file_mode):
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            os.lchown(path, owner, group)
            if not os.path.islink(path):
                os.chmod(path, folder_mode if os.path.isdir(path) else file_mode)
    os.lchown(root, owner, group)
    os.chmod(root, folder_mode)


class Users(FixtureCase):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("needs root")

    def as_user(self, uid, groups=()):
        """The words that make a command another user's."""
        os.chmod(self.home, 0o777)
        return [*as_user(self, uid, groups), "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]

    def verdicts(self, scan):
        return {repo["repo_id"]: repo["verdict"] for repo in scan.report["repos"]}

    def test_a_finding_on_access_names_its_path(self):
        self.make(TWO_REPOS + "owner . user all\nmode hub/models--acme--open/blobs/$config 0000\n")
        scan = self.scan(prefix=self.as_user(USER))
        found = [finding for finding in scan.report["findings"] if finding["id"] == "no-access"]
        self.assertEqual(len(found), 1, found)
        inner = found[0]["path"].removeprefix("hub/models--acme--open/")
        self.assertTrue(found[0]["message"].startswith(inner[:18] + ": "), found[0]["message"])

    def test_permission_denied_halfway(self):
        self.make(TWO_REPOS + "owner . user all\nowner hub/models--acme--shut root all\n"
                  "mode hub/models--acme--shut 0700\n")
        scan = self.scan(prefix=self.as_user(USER))
        self.assertEqual((scan.code, self.verdicts(scan)["acme/open"]), (3, "complete"))
        self.assertEqual(self.verdicts(scan).get("acme/shut", "unknown"), "unknown")

    def test_permission_denied_at_the_top(self):
        self.make(TWO_REPOS + "owner . root all\nmode hub 0700\n")
        done = self.run_hfaudit("scan", prefix=self.as_user(USER))
        self.assertEqual(done.returncode, 3, done.stderr)

    def test_the_owner_sees_a_healthy_cache(self):
        self.make(TWO_REPOS + "owner . user all\n")
        scan = self.scan(prefix=self.as_user(USER))
        self.assert_findings(scan)
        self.assertEqual((scan.code, set(self.verdicts(scan).values())), (0, {"complete"}))

    def test_root_sees_the_same(self):
        self.make(TWO_REPOS + "owner . user all\n")
        self.assert_findings(self.scan())

    def test_a_shared_cache_of_a_group(self):
        """Setgid folders, everybody's files writable by the group: fine, whoever wrote what."""
        self.make(TWO_REPOS)
        give(self.cache, USER, GROUP, 0o2775, 0o664)
        give(os.path.join(self.cache, "hub/models--acme--shut"), OTHER, GROUP, 0o2775, 0o664)
        self.assert_findings(self.scan("--owner", f"{USER}:{GROUP}"))
        self.assert_findings(self.scan(prefix=self.as_user(USER, [GROUP])))

    def test_a_shared_cache_with_a_repo_that_others_may_only_read(self):
        """Another user's download with a umask of 022: it can be loaded, and the group cannot download into it."""
        self.make(TWO_REPOS)
        give(self.cache, USER, GROUP, 0o2775, 0o664)
        give(os.path.join(self.cache, "hub/models--acme--shut"), OTHER, GROUP, 0o2755, 0o644)
        scan = self.scan("--owner", f"{USER}:{GROUP}")
        self.assert_findings(scan, no_access=1)
        self.assertEqual(scan.code, 1)

    def test_a_shared_cache_with_a_repo_that_others_may_not_read(self):
        self.make(TWO_REPOS)
        give(self.cache, USER, GROUP, 0o2775, 0o664)
        give(os.path.join(self.cache, "hub/models--acme--shut"), OTHER, GROUP, 0o2700, 0o600)
        scan = self.scan("--owner", f"{USER}:{GROUP}")
        self.assert_findings(scan, no_access=1)  # the mode is what keeps them out, not that others write here
        self.assertEqual(scan.code, 1)

    def test_owner_option(self):
        """root's own cache, asked about for another user: they cannot write to it."""
        self.make(TWO_REPOS + "owner . root all\n")
        self.assert_findings(self.scan())
        scan = self.scan("--owner", str(USER))
        self.assertGreaterEqual(len(scan.report["findings"]), 1)
        self.assertEqual({finding["id"] for finding in scan.report["findings"]}, {"foreign-owner"})

    def test_unknown_owner(self):
        self.make(TWO_REPOS)
        done = self.run_hfaudit("scan", "--owner", "no-such-user-here")
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_foreign_folders_of_every_kind(self):
        for folder in ("xet", "hub/.locks", "hub/models--acme--shut/blobs", "hub/models--acme--shut/snapshots", "hub"):
            with self.subTest(folder):
                self.cache = os.path.join(self.scratch, folder.replace("/", "_"))
                self.make(TWO_REPOS + "dir xet/logs\ndir hub/.locks/models--acme--open\n"
                          f"owner . user all\nowner {folder} root all\n")
                scan = self.scan()
                self.assert_findings(scan, foreign_owner=1)
                self.assertEqual(scan.report["findings"][0]["path"], folder)
                self.assertEqual(scan.code, 1)

    def test_a_secret_blob_of_root(self):
        """Unreadable for the cache's user: that is damage, where a readable one of root's is none."""
        self.make(TWO_REPOS + "owner . user all\nowner hub/models--acme--open/blobs root all\n"
                  "owner hub/models--acme--open/blobs user\nmode hub/models--acme--open/blobs 0755\n")
        self.assert_findings(self.scan())
        blobs = os.path.join(self.cache, "hub/models--acme--open/blobs")
        secret = max((os.path.join(blobs, name) for name in os.listdir(blobs)), key=os.path.getsize)
        os.chmod(secret, 0o600)
        scan = self.scan()
        self.assert_findings(scan, foreign_owner=1)
        self.assertEqual(scan.code, 1)

    def acl(self, path, permissions):
        """A POSIX ACL that gives USER so much of `path`, its owner everything, all others nothing."""
        user_obj, user, group_obj, mask, other = 1, 2, 4, 16, 32
        entries = [(user_obj, 7, -1), (user, permissions, USER), (group_obj, 0, -1), (mask, 7, -1), (other, 0, -1)]
        data = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", tag, bits, uid & 0xFFFFFFFF)
                                               for tag, bits, uid in entries)
        try:
            os.setxattr(path, "system.posix_acl_access", data)
        except OSError:
            self.skipTest("no ACLs on this file system")

    def test_an_acl_that_lets_the_user_in(self):
        self.make(TWO_REPOS + "owner . user all\nowner hub/models--acme--shut root all\n")
        repo = os.path.join(self.cache, "hub/models--acme--shut")
        for folder, folders, files in os.walk(repo):
            for path in [folder, *(os.path.join(folder, name) for name in files)]:
                if not os.path.islink(path):
                    self.acl(path, 7)
        self.assert_findings(self.scan())
        self.assert_findings(self.scan(prefix=self.as_user(USER)))

    def test_an_acl_that_keeps_the_user_out(self):
        self.make(TWO_REPOS + "owner . user all\nowner hub/models--acme--shut root\n"
                  "mode hub/models--acme--shut 0777\n")
        self.assert_findings(self.scan())
        self.acl(os.path.join(self.cache, "hub/models--acme--shut"), 0)
        scan = self.scan()
        self.assertEqual((scan.code, scan.report["findings"][0]["path"]), (1, "hub/models--acme--shut"))


class Tokens(FixtureCase):
    def test_modes(self):
        for name in ("token", "stored_tokens"):
            for mode, exposed in ((0o600, 0), (0o400, 0), (0o644, 1), (0o604, 1), (0o666, 1)):
                with self.subTest(name=name, mode=oct(mode)):
                    self.cache = os.path.join(self.scratch, f"{name}{mode:o}")
                    self.make(f"repo datasets--acme--rows\ncommit C\ngit readme text:rows\nsnapshot $C {{\n README.md -> $readme\n}}\n"
                              f"ref main $C\nfile {name} text:hf_fixture\nmode {name} {mode:o}\n")
                    scan = self.scan()
                    self.assert_findings(scan, **({"exposed_token": 1} if exposed else {}))
                    self.assertNotIn(b"hf_fixture", scan.out + scan.err.encode())


if __name__ == "__main__":
    unittest.main()
