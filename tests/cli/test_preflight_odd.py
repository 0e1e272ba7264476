"""hfaudit preflight where something is odd: refs, several repos, the Hub's refusals, foreign processes, bare systems."""

import fcntl
import os
import shutil
import signal
import subprocess
import time
import unittest

from cli_case import HFAUDIT
from pull_case import SANITIZED, SHARD, SIX, PullCase
from hub import barrier, html, make_model, status  # pull_case knows where that is
from system import run_or_skip

LONG = 100
QUICK = ("--repair", "--waits", "0.05", "--max-attempts", "1")  # a Hub that is away is not asked for hours


class Odd(PullCase):
    def gate(self, *args, hub="http://127.0.0.1:9", code=0, env=None, command=("echo", "started")):
        words = [HFAUDIT, "preflight", *args, *(["--", *command] if command else [])]
        done = subprocess.run(words, env=self.settings(hub, **(env or {})), cwd=self.scratch, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=LONG, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(done.stdout.endswith("started\n"), code == 0 and bool(command), done.stdout)
        return done

    def have(self):
        served = self.hub()
        self.pull(served, "acme/six")
        served.log.clear()
        return served

    def ref(self, name, text):
        path = os.path.join(self.folder(SIX), "refs", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    # --- which revision ---

    def test_a_ref_that_the_python_client_cannot_read(self):
        self.have()
        self.ref("main", SIX.head.oid + "\n")
        done = self.gate("acme/six", code=1)
        self.assertIn("run: hfaudit repair acme/six", done.stderr)
        self.gate(f"acme/six@{SIX.head.oid}")  # needs no ref
        self.gate("acme/six", "--repair", env={"HF_HUB_OFFLINE": "1"})

    def test_a_malformed_ref_of_another_name(self):
        self.have()
        self.ref("dev", SIX.head.oid + "\n")
        self.gate("acme/six")
        self.gate("acme/six@dev", code=1)

    def test_an_abbreviated_commit_is_none_that_clients_find(self):
        self.have()
        self.gate(f"acme/six@{SIX.head.oid[:12]}", code=2)

    def test_no_ref_main(self):
        self.have()
        os.unlink(os.path.join(self.folder(SIX), "refs", "main"))
        told = self.gate("acme/six", code=2).stderr
        self.assertIn(f"acme/six@{SIX.head.oid} is here, complete", told)
        self.assertNotIn("hfaudit pull", told)

    def test_blobs_of_which_all_names_are_gone(self):
        served = self.have()
        for name in ("refs", "snapshots", "trees"):
            shutil.rmtree(os.path.join(self.folder(SIX), name), ignore_errors=True)
        told = self.gate("acme/six", code=1).stderr
        self.assertIn("the links were lost; run: hfaudit repair acme/six", told)
        self.gate("acme/six", *QUICK, hub=served)

    def test_a_marker_that_hides_a_file(self):
        self.have()
        marker = os.path.join(self.folder(SIX), ".no_exist", SIX.head.oid, "config.json")
        os.makedirs(os.path.dirname(marker))
        with open(marker, "wb"):
            pass
        self.gate("acme/six", code=1)
        self.gate("acme/six", "--repair", env={"HF_HUB_OFFLINE": "1"})

    # --- the environment and the command line ---

    def test_a_variable_that_is_empty_is_not_set_and_an_option_that_is_empty_is_a_slip(self):
        self.have()
        self.gate(env={"HFAUDIT_REPO": "acme/six", "HFAUDIT_CACHE_DIR": "", "HFAUDIT_REVISION": "", "HFAUDIT_WAIT": ""})
        for name in ("--check", "--require", "--wait"):
            self.assertIn("empty", self.gate("acme/six", name, "", code=2).stderr)
        self.assertIn("unknown option", self.gate("acme/six", "--fail-on", "never", code=2).stderr)

    # --- several repos ---

    def test_several_repos_all_have_to_be_here(self):
        seven = make_model("acme/seven", shards=1, shard_size=10_000)
        served = self.hub(SIX, seven)
        self.pull(served, "acme/six", "acme/seven")
        paths = self.gate("acme/seven", "acme/six", "--print-path", command=()).stdout.splitlines()
        self.assertEqual([os.path.basename(path) for path in paths], [seven.head.oid, SIX.head.oid])
        os.unlink(self.blob(SIX, SHARD))
        done = self.gate("acme/seven", "acme/six", code=1)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.gate("acme/none", "acme/six", code=2)  # the first of 4, 3, 2, 1

    # --- the Hub says no, or nothing ---

    def test_a_gate_that_is_shut(self):
        served = self.hub(make_model("acme/six", shards=1, shard_size=1000, gated=True))
        self.assertIn("gate", self.gate("acme/six", "--online", hub=served, code=4).stderr.lower())
        self.assertIn("gate", self.gate("acme/six", "--repair", hub=served, code=4).stderr.lower())

    def test_repair_says_what_stood_in_the_way(self):
        self.assertIn("not found, or private", self.gate("acme/gone", "--repair", hub=self.hub(), code=4).stderr)
        self.assertIn("127.0.0.1:9", self.gate("acme/six", *QUICK, code=3).stderr)
        self.gate("acme/six", "--repair", env={"HF_HUB_OFFLINE": "1"}, code=2)

    def test_a_hub_in_trouble_is_not_waited_for_long(self):
        self.have()
        for fault in (status(429, on="api"), status(500, on="api"), html(on="api")):
            done = self.gate("acme/six", "--online", hub=self.hub(faults=[fault]), code=3)
            self.assertNotIn("no such", done.stderr)

    def test_a_branch_that_moved_on_is_told_to_who_asks(self):
        repo = make_model("acme/six", shards=1, shard_size=1000)
        served = self.hub(repo)
        self.pull(served, "acme/six")
        old = repo.head.oid
        repo.commit({"new.txt": "new\n"})
        self.assertNotEqual(repo.head.oid, old)
        self.assertEqual(self.gate("acme/six", "--online", hub=served).stderr, "")
        self.assertIn(repo.head.oid, self.gate("acme/six", "--online", "-v", hub=served).stderr)

    # --- others at work ---

    def test_who_waits_for_its_turn_is_told_so_and_ends_at_once(self):
        folder = os.path.join(self.home, "hub", ".locks", "models--acme--six")
        os.makedirs(folder)
        with open(os.path.join(folder, ".hfaudit-preflight.lock"), "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            waiting = subprocess.Popen([HFAUDIT, "preflight", "acme/six", "--repair", "--", "true"],
                                       env=self.settings(self.hub()), stderr=subprocess.PIPE, text=True)
            self.addCleanup(waiting.kill)
            self.assertIn("[acme/six]", waiting.stderr.readline())
            before = time.monotonic()
            waiting.send_signal(signal.SIGTERM)
            waiting.communicate(timeout=LONG)
            self.assertEqual(waiting.returncode, 143)
            self.assertLess(time.monotonic() - before, 20 if SANITIZED else 5)

    def test_a_waiter_neither_hashes_nor_asks(self):
        """However deep the check: the content is read once, when the download is over."""
        served = self.hub(faults=[barrier("half", path="*-00002-*")])
        puller = self.start(served, "acme/six", "--timeout", "600")
        served.wait_held("half")
        self.wait_on_disk(600_000, puller)
        before = len(served.requests(path="/api/*"))
        words = [HFAUDIT, "preflight", "acme/six", "--wait", "600", "--check", "full", "--online", "--", "true"]
        waiting = subprocess.Popen(words, env=self.settings(served), stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (waiting.kill(), waiting.wait(), waiting.stderr.close()))
        self.assertIn("[acme/six]", waiting.stderr.readline())
        time.sleep(2)  # a few looks
        self.assertIsNone(waiting.poll())
        served.release("half")
        err = waiting.communicate(timeout=LONG)[1]
        self.assertEqual(waiting.returncode, 0, err)
        self.assertLess(len(served.requests(path="/api/*")) - before, 12)
        self.finish(served, puller)

    # --- bare systems ---

    def test_no_home_and_nothing_open(self):
        self.have()
        environment = self.settings("http://127.0.0.1:9", HOME=None)
        done = subprocess.run(["sh", "-c", f'exec "{HFAUDIT}" preflight acme/six -- true <&- >&- 2>&-'], env=environment,
                              check=False)
        self.assertEqual(done.returncode, 0)

    def test_a_file_system_that_cannot_be_written(self):
        self.have()
        run_or_skip(self, "unshare", "-m", "mount", "--bind", self.home, self.home)
        mount = f'mount --bind "{self.home}" "{self.home}" && mount -o remount,ro,bind "{self.home}" && exec "$@"'
        for more, code in (((), 0), (("--repair",), 0), ((*QUICK, "--require", "*.gguf"), 3)):
            words = ["unshare", "-m", "sh", "-c", mount, "sh", HFAUDIT, "preflight", "acme/six", *more, "--", "true"]
            done = subprocess.run(words, env=self.settings("http://127.0.0.1:9"), capture_output=True, text=True, timeout=LONG,
                                  check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1 if code else 0, done.stderr)


class Environment(PullCase):
    def test_offline_env(self):
        self.add_repo(files={"config.json": b'{"model_type":"bert"}', "pytorch_model.bin": b"a\nb\n"})
        for args, expected in (((), "--"), (("--offline-env",), "111")):
            done = self.run_hfaudit("preflight", "acme/fine", *args, "--", "sh", "-c",
                                    'printf "%s" "${HF_HUB_OFFLINE:--}$TRANSFORMERS_OFFLINE${HF_DATASETS_OFFLINE:--}"')
            self.assertEqual((done.returncode, done.stdout.decode()), (0, expected), done.stderr)


if __name__ == "__main__":
    unittest.main()
