"""hfaudit against caches that other clients than huggingface_hub leave: finished, killed, taken up again, running, raced,
repaired. Needs cargo, npm or aria2c, and network once to build them: only with HFAUDIT_WRITERS=1.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from audit_runs import run  # noqa: E402
from other_writers import writers  # noqa: E402

from clients import wait_until  # noqa: E402
from hub import Hub, barrier, make_model  # noqa: E402

SIX = make_model("acme/six", shards=6, shard_size=2 << 20)
HELD = "*-00003-of-*"
STARTED = 1 << 20


def bytes_below(folder):
    return sum(os.lstat(os.path.join(where, name)).st_blocks * 512 for where, _, names in os.walk(folder) for name in names)


@unittest.skipUnless(os.environ.get("HFAUDIT_WRITERS") == "1", "HFAUDIT_WRITERS is not 1")
class OtherWriters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.writers = writers()
        cls.rows = []
        cls.root = tempfile.mkdtemp(prefix="hfaudit-writers-")

    @classmethod
    def tearDownClass(cls):
        print("\n" + "\n".join(cls.rows))
        shutil.rmtree(cls.root, ignore_errors=True)

    @contextlib.contextmanager
    def stage(self, writer, hub):
        """A fresh home and folder, and what starts the writer on them."""
        home = tempfile.mkdtemp(dir=self.root)
        folder = os.path.join(home, "model") if writer.local else os.path.join(home, "hub")
        os.makedirs(folder)
        env = {**os.environ, "HOME": home + ".user", "HF_HOME": home, "HF_HUB_CACHE": os.path.join(home, "hub"), "HF_ENDPOINT": hub.url}
        os.makedirs(env["HOME"])
        started = []

        def start(server=hub):
            env["HF_ENDPOINT"] = server.url
            started.append(subprocess.Popen(writer.words(server, SIX, folder), env=env, stdin=subprocess.DEVNULL,
                                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
            return started[-1]
        try:
            yield home, folder, start
        finally:
            for process in started:
                if process.poll() is None:
                    process.kill()
                process.communicate()

    def look(self, writer, home, folder, what, command="scan"):
        where = ("--local-dir", folder) if writer.local else ("--hf-home", home)
        outcome = run(command, "--format", "json", *where, home=home)
        self.rows.append(f"{writer.name:26} {what:26} {'/'.join(outcome.repo_verdicts):12} {outcome.exit_code} "
                         + ",".join(outcome.above_info()))
        return outcome

    def assert_complete(self, writer, home, folder, what, may=()):
        for command in ("scan", "verify"):
            outcome = self.look(writer, home, folder, f"{what}, {command}", command)
            self.assertEqual(outcome.repo_verdicts, ["complete"], outcome.explain())
            self.assertLessEqual(set(outcome.above_info()), set(may), outcome.explain())

    def finish(self, process):
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, err or out)

    def kill_half_way(self, writer, home, folder, hub, start):
        process = start()
        hub.wait_held("third")
        before = time.monotonic()
        # clients that take one file at a time stop with the third shard, the others with all but it
        wait_until(lambda: bytes_below(folder) >= 2 * STARTED or time.monotonic() - before > 10, "part of the files")
        time.sleep(1)
        return process

    def each(self, check):
        for writer in self.writers:
            with self.subTest(writer=writer.name):
                check(writer)

    def test_finished(self):
        self.each(self.check_finished)

    def check_finished(self, writer):
        with Hub(SIX) as hub, self.stage(writer, hub) as (home, folder, start):
            self.finish(start())
            self.assert_complete(writer, home, folder, "finished")

    def test_killed_and_taken_up_again(self):
        self.each(self.check_killed_and_taken_up_again)

    def check_killed_and_taken_up_again(self, writer):
        with Hub(SIX, faults=[barrier("third", STARTED, path=HELD)]) as hub, Hub(SIX) as calm, \
                self.stage(writer, hub) as (home, folder, start):
            process = self.kill_half_way(writer, home, folder, hub, start)
            outcome = self.look(writer, home, folder, "running")
            self.assertNotIn(outcome.repo_verdicts, (["complete"], ["corrupt"]), outcome.explain())
            process.kill()
            process.communicate()
            hub.release("third")
            outcome = self.look(writer, home, folder, "killed")
            self.assertEqual((outcome.repo_verdicts, outcome.exit_code), (["incomplete"], 1), outcome.explain())
            self.finish(start(calm))
            self.assert_complete(writer, home, folder, "taken up again", ("orphan-partial", "temp-debris", "stale-lock"))

    def test_killed_and_repaired(self):
        self.each(self.check_killed_and_repaired)

    def check_killed_and_repaired(self, writer):
        with Hub(SIX, faults=[barrier("third", STARTED, path=HELD)]) as hub, Hub(SIX) as calm, \
                self.stage(writer, hub) as (home, folder, start):
            process = self.kill_half_way(writer, home, folder, hub, start)
            process.kill()
            process.communicate()
            hub.release("third")
            where = ("--local-dir", folder, SIX.repo_id) if writer.local else ("--hf-home", home, SIX.repo_id)
            outcome = run("pull" if writer.local else "repair", "--format", "json", *where, home=home, hub=calm)
            self.assertEqual(outcome.exit_code, 0, outcome.explain())
            self.assert_complete(writer, home, folder, "repaired")
            if writer.local:
                return  # aria2c trusts no file without its control file
            calm.log.clear()
            self.finish(start(calm))
            self.assertEqual(sum(entry.sent for entry in calm.log if entry.sent > 100_000), 0, "it downloads again")
            self.assert_complete(writer, home, folder, "repaired, run again")

    def test_raced(self):
        self.each(self.check_raced)

    def check_raced(self, writer):
        if writer.local:
            return  # two of them would write into one file
        with Hub(SIX) as hub, self.stage(writer, hub) as (home, folder, start):
            for process in [start(), start()]:
                process.communicate(timeout=120)  # one of them may give up
            self.finish(start())
            self.assert_complete(writer, home, folder, "raced", ("orphan-partial", "stale-lock"))


if __name__ == "__main__":
    unittest.main()
