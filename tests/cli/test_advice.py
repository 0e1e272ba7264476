"""Every command that a report, a line of preflight or an error prints makes its finding go away, or says why nothing can.

`test_advice.py -v` prints the table: how many commands were run, by what printed them.
"""

import collections
import json
import os
import shutil
import signal
import subprocess
import sys
import unittest

from advice_case import AdviceCase
from fixture_case import HFAUDIT, case_names
from hub import barrier
from pull_case import SANITIZED, SHARD, SIX
from repair_case import RepairCase, overwrite, write
from test_fixtures import TOO_MUCH_TO_READ, expectation, method_of


@unittest.skipIf(SANITIZED, "runs hundreds of commands, each in tests of its own under sanitizers")
class Advice(AdviceCase):
    @classmethod
    def tearDownClass(cls):
        if {"-v", "--verbose"} & set(sys.argv) or os.environ.get("HFAUDIT_TABLE"):
            print_table(cls.rows)

    def check(self, names):
        for name in names:
            with self.subTest(name):
                rows = self.try_fixture(name, expectation(name))
                self.rows.extend(rows)
                wrong = [row for row in rows if row.outcome not in ("gone", "explained")]
                for row in wrong:
                    with self.subTest(row.run, origin=row.origin, subject=row.subject):
                        self.fail(row.outcome)


def print_table(rows):
    counts = collections.Counter()
    for row in rows:
        counts[row.origin, row.subject, row.outcome.partition(":")[0]] += 1
    print(f"\n{'printed by':<24} {'for':<24} {'outcome':<16} commands")
    for (origin, subject, outcome), count in sorted(counts.items()):
        print(f"{origin:<24} {subject:<24} {outcome:<16} {count:8}")
    print(f"{len(rows)} commands of {len({row.fixture for row in rows})} fixtures")


def _add_all():
    groups = collections.defaultdict(list)
    every = bool(os.environ.get("HFAUDIT_LONG"))
    for name in case_names():
        # Of each finding the plain fixture; the others, a thousand commands, take minutes: HFAUDIT_LONG=1.
        if name not in TOO_MUCH_TO_READ and (every or name.endswith("/plain")):
            groups[name.partition("/")[0]].append(name)
    for group, names in groups.items():
        setattr(Advice, method_of(group), lambda self, names=names: self.check(names))


_add_all()


