"""Pulls into caches that somebody has put odd things into, as root among others, and from Hubs that go on for ever."""

import os
import shutil
import signal
import subprocess
import sys
import time
import unittest

for folder in ("support", "testhub"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder))

from cli_case import HFAUDIT, CliCase  # noqa: E402
from hub import Content, Hub, Repo, corrupt, silent, status  # noqa: E402

USER = 54321  # of nobody
A = Content.generate("a", 300 << 10)
TWO = Repo("acme/two").commit({"a.bin": A, "d/b.bin": Content.generate("b", 200 << 10)})
MOVED = Repo("acme/moved").commit({"a": "file"})
MOVED.tag("v1", MOVED.head.oid)
MOVED.commit({"a/b": "inner"}, delete=("a",))


class OddCase(CliCase):
    attempts = 2

    def hub(self, *faults):
        hub = Hub(TWO, MOVED, faults=faults).__enter__()
        self.addCleanup(hub.__exit__)
        return hub

    def pull(self, hub, *words, command="pull"):
        quick = ["--waits", "0.1", "--max-attempts", str(self.attempts)] if command == "pull" else []
        done = self.run_hfaudit(command, *quick, *words, env={"HF_ENDPOINT": hub.url})
        return done.returncode, (done.stdout + done.stderr).decode(errors="replace")

    def repo(self, *path):
        return os.path.join(self.home, "hub", TWO.folder, *path)

    def blob(self):
        return self.repo("blobs", A.sha256)

    def entry(self):
        return self.repo("snapshots", TWO.head.oid, "a.bin")


class ForEver(OddCase):
    def test_what_came_wrong_is_not_asked_for_again_for_another_files_sake(self):
        hub = self.hub(corrupt(at=5000, path="a.bin"), status(503, path="d/b.bin"))
        code, text = self.pull(hub, "acme/two")
        self.assertEqual(code, 3, text)
        self.assertIn("checksum mismatch in two downloads", text)
        bodies = [one for one in hub.log if one.kind == "cdn" and one.sent and A.sha256 in one.path]
        self.assertLessEqual(len(bodies), 3)

    def test_who_never_answers_is_asked_ever_more_seldom(self):
        hub = self.hub(silent(path="a.bin"))
        self.attempts = 1
        began = time.time()
        code, text = self.pull(hub, "acme/two", "--timeout", "1", "--include", "a.bin")
        self.assertEqual(code, 3, text)
        self.assertIn("no byte received for 1 s", text)
        self.assertLess(len(hub.log) / (time.time() - began), 6)


class Parent(OddCase):
    def test_one_that_ignores_the_end_of_its_children(self):
        """Linux then reaps them at once: without a choice of its own, hfaudit would take a failed command for a successful one."""
        env = self.environment(HF_ENDPOINT=self.hub().url)
        start = ["env", "--ignore-signal=CHLD", HFAUDIT]
        done = subprocess.run([*start, "pull", "acme/two", "--notify", "exec:exit 7"], env=env, capture_output=True, check=True)
        self.assertIn(b"its exit status is 7", done.stderr + done.stdout)
        show = [*start, "preflight", "acme/two", "--", "grep", "SigIgn", "/proc/self/status"]
        done = subprocess.run(show, env=env, capture_output=True, check=True)
        ignored = int(done.stdout.split()[-1], 16)
        self.assertTrue(ignored >> (signal.SIGCHLD - 1) & 1, done.stdout)


class Closed(OddCase):
    def test_no_connection_gets_the_number_of_what_was_closed(self):
        hub = self.hub(silent(on="api"))
        for closed in ("2>&-", ">&- 2>&-", "<&- >&- 2>&-"):
            with self.subTest(closed):
                words = ["sh", "-c", f'exec "$0" pull acme/two {closed}', HFAUDIT]
                process = subprocess.Popen(words, env=self.environment(HF_ENDPOINT=hub.url), stdout=subprocess.DEVNULL)
                self.addCleanup(process.wait)
                self.addCleanup(process.kill)
                hub.log.clear()
                while not hub.log:
                    time.sleep(0.01)
                for number in (0, 1, 2):
                    self.assertNotIn("socket", os.readlink(f"/proc/{process.pid}/fd/{number}"))


