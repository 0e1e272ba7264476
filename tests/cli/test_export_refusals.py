"""Export refuses: incomplete repos, unfit outputs, unreadable files. Each refusal has its exit code."""

import os
import shutil
import subprocess
import unittest

from cli_case import COMMIT, HFAUDIT
from export_case import BIG, FOLDER, MARKER, ExportCase, sha256
from system import as_user, open_terminal, reachable


class Refusals(ExportCase):
    def test_what_is_not_complete(self):
        self.add()
        os.unlink(self.path(FOLDER, "blobs", sha256(BIG)))
        self.refuse("acme/six", code=1, says="run: hfaudit repair acme/six, or export it with --allow-incomplete")
        out = os.path.join(self.scratch, "x.tar")
        self.write(out, b"older")
        self.refuse("acme/six", "-o", out, code=1, says="it is incomplete")
        with open(out, "rb") as file:
            self.assertEqual(file.read(), b"older")
        self.unpack(self.export("acme/six", "--allow-incomplete"))
        report = self.at_target("scan", code=1)
        self.assertEqual(report["repos"][0]["verdict"], "incomplete")

    def test_what_is_corrupt_even_if_told_so(self):
        self.add()
        os.truncate(self.path(FOLDER, "blobs", sha256(BIG)), 1000)
        for more in ((), ("--allow-incomplete",)):
            self.refuse("acme/six", *more, code=1, says="it is corrupt")

    def test_what_is_being_downloaded(self):
        self.add()
        blob = self.path(FOLDER, "blobs", sha256(BIG))
        os.rename(blob, blob + ".incomplete")
        os.truncate(blob + ".incomplete", 100_000)
        with open(blob + ".incomplete", "ab"):
            self.refuse("acme/six", code=1, says="a process is downloading it; run: hfaudit watch acme/six")
            locked = self.run_hfaudit("lock", "acme/six")
            self.assertEqual((locked.returncode, locked.stdout), (1, b""))
            self.assertIn(b"a process is downloading it; run: hfaudit watch acme/six", locked.stderr)
            names = self.names(self.export("acme/six", "--allow-incomplete"))
        self.assertFalse([name for name in names if "incomplete" in name])

    def test_what_is_not_there(self):
        self.add()
        self.refuse("acme/sixx", code=2, says="cannot find acme/sixx")
        self.refuse("acme/six", "acme/none", code=2, says="cannot export acme/none: not in the cache")
        self.refuse("acme/six@v9", code=2, says="no such revision")
        self.refuse(code=2, says="no repo given")
        self.assert_usage("export", "acme/six", "--local-dir", "x", says="--local-dir")
        os.makedirs(self.path("models--acme--empty"))
        self.refuse("acme/empty", code=3, says="acme/empty")

    def test_where_it_may_not_go(self):
        self.add()
        for place in (self.path("x.tar"), self.path(FOLDER, "x.tar"), os.path.join("hf", "hub", "x.tar")):
            self.refuse("acme/six", "-o", place, code=2, says="--output lies in the hub cache")
        os.symlink(self.hub, os.path.join(self.scratch, "way"))
        self.refuse("acme/six", "-o", os.path.join(self.scratch, "way", "x.tar"), code=2, says="lies in the hub cache")
        self.refuse("acme/six", "-o", os.path.join(self.scratch, "none", "x.tar"), code=3, says="No such file")
        controller, terminal = open_terminal(self)
        done = self.run_hfaudit("export", "acme/six", stdout=terminal)
        os.close(terminal)
        os.close(controller)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"standard output is a terminal", done.stderr)

    def test_what_may_not_be_read(self):
        self.add()
        words = as_user(self, 54321)
        program = reachable(HFAUDIT)
        for name, says in ((f"blobs/{sha256(BIG)}", b"Permission denied"), (f"trees/{COMMIT}.json", b"is left out"),
                           (f"snapshots/{COMMIT}", b"Permission denied")):
            path = self.path(FOLDER, *name.split("/"))
            before = os.stat(path).st_mode
            os.chmod(path, 0)
            done = subprocess.run([*words, program, "export", "acme/six"], env=self.environment(), capture_output=True,
                                  check=False)
            self.assertEqual((done.returncode, says in done.stderr), (0 if "trees" in name else 3, True), done.stderr)
            os.chmod(path, before)

    def test_what_leads_outside(self):
        outside = os.path.join(self.scratch, "secret")
        self.write(outside, b"secret of another user\n" * 1000)
        self.add(tree=False)
        entry = self.path(FOLDER, "snapshots", COMMIT, "secret.txt")
        os.symlink(outside, entry)
        archive = self.export("acme/six", "--allow-incomplete", says="secret.txt is left out: its target is outside")
        self.assertNotIn(b"secret of another", archive)
        os.unlink(entry)
        blob = self.path(FOLDER, "blobs", "5df19e76b08f75b3b860de7471ba024b-10")  # a name that proves nothing
        os.symlink(outside, blob)
        os.symlink("../../blobs/" + os.path.basename(blob), entry)
        archive = self.export("acme/six", "--allow-incomplete", says="secret.txt is left out: its target is outside")
        self.assertNotIn(b"secret of another", archive)
        os.unlink(blob)
        payload = "ab" + "c" * 62  # a link that stands in the store
        self.write(self.path("blobs", MARKER), b"1\n")
        os.makedirs(self.path("blobs", "ab"))
        os.symlink(outside, self.path("blobs", "ab", payload))
        os.symlink(f"../../blobs/ab/{payload}", blob)
        archive = self.run_hfaudit("export", "acme/six", "--allow-incomplete")
        self.assertNotEqual(archive.returncode, 0)
        self.assertNotIn(b"secret of another", archive.stdout)

    def test_folders_that_lead_outside_for_root(self):
        """Root must not read for another user what that user may not."""
        as_user(self, 54321)  # skips without root
        self.add(tree=False, links=False)
        secrets = os.path.join(self.scratch, "secrets")
        self.write(os.path.join(secrets, COMMIT, "id_rsa"), b"secret of root")
        os.chmod(secrets, 0o700)
        shutil.rmtree(self.path(FOLDER, "snapshots"))
        os.symlink(secrets, self.path(FOLDER, "snapshots"))
        self.assertIn(b"secret of root", self.run_hfaudit("export", "acme/six", "--allow-incomplete").stdout)  # its own link
        self.give_away()
        done = self.run_hfaudit("export", "acme/six", "--allow-incomplete")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertNotIn(b"secret of root", done.stdout)
        os.unlink(self.path(FOLDER, "snapshots"))
        os.makedirs(self.path(FOLDER, "snapshots", COMMIT))
        os.makedirs(self.path(FOLDER, "blobs"))
        os.symlink(os.path.join(secrets, COMMIT), self.path(FOLDER, "blobs", "way"))
        os.symlink("../../blobs/way/id_rsa", self.path(FOLDER, "snapshots", COMMIT, "model.bin"))
        self.write(self.path(FOLDER, "snapshots", COMMIT, "config.json"), b"{}")
        self.give_away()
        archive = self.export("acme/six", "--allow-incomplete", says="model.bin is left out: it is a link, but not to one")
        self.assertEqual([name.rsplit("/")[-1] for name in self.names(archive)], ["config.json", "main"])

    def give_away(self):
        for folder, folders, names in os.walk(self.home):
            for name in (folder, *(os.path.join(folder, one) for one in folders + names)):
                os.lchown(name, 54321, 54321)

    def test_files_of_root_for_another_user(self):
        """Root exports nothing that the cache's owner could not read."""
        as_user(self, 54321)  # skips without root
        for links in (True, False):
            self.add(links=links)
            self.give_away()
            secret = self.path(FOLDER, "blobs" if links else f"snapshots/{COMMIT}", sha256(BIG) if links else "model.bin")
            self.export("acme/six")
            os.chmod(secret, 0o600)
            self.export("acme/six")  # the owner's own
            for owner, group in ((0, 0), (0, 54322), (54322, 54322)):
                os.chown(secret, owner, group)
                os.chmod(secret, 0o640)
                for more in ((), ("--allow-incomplete",)):
                    self.refuse("acme/six", *more, code=3, says="may not read")
            os.chown(secret, 0, 54321)  # by the group
            self.export("acme/six")
            os.chown(secret, 0, 0)
            os.chmod(secret, 0o644)
            self.export("acme/six")
            folder = os.path.dirname(secret)
            os.chown(folder, 0, 0)
            os.chmod(folder, 0o700)
            self.refuse("acme/six", "--allow-incomplete", code=3, says="may not read")
            shutil.rmtree(self.path(FOLDER))

    def test_what_is_no_file(self):
        self.add(tree=False)
        os.mkfifo(self.path(FOLDER, "snapshots", COMMIT, "pipe"))
        self.refuse("acme/six", code=1, says="it is incomplete")
        names = self.names(self.export("acme/six", "--allow-incomplete", says="pipe is left out: it is not a regular file"))
        self.assertFalse([name for name in names if name.endswith("/pipe")])


if __name__ == "__main__":
    unittest.main()