class Beside(RepairCase):
    """Commands that other things than a finding of scan, verify or preflight print."""

    def run_line(self, hub, line):
        """As a user pastes it; a sudo that does as the real one."""
        folder = os.path.join(self.scratch, "bin")
        os.makedirs(folder, exist_ok=True)
        if not os.path.exists(os.path.join(folder, "hfaudit")):
            os.symlink(HFAUDIT, os.path.join(folder, "hfaudit"))
        settings = self.settings(hub)
        settings["PATH"] = folder + ":" + settings["PATH"]
        return subprocess.run(["/bin/bash", "-c", line], env=settings, cwd=self.scratch, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=100, check=False)

    def only_run(self, report):
        runs = {finding["run"] for finding in report["findings"] if finding["run"]}
        self.assertEqual(len(runs), 1, report["findings"])
        return runs.pop()

    def test_validate_only_of_an_absent_repo(self):
        hub = self.hub()
        report = self.pull(hub, "--validate-only", "acme/six", code=1, agrees=False)
        line = self.only_run(report)
        self.assertEqual(line, "hfaudit pull acme/six")
        self.assertEqual(self.run_line(hub, line).returncode, 0)
        report = self.pull(hub, "--validate-only", "acme/six")
        self.assertEqual({finding["id"] for finding in report["findings"]} - {"idle-lock"}, set())

    def test_validate_only_in_another_cache(self):
        hub, place = self.hub(), os.path.join(self.scratch, "else where")
        report = self.pull(hub, "--validate-only", "acme/six", "--cache-dir", place, code=1, agrees=False)
        self.assertEqual(self.run_line(hub, self.only_run(report)).returncode, 0)
        self.pull(hub, "--validate-only", "acme/six", "--cache-dir", place)

    def test_preflight_names_the_cache_that_it_looked_at(self):
        hub, place = self.hub(), os.path.join(self.scratch, "else where")
        os.mkdir(place)
        done = self.run_hfaudit("preflight", "acme/six", "--cache-dir", place)
        line = done.stderr.decode().partition("; run: ")[2].strip()
        self.assertEqual(line, f"hfaudit pull acme/six --cache-dir '{place}'")
        self.assertEqual(self.run_line(hub, line).returncode, 0)
        self.assertEqual(self.run_hfaudit("preflight", "acme/six", "--cache-dir", place).returncode, 0)

    def test_preflight_of_silent_damage(self):
        hub = self.hub()
        self.pull(hub, "acme/six")
        overwrite(self.blob(SIX, SHARD), 150_000, b"damage")
        done = self.run_hfaudit("preflight", "acme/six", "--check", "full")
        line = done.stderr.decode().partition("; run: ")[2].strip()
        self.assertEqual((done.returncode, line), (1, "hfaudit repair --verify acme/six"))
        self.assertEqual(self.run_line(hub, line).returncode, 0)
        self.assertEqual(self.run_hfaudit("preflight", "acme/six", "--check", "full").returncode, 0)

    def test_a_flipped_byte_that_nothing_here_shows(self):
        """A cache without links and listing: only the Hub can say what its small files are."""
        hub = self.hub()
        self.pull(hub, "acme/six", env={"HF_HUB_DISABLE_SYMLINKS": "1"}, agrees=False)
        shutil.rmtree(os.path.join(self.folder(SIX), "trees"))
        for folder in ("blobs",):
            shutil.rmtree(os.path.join(self.folder(SIX), folder), ignore_errors=True)
        snapshot = os.path.join(self.folder(SIX), "snapshots", SIX.head.oid)
        for name in SIX.head.files:  # however the pull has placed it
            path = os.path.join(snapshot, name)
            if os.path.lexists(path):
                os.unlink(path)
            write(path, SIX.head.files[name].content.read())
        overwrite(os.path.join(snapshot, "config.json"), 3, b"X")
        done = self.run_hfaudit("verify", "--format", "json")
        report = json.loads(done.stdout)
        self.assertIn("unverifiable", {finding["id"] for finding in report["findings"]})
        line = self.only_run(report)
        self.assertEqual(line, "hfaudit repair --verify acme/six")
        done = self.run_line(hub, line)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assert_content(os.path.join(snapshot, "config.json"), SIX.head.files["config.json"])
        self.assertEqual({finding["id"] for finding in self.verify()["findings"]} - {"idle-lock"}, set())

    def test_a_dry_run_counts_what_dangling_entries_need(self):
        hub = self.hub()
        self.pull(hub, "acme/six")
        os.unlink(self.blob(SIX, SHARD))
        report = self.repair(hub, "--dry-run", code=None)
        self.assertEqual([action["bytes"] for action in report["plan"]], [SIX.head.files[SHARD].content.size])

    def test_a_repair_that_is_interrupted_before_the_hub_answers(self):
        hub = self.hub()
        self.pull(hub, "acme/six")
        os.unlink(self.blob(SIX, SHARD))
        hub.faults.append(barrier("asked", path="/api/*", on="api"))
        process = subprocess.Popen([HFAUDIT, "repair", "--format", "json"], env=self.settings(hub), cwd=self.scratch,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(process.stdout.close)
        hub.wait_held("asked")
        process.send_signal(signal.SIGINT)
        report = json.loads(process.stdout.read())
        hub.release("asked")
        self.assertEqual(process.wait(60), 130)
        self.assertEqual([(result["outcome"], result["bytes"]) for result in report["results"]], [("failed", 0)])
        self.assertIn("interrupted", report["results"][0]["detail"])


if __name__ == "__main__":
    unittest.main()
