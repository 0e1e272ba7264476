"""hfaudit repair on a cache with every damage that there is, at once; and killed after each single action."""

import os
import shutil
import signal
import subprocess
import unittest

from cli_case import HFAUDIT, each
from repair_case import RepairCase
from hub import corrupt  # where pull_case looks
from ruin import REPOS, Ruins

PROBE = os.path.join(os.environ.get("HFAUDIT_BUILD", ""), "tests", "probes", "hfaudit-repair-probe")
LEFT = {"missing-weights"}  # a whole cache's repair downloads no weights of what was but looked at


class AllAtOnce(RepairCase):
    def setUp(self):
        super().setUp()
        self.served = self.hub(*REPOS.values())
        self.whole = os.path.join(self.scratch, "whole")
        names = [repo.repo_id if repo.repo_type == "model" else f"datasets/{repo.repo_id}" for repo in REPOS.values()]
        self.pull(self.served, *[name for name in names if name != "acme/never"], agrees=False)
        Ruins(self.home).ruin()

    def assert_whole(self):
        """No error, no warning but those that are left on purpose, and every file of every repo as the Hub has it."""
        report = self.verify()
        left = [f for f in report["findings"] if f["severity"] != "info" and f["id"] not in LEFT]
        self.assertEqual(left, [])
        for name, repo in REPOS.items():
            if name == "hollow":
                continue
            for path, file in repo.head.files.items():
                entry = os.path.join(self.folder(repo), "snapshots", repo.head.oid, path)
                with self.subTest(repo=name, path=path):
                    self.assert_content(entry, file)

    def good(self):
        """Blobs that are what their name says: path -> inode, mtime."""
        found = {}
        for repo in REPOS.values():
            for file in repo.head.files.values():
                path = os.path.join(self.folder(repo), "blobs", file.etag)
                if os.path.isfile(path):
                    with open(path, "rb") as stream:
                        if stream.read() == file.content.read():
                            found[path] = os.lstat(path).st_ino, os.lstat(path).st_mtime_ns
        return found

    def test_one_repair(self):
        before = self.good()
        report = self.repair(self.served, "--verify")
        self.assertEqual({r["outcome"] for r in report["results"]}, {"done"}, report["results"])
        self.assertGreaterEqual({a["group"] for a in report["plan"]},
                                {"locks", "refs", "entries", "content", "partials", "ownership"})
        self.assert_whole()
        after = self.good()
        self.assertEqual({path: after.get(path) for path in before}, before)
        self.assertEqual(self.repair(self.served, "--verify")["plan"], [])
        named = self.repair(self.served, "acme/hollow")
        self.assertEqual(self.outcomes(named), {("pull", "done"): 1})
        self.assert_content(os.path.join(self.folder(REPOS["hollow"]), "snapshots", REPOS["hollow"].head.oid,
                                         "model-00001-of-00003.safetensors"),
                            REPOS["hollow"].head.files["model-00001-of-00003.safetensors"])

    def test_offline_does_what_needs_no_network(self):
        self.served.log.clear()
        self.repair(self.served, "--offline", code=1)
        self.repair(self.served, code=1, env={"HF_HUB_OFFLINE": "1"})
        self.assertEqual(self.served.log, [])
        self.repair(self.served, "--verify")
        self.assert_whole()

    def test_no_hub_at_all(self):
        before = self.good()
        report = self.repair("http://127.0.0.1:9", "--verify", "acme/cut", code=3)
        self.assertIn(("pull", "failed"), self.outcomes(report))
        after = self.good()
        self.assertEqual({path: after.get(path) for path in before}, before)
        self.repair(self.served, "--verify")
        self.assert_whole()

    def test_group_by_group(self):
        for group in ("ownership", "locks", "refs", "entries", "content", "partials"):
            report = self.repair(self.served, "--verify", "--only", group, code=None)
            self.assertEqual({a["group"] for a in report["plan"]} - {group}, set())
        self.repair(self.served, "--verify")
        self.assert_whole()

    def test_two_repairs_and_a_pull_at_once(self):
        before = self.good()
        usual = ["--waits", "0.05,0.1", "--max-attempts", "3"]
        words = [[HFAUDIT, "repair", "--verify", *usual], [HFAUDIT, "repair", "--verify", *usual],
                 [HFAUDIT, "pull", *usual, "acme/killed", "acme/cut", "acme/silent"]]
        running = [subprocess.Popen(each, env=self.settings(self.served), cwd=self.scratch, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL) for each in words]
        for process in running:
            self.assertIn(process.wait(timeout=100), (0, 1, 3))  # what the other one is at may be left to it
        after = self.good()
        self.assertEqual({path: after.get(path) for path in before}, before)
        self.repair(self.served, "--verify")
        self.assert_whole()

    def test_a_wrong_object_on_the_hub(self):
        """It is asked for twice, then told; nothing is lost, and the rest is mended."""
        repo = REPOS["cut"]
        bad = repo.head.files["model-00002-of-00003.safetensors"].etag
        served = self.hub(*REPOS.values(), faults=[corrupt(at=500, path="model-00002-of-00003.safetensors")])
        report = self.repair(served, "--verify", "acme/cut", code=None)
        self.assertIn(report["exit_code"], (1, 3))
        self.assertIn(("pull", "failed"), self.outcomes(report))
        asked = [entry for entry in served.log if entry.kind != "api" and bad in entry.path + entry.query]
        self.assertLess(len(asked), 40)
        self.repair(self.served, "--verify")
        self.assert_whole()

    def test_a_dry_run_changes_nothing(self):
        def tree():
            found = {}
            for folder, folders, names in os.walk(self.home):
                for name in [*folders, *names]:
                    path = os.path.join(folder, name)
                    status = os.lstat(path)
                    found[path] = (status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns,
                                   status.st_nlink)
            return found
        before = tree()
        planned = self.repair(self.served, "--verify", "--dry-run", "--idle-locks", code=None)
        self.assertEqual(tree(), before)
        self.assertGreater(len(planned["plan"]), 20)
        self.assertEqual(self.served.requests(method="POST"), [])
        done = self.repair(self.served, "--verify", "--idle-locks")
        keys = [(a["action"], a["path"]) for a in done["plan"]]
        self.assertEqual([(a["action"], a["path"]) for a in planned["plan"]], keys[:len(planned["plan"])])


