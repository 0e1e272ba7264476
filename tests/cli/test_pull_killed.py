"""hfaudit pull that is killed, stopped, raced, or runs out of disk: what has arrived stays, and the next run goes on.

HFAUDIT_LONG=100 kills it a hundred times, with files large enough to show what comes twice: needs 2 GB and half an hour.
"""

import json
import os
import random
import signal
import subprocess
import time
import unittest

from pull_case import SANITIZED, SLACK, PullCase, single
from hub import barrier, make_model, throttle
from system import mount

LONG = int(os.environ.get("HFAUDIT_LONG", "0"))
KILLS = LONG or 3
MB = 10**6
REPO = make_model("acme/killed", shards=6 if LONG else 3, shard_size=(100 if LONG else 4) * MB)
TOTAL = sum(file.content.size for file in REPO.head.files.values())
RATE = (40 if LONG else 2) * MB  # per connection


class Killed(PullCase):
    def absent(self):
        """Bytes that are not there, of blobs and of prefixes of ours."""
        return TOTAL - sum(size for size in self.on_disk().values())

    def kill_at_random(self, number, rounds, expected):
        chance = random.Random(int(os.environ.get("HFAUDIT_SEED", "7")))
        for i in range(rounds):
            self.home = os.path.join(self.scratch, f"home{i}")
            hub = self.hub(REPO, faults=[throttle(RATE)])
            began = time.monotonic()
            process = self.start(hub, REPO.repo_id)
            if i % 3 == 0:  # by the clock: at any moment, also before and after the transfer
                time.sleep(chance.uniform(0, 1.5))
            else:
                upto = chance.randrange(TOTAL)
                while process.poll() is None and sum(self.on_disk().values()) < upto:
                    time.sleep(0.002)
            process.send_signal(number)
            returned = process.wait(60)
            after = time.monotonic() - began
            absent = self.absent()
            hub.faults = []
            with self.subTest(i, absent=absent, after=after):
                self.assertIn(returned, (expected, 0) if i % 3 else (expected, 0, -number))  # -number: not yet handled
                transfer = self.transfer(self.pull(hub, REPO.repo_id))
                self.assert_pulled(REPO)
                self.assert_tidy(REPO)
                self.assertLessEqual(transfer["received"], absent + SLACK)
                self.assertGreaterEqual(transfer["received"], absent)
            subprocess.run(["rm", "-rf", self.home], check=True)

    def test_sigkill_at_any_moment(self):
        self.kill_at_random(signal.SIGKILL, KILLS, -signal.SIGKILL)

    def test_sigterm_at_any_moment(self):
        self.kill_at_random(signal.SIGTERM, KILLS, 143)

    def test_what_was_on_disk_is_not_asked_for_again(self):
        size = 8 * MB
        repo = single(size)
        for number, returned in ((signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGINT, 130)):
            with self.subTest(number):
                self.home = os.path.join(self.scratch, f"home{number}")
                hub = self.hub(repo, faults=[throttle(4 * MB, path="model.bin")])
                process = self.start(hub, "acme/single", "--connections", "1")
                self.wait_on_disk(3 * MB, process)
                process.send_signal(number)
                self.assertEqual(process.wait(30), returned)
                kept = os.path.getsize(self.draft(repo, "model.bin"))
                self.assertGreaterEqual(kept, 2 * MB)
                hub.faults = []
                transfer = self.transfer(self.pull(hub, "acme/single"))
                self.assert_pulled(repo)
                self.assertLessEqual(transfer["received"], size - kept + 10_000)

    def test_everything_that_has_arrived_stays(self):
        """One file on many connections, the first of which brings nothing: all else stays, and comes only once."""
        size = 24 * MB
        repo = single(size)
        for number, returned, lost in ((signal.SIGTERM, 143, 0), (signal.SIGINT, 130, 0), (signal.SIGKILL, -9, SLACK)):
            with self.subTest(number):
                self.home = os.path.join(self.scratch, f"home{number}")
                hub = self.hub(repo, faults=[throttle(3 * MB, path="model.bin")])
                process = self.start(hub, "acme/single", "--connections", "8")
                until = time.monotonic() + 60
                while hub.bytes_sent(host="cdn") < 14 * MB and time.monotonic() < until:
                    time.sleep(0.01)
                process.send_signal(number)
                self.assertEqual(process.wait(30), returned)
                sent = hub.bytes_sent(host="cdn")
                kept = sum(self.on_disk().values())
                if returned > 0:  # a piece that was kept while its turn was awaited counts once
                    transfer = self.transfer(self.finish(hub, process, code=returned, agrees=False))
                    self.assertEqual(transfer["pulled"]["bytes"], kept)
                # what lies in sockets when it ends was never received
                self.assertGreaterEqual(kept, sent - 8 * MB - lost)
                draft = os.path.getsize(self.draft(repo, "model.bin"))
                with open(self.draft(repo, "model.bin"), "rb") as file:
                    self.assertEqual(file.read(), repo.head.files["model.bin"].content.read(0, draft))  # a prefix
                scan = self.run_hfaudit("scan", "--format", "json", "acme/single")
                found = {f["id"] for f in json.loads(scan.stdout)["findings"] if f["severity"] != "info"}
                # on a busy machine the small file has not come yet
                self.assertEqual(found - {"missing-file"}, {"incomplete-download"})
                hub.faults = []
                transfer = self.transfer(self.pull(hub, "acme/single"))
                self.assert_pulled(repo)
                self.assert_tidy(repo)
                self.assertLessEqual(transfer["received"], size - kept + 20_000)

    def test_pieces_that_are_damaged_are_downloaded_again(self):
        size = 24 * MB
        repo = single(size)
        hub = self.hub(repo, faults=[throttle(3 * MB, path="model.bin")])
        process = self.start(hub, "acme/single", "--connections", "8")
        while hub.bytes_sent(host="cdn") < 14 * MB:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 143)
        pieces = self.draft(repo, "model.bin").removesuffix("incomplete") + "pieces"
        self.assertTrue(os.path.exists(pieces))
        with open(pieces, "r+b") as file:
            file.seek(5000)
            file.write(b"another content")
        hub.faults = []
        self.pull(hub, "acme/single")
        self.assert_pulled(repo)
        self.assert_tidy(repo)

    def test_a_run_that_is_stopped_says_how_things_stand(self):
        repo = single(3 * MB)
        hub = self.hub(repo, faults=[barrier("held", 2 * MB, path="model.bin")])
        process = self.start(hub, "acme/single", "--connections", "1")
        hub.wait_held("held")
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        report = self.finish(hub, process, code=None, agrees=False)
        self.assertEqual(process.returncode, 143)
        self.assertLess(time.monotonic() - began, 10)
        self.assertIn("model.bin", [file["path"] for file in self.transfer(report)["left"]])


