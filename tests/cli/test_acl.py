"""Access control lists in a shared cache: the verdict is that of the kernel, and a repair gives the group what it needs and
nobody else anything. The lists are written as the kernel stores them, so that no setfacl is needed. Needs root.
"""

import errno
import os
import struct
import subprocess
import unittest

from shared_case import A, B, C, CLEAN, GROUP, SharedCase, mode_of

D = 2004  # one more member
OTHER_GROUP = 3001
USER_OWNER, USER, GROUP_OWNER, NAMED_GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
NOBODY = 0xFFFFFFFF  # the id of an entry that has none

# Of a blob that A owns, for the group GROUP: entries (tag, permissions, id).
LISTS = {
    "the group's own entry is closed under an open mask": [(GROUP_OWNER, 0), (NAMED_GROUP, 6, OTHER_GROUP), (MASK, 6)],
    "a mask that closes the group's entry": [(GROUP_OWNER, 6), (NAMED_GROUP, 6, OTHER_GROUP), (MASK, 0)],
    "a mask that leaves write alone": [(GROUP_OWNER, 6), (USER, 6, C), (MASK, 2)],
    "the group named beside another owner group": [(GROUP_OWNER, 0), (NAMED_GROUP, 4, GROUP), (MASK, 4)],
    "the member named": [(GROUP_OWNER, 0), (USER, 4, B), (MASK, 4)],
    "the member named and shut out": [(GROUP_OWNER, 6), (USER, 0, B), (MASK, 6)],
    "a list longer than most": [(GROUP_OWNER, 0), (USER, 4, B), (MASK, 4),
                                *((USER, 4, 5000 + number) for number in range(200))],
    "the group reads": [(GROUP_OWNER, 4), (USER, 0, C), (MASK, 4)],
}


def set_acl(path, entries, owner=6, other=0, kind="access"):
    rows = sorted([(USER_OWNER, owner), *entries, (OTHER, other)], key=lambda row: (row[0], row[2:] or (NOBODY,)))
    raw = struct.pack("<I", 2)
    for tag, permissions, *number in rows:
        raw += struct.pack("<HHI", tag, permissions, *(number or (NOBODY,)))
    os.setxattr(path, f"system.posix_acl_{kind}", raw)


class Acl(SharedCase):
    def setUp(self):
        super().setUp()
        try:
            set_acl(self.blobs()[0], LISTS["the group reads"])
        except OSError as error:
            if error.errno != errno.EOPNOTSUPP:
                raise
            self.skipTest("the file system keeps no access control lists")
        os.removexattr(self.blobs()[0], "system.posix_acl_access")

    def blobs(self):
        folder = os.path.join(self.repo, "blobs")
        return sorted(os.path.join(folder, name) for name in os.listdir(folder))

    def reads(self, uid, path, groups=(GROUP,)):
        """The kernel's answer."""
        done = subprocess.run(["cat", path], user=uid, group=uid, extra_groups=list(groups), capture_output=True, check=False)
        return done.returncode == 0

    @staticmethod
    def without_acl(path):
        if "system.posix_acl_access" in os.listxattr(path):
            os.removexattr(path, "system.posix_acl_access")

    def enters(self, uid, folder):
        return subprocess.run(["ls", folder], user=uid, group=uid, extra_groups=[GROUP], capture_output=True,
                              check=False).returncode == 0

    def test_a_verdict_is_the_kernels(self):
        for name, entries in LISTS.items():
            for group in (GROUP, OTHER_GROUP):
                with self.subTest(name, group=group):
                    self.share()
                    blob = self.blobs()[0]
                    self.without_acl(blob)
                    os.chown(blob, A, group)
                    set_acl(blob, entries)
                    found = set(self.ids(B)) - CLEAN
                    allowed = self.reads(B, blob) and self.reads(D, blob)  # each member must be able to
                    self.assertEqual(bool(found), not allowed, (found, oct(mode_of(blob))))
                    self.assertEqual(found - {"no-access", "foreign-owner"}, set())

    def test_a_folder(self):
        folder = os.path.join(self.repo, "blobs")
        for name, entries in LISTS.items():
            with self.subTest(name):
                self.share()
                os.chmod(folder, 0o2775)
                entries = [(tag, bits | bits >> 2, *number) for tag, bits, *number in entries]
                set_acl(folder, entries, owner=7)
                os.chmod(folder, mode_of(folder) | 0o2000)
                found = set(self.ids(B)) - CLEAN
                if not self.enters(B, folder):
                    self.assertTrue(found, oct(mode_of(folder)))
                os.removexattr(folder, "system.posix_acl_access")

    def test_a_repair_opens_what_the_group_needs_and_nothing_else(self):
        """What a mask has closed to a stranger whom the list names stays closed."""
        for by in (A, 0):
            for closed in ([(GROUP_OWNER, 0), (USER, 6, C), (MASK, 0)], [(GROUP_OWNER, 0), (NAMED_GROUP, 6, OTHER_GROUP), (MASK, 2)],
                           [(GROUP_OWNER, 0), (USER, 4, C), (MASK, 4)], [(GROUP_OWNER, 4), (USER, 7, C), (MASK, 0)]):
                with self.subTest(by=by, closed=closed):
                    self.share()
                    blob = self.blobs()[0]
                    self.without_acl(blob)
                    os.chmod(blob, 0o600)
                    set_acl(blob, closed)
                    stranger = self.reads(C, blob, ()), self.reads(C, blob, (OTHER_GROUP,))
                    self.assertFalse(self.reads(B, blob))
                    self.assertIn("no-access", self.ids(B))
                    report = self.repair(by)
                    self.assertEqual({result["outcome"] for result in report["results"]}, {"done"})
                    self.assertTrue(self.reads(B, blob))
                    self.assertEqual((self.reads(C, blob, ()), self.reads(C, blob, (OTHER_GROUP,))), stranger)
                    self.assert_clean(A, B)
                    self.assertEqual(self.repair(by)["plan"], [])

    def test_a_secret_stays_closed(self):
        """A file that the list keeps from the group, and that nothing proves to be the cache's, is not opened."""
        token = self.made(os.path.join(self.repo, "blobs", "0" * 64), b"hf_" + b"t" * 34, A, GROUP, 0o600)
        for entries in LISTS.values():
            set_acl(token, entries)
            if self.reads(B, token):
                continue
            for by in (A, 0):
                with self.subTest(entries=entries, by=by):
                    self.run_as(by, "repair", "--only", "ownership")
                    self.assertFalse(self.reads(B, token))

    def test_a_hub_whose_list_closes_it_to_its_group_is_not_shared(self):
        hub = self.path("hub")
        set_acl(hub, [(GROUP_OWNER, 5), (USER, 7, C), (MASK, 7)], owner=7)
        os.chmod(hub, mode_of(hub) | 0o2000)
        os.chmod(self.blobs()[0], 0o600)
        self.assertEqual(self.repair(A)["plan"], [])
        self.assertEqual(mode_of(self.blobs()[0]), 0o600)


if __name__ == "__main__":
    unittest.main()
