"""Root at work where another user has laid a link: nothing lands where it leads. Needs root.

USER owns the cache, OTHER is a stranger; what root must not touch lies in `outside`, which is root's.
"""

import json
import os
import stat
import subprocess
import unittest

from pull_case import HFAUDIT, PullCase
from hub import Repo
from system import reachable

USER, OTHER = 54321, 54322  # ids that nobody has
REPO = Repo("acme/rooted").commit({"config.json": "{}\n", "a/b.txt": "b\n"})


def states(root):
    """path -> owner, group, mode, size of everything."""
    found = {}
    for folder, folders, files in os.walk(root):
        for path in [folder, *(os.path.join(folder, name) for name in folders + files)]:
            status = os.lstat(path)
            found[path] = status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode), status.st_size
    return found


class RootLinks(PullCase):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("needs root")
        self.served = self.hub(REPO)
        self.outside = self.folder_of(0, self.scratch, "outside")
        self.folder_of(0, self.outside, "hub", REPO.folder, "blobs")
        self.write(os.path.join(self.outside, "precious"), b"precious\n")
        os.rmdir(os.path.join(self.home, "hub"))
        os.lchown(self.home, USER, USER)

    def folder_of(self, uid, *parts, mode=0o755):
        path = os.path.join(*parts)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, mode)
        os.lchown(path, uid, uid)
        return path

    def link(self, target, *parts, uid=USER):
        path = os.path.join(*parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(target, path)
        os.lchown(path, uid, uid)
        return path

    def run_as_root(self, *words, **env):
        usual = ["--waits", "0.05", "--max-attempts", "2", "--timeout", "20"] if words[0] in ("pull", "preflight", "repair") else []
        return subprocess.run([HFAUDIT, words[0], *usual, *words[1:]], env=self.settings(self.served, **env),
                              cwd=self.scratch, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                              check=False)

    COMMANDS = (("pull", "acme/rooted"), ("preflight", "--repair", "acme/rooted"), ("repair", "acme/rooted"),
                ("repair", "--owner", "0", "acme/rooted"), ("repair", "--only", "ownership"), ("verify",), ("scan",))
    MORE = (("preflight", "--repair", "--strict", "acme/rooted"), ("watch", "--grace", "1", "acme/rooted"))

    def assert_outside_untouched(self, *commands, refused=("pull",), **env):
        before = states(self.outside)
        for words in commands or self.COMMANDS:
            with self.subTest(words, env=env):
                done = self.run_as_root(*words, **env)
                self.assertEqual(states(self.outside), before, done.stdout + done.stderr)
                if words[0] in refused:
                    self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
                    self.assertIn("root does not follow", done.stdout + done.stderr)

    def test_the_hub(self):
        for target in (self.outside, os.path.join(self.outside, "hub")):
            link = self.link(target, self.home, "hub")
            self.assert_outside_untouched()
            self.assert_outside_untouched(*self.MORE)
            os.unlink(link)

    def test_the_home(self):
        theirs = self.folder_of(USER, self.scratch, "theirs")
        home = self.link(self.outside, theirs, "hf")
        self.assert_outside_untouched(HF_HOME=home)
        self.assert_outside_untouched(HF_HOME=os.path.join(home, "new"))

    def test_a_cache_named_by_itself(self):
        theirs = self.folder_of(USER, self.scratch, "theirs")
        link = self.link(self.outside, theirs, "link")
        for place in (link, os.path.join(link, "hub"), os.path.join(link, "new/one")):
            self.assert_outside_untouched(HF_HUB_CACHE=place)
            self.assert_outside_untouched(("pull", "acme/rooted", "--cache-dir", place))

    def test_a_chain_of_links(self):
        theirs = self.folder_of(USER, self.scratch, "theirs")
        self.link("two", theirs, "one")
        self.link("../theirs/./three", theirs, "two")
        self.link(self.outside, theirs, "three")
        self.assert_outside_untouched(HF_HUB_CACHE=os.path.join(theirs, "one"))

    def test_a_local_dir(self):
        theirs = self.folder_of(USER, self.scratch, "theirs")
        link = self.link(self.outside, theirs, "model")
        for place in (link, os.path.join(link, "sub")):
            self.assert_outside_untouched(("pull", "acme/rooted", "--local-dir", place))
            self.assert_outside_untouched(("repair", "--local-dir", place), ("repair", "--owner", "0", "--local-dir", place))

    def test_a_stranger_in_a_shared_folder(self):
        """A sticky folder of root's, such as /tmp: its links are those of their makers."""
        shared = self.folder_of(0, self.scratch, "shared", mode=0o1777)
        self.assert_outside_untouched(HF_HOME=self.link(self.outside, shared, "hf", uid=OTHER))
        home = self.folder_of(USER, shared, "home", mode=0o2775)
        self.link(self.folder_of(USER, self.scratch, "theirs"), home, "hub", uid=OTHER)
        self.assert_outside_untouched(HF_HOME=home)

    def test_the_repo_and_its_folders(self):
        for name in ("", "blobs", "snapshots", "refs", "trees"):
            hub = self.folder_of(USER, self.home, "hub")
            if name:
                self.folder_of(USER, hub, REPO.folder)
            link = self.link(self.outside, hub, REPO.folder, *filter(None, (name,)))
            self.assert_outside_untouched(refused=())
            os.unlink(link)
            subprocess.run(["rm", "-rf", hub], check=True)

    def test_the_locks(self):
        hub = self.folder_of(USER, self.home, "hub")
        self.link(self.outside, hub, ".locks")
        self.assert_outside_untouched(refused=())

    def test_reports(self):
        """--output in another user's folder."""
        theirs = self.folder_of(USER, self.scratch, "theirs")
        self.folder_of(USER, self.home, "hub")
        self.run_as_root("pull", "acme/rooted")
        precious = os.path.join(self.outside, "precious")
        for place in (self.link(precious, theirs, "report.json"), self.link(self.outside, theirs, "folder") + "/new",
                      self.link("report.json", theirs, "second"), os.path.join(theirs, "folder", "precious")):
            for words in (("scan",), ("verify",), ("pull", "acme/rooted"), ("preflight", "acme/rooted"), ("repair",)):
                before = states(self.outside)
                done = self.run_as_root(*words, "--output", place)
                with self.subTest(place=place, words=words):
                    self.assertEqual(states(self.outside), before)
                    if words[0] != "repair":  # it has become the user by then, and may not write there either
                        self.assertIn("root does not follow", done.stderr)
                    self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        with open(precious, "rb") as file:
            self.assertEqual(file.read(), b"precious\n")
        for words in (("scan",), ("scan", "acme/absent"), ("repair",)):
            before = states(self.outside)
            done = self.run_as_root(*words, "--metrics", os.path.join(theirs, "report.json"))
            self.assertEqual((states(self.outside), done.returncode), (before, 3), done.stderr)
        done = self.run_as_root("scan", "--format", "json", "--output", os.path.join(theirs, "plain.json"))
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(theirs, "plain.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["command"], "scan")

    def test_the_token(self):
        """Root's own token file, which a user's link names, is not sent."""
        self.folder_of(USER, self.home, "hub")
        secret = os.path.join(self.outside, "secret")
        self.write(secret, b"hf_" + b"r" * 34)
        self.link(secret, self.home, "token")
        self.served.log.clear()
        done = self.run_as_root("pull", "acme/rooted", HF_TOKEN=None)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.served.requests(header="authorization"), [])
        self.assertNotIn("rrrr", done.stdout + done.stderr)

    def test_what_is_followed(self):
        """The user's link to a folder of theirs, root's where only root can make one, and any link of the user's own."""
        moved = self.folder_of(USER, self.scratch, "disk", "hub")
        os.lchown(os.path.dirname(moved), USER, USER)
        self.link(moved, self.home, "hub")
        done = self.run_as_root("pull", "acme/rooted")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual({owner for owner, *_ in states(moved).values()}, {USER})
        link = os.path.join(self.scratch, "link-of-root")
        os.symlink(self.home, link)
        done = self.run_as_root("pull", "acme/rooted", "--output", os.path.join(link, "report.txt"), HF_HOME=link)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        elsewhere = self.folder_of(OTHER, self.scratch, "open", mode=0o777)
        own = self.link(elsewhere, self.folder_of(USER, self.scratch, "own"), "hf")
        done = subprocess.run([reachable(HFAUDIT), "pull", "acme/rooted"], cwd="/",
                              env=self.settings(self.served, HF_HOME=own), user=USER, group=USER, extra_groups=[],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
