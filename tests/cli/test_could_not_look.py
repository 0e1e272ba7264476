"""Another user's folder that is closed, at each level: exit code 3 with its path, owner and mode; never "not in the cache". And a
sync that failed: what was written is not taken for content afterwards.
"""

import json
import os
import shutil
import subprocess
import unittest

from pull_case import PullCase
from cli_case import HFAUDIT
from fault_sweep import INJECTOR
from hub import make_model
from system import as_user, reachable

SMALL = make_model("acme/small", shards=1, shard_size=20_000)
COMMANDS = (["scan"], ["scan", "acme/small"], ["verify", "acme/small"], ["preflight", "acme/small"],
            ["preflight", "--check", "full", "acme/small"])


class CouldNotLook(PullCase):
    def test_a_closed_folder_at_each_level(self):
        prefix = as_user(self, 54_397)
        self.pull(self.hub(SMALL), "acme/small")
        repo, snapshot = f"hub/{SMALL.folder}", f"hub/{SMALL.folder}/snapshots/{SMALL.head.oid}"
        for level in (".", "hub", repo, repo + "/refs", repo + "/refs/main", repo + "/snapshots", snapshot, repo + "/blobs"):
            path = os.path.normpath(os.path.join(self.home, level))
            mode = os.stat(path).st_mode
            os.chmod(path, mode & 0o700)
            for command in COMMANDS:
                with self.subTest(level, command=command):
                    done = subprocess.run([*prefix, reachable(HFAUDIT), *command], env=self.environment(), cwd="/",
                                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
                    said = done.stdout + done.stderr
                    self.assertEqual(done.returncode, 3, said)
                    self.assertRegex(said, r"owner root, mode 0[67]00")
                    self.assertIn(os.path.basename(path) if level != "." else path, said)
                    self.assertNotIn("not in ", said)
                    self.assertNotIn("not downloaded", said)
            os.chmod(path, mode & 0o7777)

    def test_names_without_their_attributes(self):
        """Folders of a --local-dir that may be listed and not entered."""
        prefix = as_user(self, 54_397)
        local = os.path.join(self.scratch, "model")
        for folder in ("._____temp", "sub"):
            with self.subTest(folder):
                shutil.rmtree(local, ignore_errors=True)
                self.pull(self.hub(SMALL), "acme/small", "--local-dir", local, agrees=False)
                self.write(os.path.join(local, folder, "model.safetensors"), b"half")
                os.chmod(os.path.join(local, folder), 0o744)
                done = subprocess.run([*prefix, reachable(HFAUDIT), "scan", "--local-dir", local], env=self.environment(), cwd="/",
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
                self.assertIn(f"{folder}/model.safetensors", done.stdout)

    def test_roots_output_is_opened_before_root_becomes_the_user(self):
        as_user(self, 54_397)
        hub = self.hub(SMALL)
        self.pull(hub, "acme/small")
        subprocess.run(["chown", "-R", "54397:54397", self.home], check=True)
        closed = os.path.join(self.scratch, "closed")
        os.mkdir(closed, 0o700)
        output = os.path.join(closed, "report.json")
        self.write(output, b"x" * 100_000)
        done = self.run_hfaudit("repair", "--format", "json", "--output", output, env={"HF_ENDPOINT": hub.url})
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(output, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["exit_code"], 0)


@unittest.skipUnless(os.path.exists(INJECTOR), "HFAUDIT_BUILD names no build with the fault injector")
class FailedSync(PullCase):
    def test_a_draft_that_could_not_be_synced_is_no_content(self):
        """The page cache shows what the disk may not have: the next run downloads it anew."""
        hub = self.hub(SMALL)
        for number in range(1, 4):
            with self.subTest(number):
                shutil.rmtree(self.home)
                os.makedirs(os.path.join(self.home, "hub"))
                log = os.path.join(self.scratch, "log")
                injector = [INJECTOR, "--root", self.home, "--log", log, "--call", "sync", "--error", "EIO", "--at", str(number), "--"]
                subprocess.run([*injector, *self.command("acme/small")], env=self.settings(hub), cwd=self.scratch,
                               stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
                with open(log, encoding="utf-8") as file:
                    failed = [path for _, path in json.load(file)["failed"] if path.endswith(".incomplete")]
                for path in failed:
                    path = os.path.join(self.home, path)
                    self.assertTrue(not os.path.exists(path) or os.path.getsize(path) == 0, path)
                self.pull(hub, "acme/small")
                self.assert_pulled(SMALL)


if __name__ == "__main__":
    unittest.main()
