"""Repairs with the Hub: locks of other downloads, answers of the Hub, options."""

import json
import os
import signal
import socket
import subprocess
import sys
import unittest

from cli_case import HFAUDIT
from damaged_pull_case import FIRST, THIRD, DamagedPullCase
from hub import Content, Repo, make_model
from pull_case import DATA, SHARD
from repair_case import RepairCase, damage_all, dead_pid, soft_lock_text, write


class Locks(DamagedPullCase):
    def lock(self, name=SHARD):
        return os.path.join(self.home, "hub", ".locks", os.path.basename(self.place), self.repo.head.files[name].etag + ".lock")

    def test_of_a_dead_process(self):
        write(self.lock(), soft_lock_text(dead_pid()))
        self.whole_again()
        self.assertFalse(os.path.exists(self.lock()))

    def test_of_a_living_one_and_of_another_host(self):
        for text in (soft_lock_text(os.getpid()), b"1\nanother-host\n"):
            write(self.lock(), text)
            self.repair(self.served, code=None)
            self.assertTrue(os.path.exists(self.lock()))

    def test_idle_locks_but_not_those_in_use(self):
        script = ("import fcntl,sys,time\na=open(sys.argv[1]);fcntl.flock(a,fcntl.LOCK_EX);b=open(sys.argv[2])\n"
                  "print('ready',flush=True);time.sleep(600)")
        locks = [self.lock(name) for name in (FIRST, SHARD, THIRD)]
        for path in locks:
            write(path)
        process = subprocess.Popen([sys.executable, "-c", script, *locks[:2]], stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.stdout.readline()
        self.repair(self.served)
        self.assertEqual([os.path.exists(path) for path in locks], [True] * 3)
        self.repair(self.served, "--idle-locks")
        self.assertEqual([os.path.exists(path) for path in locks], [True, True, False])


class BrokenThere(RepairCase):
    """The content is broken on the Hub: no download helps, and none is advised or counted as a repair."""

    def test_a_pull_and_a_repair_say_so(self):
        served = self.hub(Repo("acme/broken").commit({"config.json": "{}\n", "model.safetensors": Content.generate("b", 5000)}))
        for round in ("downloaded", "present"):
            with self.subTest(round=round):
                report = self.pull(served, "acme/broken", code=1, agrees=False)
                self.assertEqual([(f["id"], f["fix"], f["run"]) for f in report["findings"] if f["severity"] == "error"],
                                 [("damaged-on-hub", None, None)])
        report = self.repair(served, code=1)
        self.assertEqual([f["id"] for f in report["findings"] if f["severity"] == "error"], ["damaged-on-hub"])
        self.assertEqual(self.outcomes(report), {("pull", "skipped"): 1})
        self.assertEqual(report["results"][0]["detail"], "the Hub has the same content")


class Interrupted(DamagedPullCase):
    def test_before_the_hub_answered(self):
        """Nothing has changed: the report is that of the audit, and no action counts as done."""
        os.unlink(self.blob(self.repo, SHARD))
        with socket.create_server(("127.0.0.1", 0)) as mute:
            process = subprocess.Popen([HFAUDIT, "repair", "--format", "json"], stdin=subprocess.DEVNULL,
                                       env=self.settings(f"http://127.0.0.1:{mute.getsockname()[1]}"),
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            connection = mute.accept()[0]
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=60)
            connection.close()
        report = json.loads(out)
        self.assertEqual((process.returncode, report["exit_code"]), (130, 130))
        self.assertNotIn(("pull", "done"), self.outcomes(report))
        self.assertEqual([one["repo_id"] for one in report["repos"]], ["acme/six"])
        self.assertIn("dangling-entry", [one["id"] for one in report["findings"]])


class TheHub(DamagedPullCase):
    """What the Hub says, or does not."""

    def test_main_has_moved(self):
        old = self.repo.head
        os.unlink(self.blob(self.repo, SHARD))
        moved = make_model("acme/six", shards=3, shard_size=300_000)
        moved.commit({"config.json": "{}\n"})
        served = self.hub(moved)
        self.repair(served)
        self.verify()
        with open(os.path.join(self.place, "refs", "main"), encoding="ascii") as file:
            self.assertEqual(file.read(), old.oid)
        self.assertEqual(os.listdir(os.path.join(self.place, "snapshots")), [old.oid])

    def stays(self, hub, code, *says, args=()):
        os.unlink(self.blob(self.repo, SHARD))
        os.truncate(self.blob(self.repo, THIRD), 1000)
        before = self.good_files()
        report = self.repair(hub, *args, code=code)
        self.assertEqual({path: self.good_files().get(path) for path in before}, before)
        text = json.dumps(report)
        for word in says:
            self.assertIn(word, text)
        return report

    def test_the_commit_is_gone(self):
        other = make_model("acme/six", shards=3, shard_size=300_000, seed="another")
        self.stays(self.hub(other), 4)

    def test_the_hub_is_down(self):
        self.stays("http://127.0.0.1:9", 3)

    def test_gated(self):
        self.stays(self.hub(make_model("acme/six", shards=3, shard_size=300_000, gated=True)), 4)

    def test_offline(self):
        self.assertEqual(self.stays(self.served, 1, args=("--offline",))["plan"], [])

    def test_offline_by_the_environment(self):
        os.unlink(self.blob(self.repo, SHARD))
        report = self.repair(self.served, code=1, env={"HF_HUB_OFFLINE": "1"})
        self.assertEqual(report["plan"], [])


class Options(DamagedPullCase):
    def test_only_and_skip(self):
        damage_all(self, self.repo)
        for group in ("locks", "partials", "entries", "refs", "content", "orphans"):
            with self.subTest(group):
                groups = {a["group"] for a in self.repair(self.served, "--dry-run", "--only", group, code=None)["plan"]}
                self.assertLessEqual(groups, {group})
                groups = {a["group"] for a in self.repair(self.served, "--dry-run", "--skip", group, code=None)["plan"]}
                self.assertNotIn(group, groups)
                self.assertNotIn("orphans", groups)

    def test_one_repo_and_one_revision(self):
        self.pull(self.served, "datasets/acme/rows")
        name = next(path for path in DATA.head.files if path.endswith(".parquet"))
        os.unlink(self.blob(DATA, name))
        os.unlink(self.blob(self.repo, SHARD))
        report = self.repair(self.served, "acme/six@" + self.repo.head.oid)
        self.assertEqual({a["repo_id"] for a in report["plan"]}, {"acme/six"})
        self.assertFalse(os.path.exists(self.blob(DATA, name)))
        self.assertTrue(os.path.exists(self.blob(self.repo, SHARD)))

    def test_include_and_exclude(self):
        for name in (FIRST, SHARD, THIRD):
            os.unlink(self.blob(self.repo, name))
        self.repair(self.served, "--include", "*00001*", code=None)
        self.assertEqual([os.path.exists(self.blob(self.repo, n)) for n in (FIRST, SHARD, THIRD)], [True, False, False])
        self.repair(self.served, "--exclude", "*00003-of*", code=None)
        self.assertEqual([os.path.exists(self.blob(self.repo, n)) for n in (FIRST, SHARD, THIRD)], [True, True, False])

    def test_orphans_only_when_named(self):
        old = os.path.join(self.place, "snapshots", "c" * 40)
        blob = os.path.join(self.place, "blobs", "b" * 40)
        write(blob, b"of an old revision")
        os.makedirs(old)
        os.symlink("../../blobs/" + "b" * 40, os.path.join(old, "old.txt"))
        self.repair(self.served)
        self.assertTrue(os.path.exists(os.path.join(old, "old.txt")))
        self.repair(self.served, "--only", "orphans")
        self.assertEqual((os.path.exists(old), os.path.exists(blob)), (False, False))
        self.assert_pulled(self.repo)

    def test_formats(self):
        os.unlink(self.blob(self.repo, SHARD))
        settings = self.settings(self.served)
        for form, words in (("text", ["model-00002"]), ("ndjson", ['"type":"action"'])):
            done = subprocess.run([os.environ["HFAUDIT"], "repair", "--dry-run", "--format", form], env=settings,
                                  capture_output=True, text=True, check=False, timeout=60)
            for word in words:
                self.assertIn(word, done.stdout.replace('": "', '":"'))


if __name__ == "__main__":
    unittest.main()
