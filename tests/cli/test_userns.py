"""Inside a user namespace, where the cache's owner has no number: root there gives nothing away, whatever it runs."""

import os
import stat
import subprocess
import unittest

from pull_case import HFAUDIT, PullCase
from hub import Repo

OWNER = 2001
REPO = Repo("acme/mapped").commit({"config.json": "{}\n", "a/b.txt": "b\n"})


class UserNamespaces(PullCase):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("needs root")
        self.served = self.hub(REPO)

    def inside(self, *words, maps=("--map-root-user",)):
        usual = ["--waits", "0.05", "--max-attempts", "1"] if words[0] != "scan" else []
        done = subprocess.run(["unshare", "--user", *maps, HFAUDIT, words[0], *usual, *words[1:]], cwd=self.scratch,
                              env=self.settings(self.served), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, check=False)
        if "unshare:" in done.stderr:
            self.skipTest(f"no user namespaces here: {done.stderr.strip()}")
        return done

    def owned(self):
        found = {}
        for folder, folders, names in os.walk(self.home):
            for path in [folder, *(os.path.join(folder, name) for name in folders + names)]:
                status = os.lstat(path)
                found[path] = status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)
        return found

    def test_every_command(self):
        for mode in (0o755, 0o777, 0o2775):
            for folder in (self.home, os.path.join(self.home, "hub")):
                os.chown(folder, OWNER, OWNER)
                os.chmod(folder, mode)
            self.pull(self.served, "acme/mapped", code=None, agrees=False)  # by root outside: the owner's
            os.unlink(os.path.join(self.folder(REPO), "snapshots", REPO.head.oid, "config.json"))
            before = self.owned()
            self.assertEqual({owner for owner, *_ in before.values()}, {OWNER})
            for words in (("repair",), ("repair", "acme/mapped"), ("repair", "--only", "ownership"), ("repair", "--owner", "65534"),
                          ("repair", "--owner", "65534:65534", "acme/mapped"), ("preflight", "--repair", "acme/mapped"),
                          ("pull", "acme/mapped"), ("scan",)):
                with self.subTest(mode=oct(mode), words=words):
                    done = self.inside(*words)
                    if words[0] == "repair":
                        self.assertEqual((done.returncode, "no number in this user namespace" in done.stderr), (3, True),
                                         done.stdout + done.stderr)
                    after = self.owned()
                    for path, state in before.items():
                        self.assertEqual(after.get(path, state), state, path)
                    # What root made is root's, who is this very user outside; nobody else's.
                    self.assertLessEqual({owner for owner, *_ in after.values()}, {OWNER, 0})


if __name__ == "__main__":
    unittest.main()
