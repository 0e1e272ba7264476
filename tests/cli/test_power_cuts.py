"""Power cuts: pull and repair are recorded, and every disk that a power cut may leave of them is looked at.

After exit code 0 all that was reported is there, whatever was not synced. At any point before, nothing that was good is
lost, and one more run ends with exit code 0. HFAUDIT_LONG=1 tries every point, and many more combinations.
"""

import hashlib
import json
import os
import shutil
import subprocess
import time
import unittest

from pull_case import HFAUDIT
from crash_model import DROP, KEEP, NAMES_ONLY, ZEROS, Disk  # pull_case knows where that is
from hub import Content, Repo
from repair_case import RepairCase

RECORDER = os.path.join(os.environ.get("HFAUDIT_BUILD", ""), "tests", "support", "libhfaudit_write_recorder.so")
LONG = bool(os.environ.get("HFAUDIT_LONG"))
POINTS = None if LONG else 9          # of a recording; None: all
SEEDS = 8 if LONG else 2              # for each point
KINDS = (DROP, KEEP, NAMES_ONLY, ZEROS)
FILES = {"config.json": "{}\n", "a/b/c.txt": "deep\n", "README.md": "# Cut\n", "same.txt": "deep\n"}


def small_repo():
    repo = Repo("acme/cut").commit({**FILES, "model.bin": Content.generate("one", 300_000)})
    return repo.commit({**FILES, "model.bin": Content.generate("two", 300_000), "more.txt": "more\n"})