@unittest.skipUnless(os.path.exists(PROBE), "HFAUDIT_BUILD names no build with the probe")
class Killed(AllAtOnce):
    def restore(self):
        shutil.rmtree(self.home)
        subprocess.run(["cp", "-a", self.whole, self.home], check=True)

    def test_after_each_action(self):
        """SIGKILL after the n-th action: nothing good is lost, and the next run ends clean."""
        subprocess.run(["cp", "-a", self.home, self.whole], check=True)
        good = self.good()
        steps = self.repair(self.served, "--verify", "--idle-locks")
        count = len(steps["plan"])
        every = 1 if os.environ.get("HFAUDIT_LONG") else max(1, count // 4)
        for number in each(range(1, count + 1, every), 2):
            with self.subTest(action=number, of=count):
                self.restore()
                killed = subprocess.run([PROBE, str(number)], env=self.settings(self.served), capture_output=True,
                                        check=False)
                self.assertEqual(killed.returncode, -signal.SIGKILL, killed.stderr)
                self.assertGreaterEqual(set(self.good()), set(good))
                self.repair(self.served, "--verify", "--idle-locks")
                self.assert_whole()

    # Those of the other class are run there.
    test_one_repair = test_offline_does_what_needs_no_network = test_no_hub_at_all = test_group_by_group = None
    test_a_dry_run_changes_nothing = test_two_repairs_and_a_pull_at_once = test_a_wrong_object_on_the_hub = None


if __name__ == "__main__":
    unittest.main()
