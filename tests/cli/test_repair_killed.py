"""hfaudit repair that is killed after each of its actions, or stopped: the next run ends with a whole cache, and nothing
that was good is lost. HFAUDIT_LONG=1 kills it at many random moments too.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import time
import unittest

from cli_case import each
from pull_case import SIX
from hub import make_model, throttle
from repair_case import RepairCase, damage_all

PROBE = os.path.join(os.environ.get("HFAUDIT_BUILD", "absent"), "tests", "probes", "hfaudit-repair-probe")
LONG = int(os.environ.get("HFAUDIT_LONG", "0"))
OTHER = make_model("acme/other", shards=2, shard_size=200_000)


class RepairKilled(RepairCase):
    def setUp(self):
        super().setUp()
        if not os.path.exists(PROBE):
            self.skipTest("HFAUDIT_BUILD holds no hfaudit-repair-probe")
        self.served = self.hub(SIX, OTHER)
        self.pull(self.served, "acme/six", "acme/other")
        damage_all(self, SIX)
        self.damaged = self.home

    def fresh(self, name):
        self.home = os.path.join(self.scratch, name)
        shutil.copytree(self.damaged, self.home, symlinks=True)

    def probe(self, die_at):
        done = subprocess.run([PROBE, str(die_at)], env=self.settings(self.served), cwd=self.scratch,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=100, check=False)
        self.assertIn(done.returncode, (0, -signal.SIGKILL), done.stderr)
        return done

    def whole_again(self, good):
        self.repair(self.served, "--verify")
        self.assertEqual([f for f in self.verify()["findings"] if f["severity"] != "info"], [])
        for repo in (SIX, OTHER):
            self.assert_pulled(repo)
        after = self.good_files()
        for path, state in good.items():
            self.assertEqual(after.get(path.replace(self.damaged, self.home, 1), (0, 0, None))[2], state[2], path)

    def test_sigkill_after_each_action(self):
        wrong = [self.blob(SIX, path) for path in SIX.head.files]
        other = os.path.join(self.damaged, "hub", OTHER.folder)
        good = {path: state for path, state in self.good_files(but=wrong).items()
                if path.startswith(os.path.join(other, "blobs"))}
        self.assertTrue(good)
        self.fresh("all")
        count = int(self.probe(0).stdout)
        self.whole_again(good)
        self.assertGreater(count, 9)
        for number in each(range(1, count + 1)):
            with self.subTest(number):
                self.fresh(f"home{number}")
                self.assertEqual(self.probe(number).returncode, -signal.SIGKILL)
                self.whole_again(good)
                shutil.rmtree(self.home)

    def stop_while_downloading(self, number, after):
        """Its exit code and what it has reported."""
        self.served.faults = [throttle(400_000)]
        command = [os.environ["HFAUDIT"], "repair", "--verify", "--format", "json"]
        process = subprocess.Popen(command, env=self.settings(self.served), cwd=self.scratch,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(lambda: process.poll() is None and (process.kill(), process.wait()))
        if after is None:
            until = time.monotonic() + 60
            while not any(name.endswith(".hfaudit.incomplete") and size > 10_000
                          for name, size in self.on_disk().items()):
                self.assertLess(time.monotonic(), until, "it never downloads")
                self.assertIsNone(process.poll(), "it has ended early")
                time.sleep(0.005)
        else:
            time.sleep(after)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        self.served.faults = []
        return process.returncode, out, err

    def test_signals_that_end_it_politely(self):
        for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
            with self.subTest(number):
                self.fresh(f"home{number}")
                returned, out, err = self.stop_while_downloading(number, None)
                self.assertEqual(returned, code, err)
                report = json.loads(out)
                self.assertEqual((report["exit_code"], report["command"]), (code, "repair"))
                self.assertLessEqual(len(report["results"]), len(report["plan"]))
                self.whole_again({})

    def test_sigkill_at_random_moments(self):
        chance = random.Random(int(os.environ.get("HFAUDIT_SEED", "5")))
        for number in range(LONG * 50 or 2):
            with self.subTest(number):
                self.fresh(f"home{number}")
                self.stop_while_downloading(signal.SIGKILL, chance.uniform(0, 1.5))
                self.whole_again({})
                shutil.rmtree(self.home)


if __name__ == "__main__":
    unittest.main()