def digests(root):
    """The content of every regular file: digest -> a path."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as file:
                    found.setdefault(hashlib.sha256(file.read()).hexdigest(), path)
    return found


@unittest.skipUnless(os.path.exists(RECORDER), "HFAUDIT_BUILD names no build with the recorder: it goes with no sanitizer")
class PowerCuts(RepairCase):
    def setUp(self):
        super().setUp()
        self.repo = small_repo()
        self.served = self.hub(self.repo)
        self.images = 0

    def run_recorded(self, *words):
        """The events of a run that ends with 0, and the disk before it."""
        before, log = Disk(self.home), os.path.join(self.scratch, "record")
        if os.path.exists(log):
            os.unlink(log)
        self.began_ns = time.time_ns()
        done = self.run_on(self.home, *words, LD_PRELOAD=RECORDER, WRITE_RECORD=log)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(log, encoding="ascii") as file:
            return before, file.read().splitlines()

    def run_on(self, home, *words, **env):
        usual = ["--waits", "0.05,0.1", "--max-attempts", "3", "--timeout", "20"] if words[0] != "scan" else []
        given = [str(word).replace(self.home, home) for word in words]
        return subprocess.run([HFAUDIT, given[0], "--format", "json", *usual, *given[1:]], cwd=self.scratch,
                              env=self.settings(self.served, HF_HOME=home, **env), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=100, check=False)

    def image(self, disk, what, seed=0):
        """The disk as a home; removed with the next one."""
        home = os.path.join(self.scratch, "image")
        shutil.rmtree(home, ignore_errors=True)
        disk.write_image(home, what, seed, self.began_ns)
        self.images += 1
        return home

    def images_of(self, disk):
        return [(what, 0) for what in KINDS] + [(share, seed) for seed in range(SEEDS) for share in (0.3, 0.7)]

    def check(self, words, whole, good=()):
        """`whole(home)`: all that the run reported is there. `good`: digests that are never lost."""
        disk, events = self.run_recorded(*words)
        self.assertIn("fsync", {event.split()[0] for event in events})
        step = 1 if POINTS is None else max(1, len(events) // POINTS)
        for point, event in enumerate(events):
            if point % step == 0:
                combinations = self.images_of(disk)
                # Of all combinations in turns one, where there is no time for all.
                for what, seed in combinations if LONG else [combinations[point // step % len(combinations)], (DROP, 0)]:
                    with self.subTest(point=point, of=len(events), before=event[:60], what=what, seed=seed):
                        home = self.image(disk, what, seed)
                        self.assertEqual(set(good) - set(digests(home)), set(), "good content is lost")
                        again = self.run_on(home, *words)
                        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
                        whole(home)
            disk.play(event)
        for what, seed in self.images_of(disk):
            with self.subTest("after exit code 0", what=what, seed=seed):
                home = self.image(disk, what, seed)
                self.assertEqual(set(good) - set(digests(home)), set())
                whole(home)

    def is_whole_cache(self, home, commit=None, **env):
        """Complete to scan, and to the byte."""
        commit = commit or self.repo.head
        done = self.run_on(home, "scan", **env)
        self.assertEqual(done.returncode, 0, done.stdout)
        report = json.loads(done.stdout)
        verdicts = {revision["commit"]: revision["verdict"] for repo in report["repos"] for revision in repo["revisions"]}
        self.assertEqual(verdicts.get(commit.oid), "complete", done.stdout)
        folder = os.path.join(home, "hub", self.repo.folder)
        with open(os.path.join(folder, "refs", "main"), encoding="ascii") as file:
            self.assertEqual(file.read(), self.repo.head.oid)
        for path, file in commit.files.items():
            self.assert_content(os.path.join(folder, "snapshots", commit.oid, path), file)

    def is_whole_folder(self, home):
        for path, file in self.repo.head.files.items():
            self.assert_content(os.path.join(home, "local", path), file)
        notes = os.path.join(home, "local", ".cache", "huggingface", "download")
        for path in self.repo.head.files:
            self.assertTrue(os.path.exists(os.path.join(notes, path + ".metadata")), path)

    def test_a_pull_into_an_empty_cache(self):
        shutil.rmtree(os.path.join(self.home, "hub"))
        self.check(["pull", "acme/cut"], self.is_whole_cache)

    def test_a_pull_from_another_cache(self):
        other = os.path.join(self.scratch, "other")
        self.pull(self.served, "acme/cut")
        os.rename(self.home, other)
        os.makedirs(self.home)
        self.check(["pull", "acme/cut", "--from", other], self.is_whole_cache)

    def test_a_pull_into_the_shared_store(self):
        """Two repos of the same content: the first is published, the second is linked to it."""
        twin = Repo("acme/twin").commit({path: file.content for path, file in self.repo.head.files.items()})
        self.served = self.hub(self.repo, twin, xet=True)
        store = os.path.join(self.home, "hub", "blobs")
        shutil.rmtree(os.path.join(self.home, "hub"))
        self.write(os.path.join(store, ".huggingface-shared-blobs"), b"1\n")
        self.check(["pull", "acme/cut", "acme/twin"], self.is_whole_cache)

    def test_a_pull_beside_another_revision(self):
        first = self.repo.history[0]
        self.pull(self.served, f"acme/cut@{first.oid}")
        good = digests(os.path.join(self.home, "hub", self.repo.folder, "blobs"))

        def both(home):
            self.is_whole_cache(home)
            self.is_whole_cache(home, first)

        self.check(["pull", "acme/cut"], both, good)

    def test_a_pull_without_links(self):
        self.settings_more = {"HF_HUB_DISABLE_SYMLINKS": "1"}
        self.check(["pull", "acme/cut"], self.is_whole_cache)

    def test_a_pull_into_a_folder(self):
        """With files of the user's own in the way: they are kept aside."""
        local = os.path.join(self.home, "local")
        self.write(os.path.join(local, "README.md"), b"# mine\n")
        self.write(os.path.join(local, "model.bin"), b"mine, and precious")
        self.write(os.path.join(local, "notes.txt"), b"notes\n")
        self.check(["pull", "acme/cut", "--local-dir", local], self.is_whole_folder, digests(local))

    def test_a_repair(self):
        self.pull(self.served, "acme/cut")
        folder = self.folder(self.repo)
        entry = os.path.join(folder, "snapshots", self.repo.head.oid)
        os.unlink(os.path.join(entry, "config.json"))                                # an entry is lost
        os.truncate(self.blob(self.repo, "model.bin"), 1000)                         # a blob is cut off
        os.unlink(os.path.join(entry, "a/b/c.txt"))
        self.write(os.path.join(entry, "a/b/c.txt"), b"somebody's own text\n")       # a file in place of a link
        self.write(os.path.join(folder, "refs", "main"), (self.repo.head.oid + "\n").encode())
        good = digests(os.path.join(folder, "blobs"))
        good.update(digests(os.path.join(entry, "a")))
        with open(self.blob(self.repo, "model.bin"), "rb") as file:
            good.pop(hashlib.sha256(file.read()).hexdigest())
        self.check(["repair", "--verify", "acme/cut"], self.is_whole_cache, good)

    def settings(self, hub, **more):
        return super().settings(hub, **{**getattr(self, "settings_more", {}), **more})


if __name__ == "__main__":
    unittest.main()