class InTheWay(OddCase):
    def test_a_folder_where_a_file_belongs_is_named(self):
        hub = self.hub()
        self.assertEqual(self.pull(hub, "acme/two")[0], 0)
        for place in (self.blob(), self.entry(), self.repo("refs", "main")):
            with self.subTest(os.path.relpath(place, self.home)):
                was = self.repo("was")
                os.rename(place, was)
                os.mkdir(place)
                code, text = self.pull(hub, "acme/two")
                self.assertIn("a folder is in the place of the file", text)
                self.assertIn(place, text)
                self.assertIn(code, (1, 3))
                os.rmdir(place)
                os.rename(was, place)
        self.assertEqual(self.pull(hub, "acme/two")[0], 0)

    def test_a_file_where_a_folder_belongs_is_no_success(self):
        hub = self.hub()
        there = os.path.join(self.scratch, "local")
        self.assertEqual(self.pull(hub, "acme/moved@v1", "--local-dir", there)[0], 0)
        code, text = self.pull(hub, "acme/moved", "--local-dir", there)
        self.assertEqual(code, 3, text)
        self.assertIn("a file is in the place of a folder", text)
        self.assertEqual(self.read(os.path.join(there, "a")), b"file")

    def test_other_things_make_way(self):
        hub = self.hub()
        self.assertEqual(self.pull(hub, "acme/two")[0], 0)
        makers = (os.mkfifo, lambda place: os.symlink("nowhere", place), lambda place: self.write(place, b"mine"))
        for maker in makers:
            for place in (self.blob(), self.entry()):
                os.remove(place)
                maker(place)
                code, text = self.pull(hub, "acme/two")
                self.assertEqual(code, 0, text)
                self.assertEqual(self.read(self.entry()), A.read())
                self.assertEqual(self.pull(hub, "acme/two", command="verify")[0], 0)

    def test_a_plan_that_cannot_look_is_none(self):
        self.write(os.path.join(self.home, "hub", "models--acme--two", "blobs"), b"a file")
        code, text = self.pull(self.hub(), "acme/two", "--dry-run")
        self.assertEqual(code, 3, text)
        self.assertIn("a file is in the place of a folder", text)

    def read(self, path):
        with open(path, "rb") as file:
            return file.read()


@unittest.skipIf(os.geteuid() != 0, "for root")
class AsRoot(OddCase):
    def setUp(self):
        super().setUp()
        os.makedirs(os.path.join(self.home, "hub"), exist_ok=True)
        for folder in (self.home, os.path.join(self.home, "hub")):
            os.chown(folder, USER, USER)

    def test_what_root_makes_is_the_users(self):
        code, text = self.pull(self.hub(), "acme/two")
        self.assertEqual(code, 0, text)
        for folder, folders, files in os.walk(self.home):
            for name in folders + files:
                self.assertEqual(os.lstat(os.path.join(folder, name)).st_uid, USER, os.path.join(folder, name))

    def test_a_pull_that_was_broken_off_goes_on_in_the_users_draft(self):
        draft = self.blob() + ".hfaudit.incomplete"
        self.write(draft, A.read()[: 200 << 10])
        for folder, folders, files in os.walk(os.path.join(self.home, "hub")):
            for name in folders + files:
                os.chown(os.path.join(folder, name), USER, USER)
        hub = self.hub()
        code, text = self.pull(hub, "acme/two", "--include", "a.bin")
        self.assertEqual((code, os.listdir(self.repo("blobs"))), (0, [A.sha256]), text)
        self.assertLess(sum(one.sent for one in hub.log if one.kind == "cdn"), 150 << 10)

    def test_links_of_the_user_lead_root_nowhere_else(self):
        outside = os.path.join(self.scratch, "outside")
        for name in ("blobs", "snapshots", "refs", "trees", "../.locks", "../" + TWO.folder):
            with self.subTest(name):
                shutil.rmtree(os.path.join(self.home, "hub"))
                shutil.rmtree(outside, ignore_errors=True)
                os.mkdir(outside)
                os.makedirs(self.repo())
                link = os.path.normpath(self.repo(name))
                if os.path.isdir(link):
                    os.rmdir(link)
                os.symlink(outside, link)
                os.chown(link, USER, USER, follow_symlinks=False)
                for folder in (os.path.join(self.home, "hub"), self.repo()):
                    if not os.path.islink(folder):
                        os.chown(folder, USER, USER)
                code, text = self.pull(self.hub(), "acme/two")
                self.assertEqual(os.listdir(outside), [], text)
                self.assertEqual(os.stat(outside).st_uid, 0)
                if name != "../.locks":
                    self.assertIn(code, (1, 3), text)

    def test_no_mode_of_what_lies_in_a_locks_place_is_changed(self):
        secret = os.path.join(self.home, "hub", ".locks", TWO.folder, A.sha256 + ".lock")
        self.write(secret, b"")
        os.chmod(secret, 0o600)
        self.pull(self.hub(), "acme/two")
        self.assertEqual(os.stat(secret).st_mode & 0o777, 0o600)


if __name__ == "__main__":
    unittest.main()
