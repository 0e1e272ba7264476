"""hfaudit watch beside real clients that download from the test Hub, slowly."""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

for folder in ("support", "testhub"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from audit_runs import binary  # noqa: E402
from clients import client, environment  # noqa: E402
from hub import Hub, barrier, make_model, throttle  # noqa: E402

REPO = make_model("acme/slow", shards=2, shard_size=2 << 20)
LINE = re.compile(r"  \[acme/slow\] (?:(\d+\.\d)%  )?\d+(?:\.\d\d)? [kM]?B(?: / 4\.\d\d MB)?  \d+\.\d MB/s")


def part_is_told(lines):
    shares = [LINE.fullmatch(line) for line in lines]
    return any(found and found[1] and 0 < float(found[1]) < 100 for found in shares)


class WatchClients(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="hfaudit-watch-")
        self.addCleanup(scratch.cleanup)
        self.home = os.path.join(scratch.name, "home")
        os.mkdir(self.home)

    def start_watch(self, hub, *args):
        command = [binary(), "watch", "acme/slow", "--wait", "60", "--grace", "2", "--interval", "0.5", "--format", "json"]
        watching = self.enterContext(subprocess.Popen([*command, *args], env=environment(self.home, hub), text=True,
                                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        self.addCleanup(watching.kill)
        return watching

    def finish(self, watching, code, lines=()):
        err = watching.stderr.read()  # not communicate(), which knows nothing of what readline() holds
        out = watching.stdout.read()
        self.assertEqual(watching.wait(timeout=60), code, err + out)
        lines = [*lines, *err.splitlines()]
        self.assertGreaterEqual(len(lines), 3, lines)
        for line in lines:
            self.assertRegex(line, LINE)
        return json.loads(out)["repos"][0]["verdict"], [LINE.fullmatch(line)[1] for line in lines]

    def watched(self, version, *args, enough):
        """The shares that were told while a client of this version downloaded the repo to its end. The Hub holds the
        second shard back until the lines so far are `enough`, however slow the machine is."""
        with Hub(REPO, faults=[barrier("second", 0, path="*-00002-of-*")]) as hub:
            watching = self.start_watch(hub, *args)
            running = client(version).start(hub, self.home, "acme/slow")
            lines = []
            while not enough(lines):
                lines.append(watching.stderr.readline().rstrip("\n"))
                self.assertTrue(lines[-1], lines)
            hub.release("second")
            running.wait().must()
            verdict, shares = self.finish(watching, 0, lines)
        self.assertEqual(verdict, "complete")
        return shares

    def check_shares(self, shares):
        told = [float(share) for share in shares if share]
        self.assertEqual(told, sorted(told))
        self.assertEqual(told[-1], 100.0)

    def test_the_newest_client_keeps_a_listing(self):
        self.check_shares(self.watched("2.4", enough=part_is_told))

    def test_an_old_one_keeps_none(self):
        self.assertEqual(set(self.watched("0.36", enough=lambda lines: len(lines) > 2)), {None})

    def test_of_an_old_one_the_hub_tells_the_total(self):
        self.check_shares(self.watched("0.36", "--online", enough=part_is_told))

    def test_one_that_is_killed(self):
        with Hub(REPO, faults=[throttle(1 << 20, path="*.safetensors")]) as hub:
            watching = self.start_watch(hub)
            client("2.4").start(hub, self.home, "acme/slow").kill_after(1 << 20)
            verdict, shares = self.finish(watching, 1)
        self.assertEqual(verdict, "incomplete")
        self.assertLess(float(shares[-1]), 100)


if __name__ == "__main__":
    unittest.main()