class Raced(PullCase):
    def test_two_pulls_on_one_cache(self):
        for seconds in (0, 0.3):
            with self.subTest(seconds):
                self.home = os.path.join(self.scratch, f"home{seconds}")
                hub = self.hub(REPO, faults=[throttle(RATE * 2)])
                first = self.start(hub, REPO.repo_id)
                time.sleep(seconds)
                second = self.start(hub, REPO.repo_id)
                self.finish(hub, first)
                self.finish(hub, second)
                self.assert_pulled(REPO)
                self.assert_tidy(REPO)

    def test_one_of_two_is_killed(self):
        hub = self.hub(REPO, faults=[throttle(RATE * 2)])
        first = self.start(hub, REPO.repo_id)
        self.wait_on_disk(TOTAL // 4, first)
        second = self.start(hub, REPO.repo_id)
        time.sleep(0.2)
        first.kill()
        first.wait()
        self.finish(hub, second)
        self.assert_pulled(REPO)
        self.assert_tidy(REPO)

    def test_another_revision_at_the_same_time(self):
        repo = make_model("acme/two", shards=2, shard_size=2 * MB)
        repo.tag("v1").commit({"README.md": "second\n"})
        hub = self.hub(repo, faults=[throttle(2 * MB)])
        runs = [self.start(hub, f"acme/two@{name}") for name in ("v1", "main")]
        for run in runs:
            self.finish(hub, run)
        self.assert_pulled(repo, repo.history[0], "v1")
        self.assert_pulled(repo, repo.history[1], "main")


@unittest.skipUnless(os.geteuid() == 0, "needs root, to mount a small disk")
class FullDisk(PullCase):
    def small_disk(self, megabytes):
        os.makedirs(self.home, exist_ok=True)
        mount(self, "-t", "tmpfs", "-o", f"size={megabytes}m", "hfaudit", self.home)

    def resize(self, megabytes):
        subprocess.run(["mount", "-o", f"remount,size={megabytes}m", self.home], check=True)

    def test_too_small_from_the_beginning(self):
        self.small_disk(4)
        hub = self.hub(REPO)
        report = self.pull(hub, REPO.repo_id, "--max-attempts", "2", code=None)
        self.assertIn(report["exit_code"], (1, 3))
        self.assertRegex(self.transfer(report)["trouble"], "(?i)space|disk")
        self.resize(TOTAL // MB + 20)
        self.pull(hub, REPO.repo_id)
        self.assert_pulled(REPO)

    def test_somebody_else_fills_it(self):
        """All prefixes stay, it ends by itself, and goes on when there is room again."""
        free = TOTAL // MB + 4
        self.small_disk(free)
        hub = self.hub(REPO, faults=[throttle(MB)])
        process = self.start(hub, REPO.repo_id)
        self.wait_on_disk(2 * MB, process)
        filler = os.path.join(self.home, "filler")
        with open(filler, "wb") as stream:
            try:
                for _ in range(free - 5):
                    stream.write(bytes(1 << 20))
                    stream.flush()
            except OSError:
                pass
        report = self.finish(hub, process, code=None)
        self.assertIn(report["exit_code"], (1, 3))
        self.assertRegex(self.transfer(report)["trouble"], "(?i)space|disk")
        os.unlink(filler)
        absent = TOTAL - sum(self.on_disk().values())
        self.assertLess(absent, TOTAL)
        hub.faults = []
        transfer = self.transfer(self.pull(hub, REPO.repo_id))
        self.assert_pulled(REPO)
        self.assertLessEqual(transfer["received"], absent + (20 if SANITIZED else 2) * MB)


if __name__ == "__main__":
    unittest.main()
