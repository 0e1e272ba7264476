"""hfaudit preflight: what starts, what is kept from starting, and how that is said."""

import glob
import json
import os
import re
import signal
import subprocess
import sys
import time
import unittest

from cli_case import HFAUDIT, each
from fixture_case import FixtureCase, case_names, case_text
from pull_case import SANITIZED, SHARD, SIX, PullCase, make_model
from hub import barrier, status
from system import as_user, reachable

# Damage that says nothing about a model that was asked for: other places, other revisions, what was not wanted.
NOT_ITS_CONCERN = {
    "orphan-partial", "orphan-blob", "stale-lock", "idle-lock", "temp-debris", "exposed-token", "low-disk-space",
    "detached-revision", "unrecognized-entry", "tree-malformed", "unverifiable", "foreign-owner", "no-access"}


def fixtures(*wanted):
    return [name for name in case_names() if name.split("/")[0] in wanted]


def expectation(name):
    lines = case_text(name)[1].splitlines()
    return [line.split() for line in lines if line.strip() and not line.startswith("#")]


class Table(FixtureCase):
    """Each fixture, as somebody whose container wants the repos that are in it."""

    def gate(self, *args, code, env=None):
        done = self.run_hfaudit("preflight", *args, "--", "sh", "-c", "echo started", env=env)
        err = done.stderr.decode()
        self.assertEqual(done.returncode, code, err)
        self.assertEqual(done.stdout, b"started\n" if code == 0 else b"")
        if code != 0:
            self.assertRegex(err, r"\Ahfaudit: [^\n]+\n\Z")
        return err

    def repos(self, words):
        return [(f"{row[1]}s/{row[2]}" if row[1] != "model" else row[2], row[3]) for row in words if row[0] == "repo" and len(row) > 3]

    def check_all(self, names):
        seen = 0
        for name in names:
            words = expectation(name)
            plain = not any(row[0] in ("arg", "env", "command", "needs") for row in words)
            if not plain:
                continue
            with self.subTest(name):
                dest = os.path.join(self.scratch, "fixtures", name)
                self.make(name, dest)
                for repo, verdict in self.repos(words):
                    if not os.path.exists(self.main(dest, repo)):
                        continue
                    seen += 1
                    found = {row[1] for row in words if row[0] == "finding"}
                    bad = verdict in ("incomplete", "corrupt") or found & {"missing-weights", "stale-no-exist"} \
                        or not re.fullmatch(r"[0-9a-f]{40}", self.text(self.main(dest, repo)))
                    expected = 1 if bad else 0
                    if verdict in ("subset", "in-progress") or verdict == "unknown" and not bad:
                        continue  # in tests of their own
                    self.gate(repo, code=expected, env={"HF_HOME": dest})
        return seen

    @staticmethod
    def text(path):
        with open(path, encoding="utf-8", errors="replace", newline="") as file:
            return file.read()

    @staticmethod
    def main(dest, repo):
        kind, _, rest = repo.partition("/") if repo.split("/")[0] in ("datasets", "spaces", "kernels") else ("models", "", repo)
        return os.path.join(dest, "hub", f"{kind}--{rest.replace('/', '--')}", "refs", "main")

    def test_every_damage_keeps_it_from_starting(self):
        damage = ("incomplete-download", "dangling-entry", "entry-to-partial", "escaping-entry", "missing-file",
                  "missing-shard", "size-mismatch", "truncated-file", "lfs-pointer", "not-the-content", "nothing-here",
                  "ref-malformed", "shared-blob-broken", "stale-no-exist", "missing-weights")
        self.assertGreater(self.check_all(each(fixtures(*damage))), 15 if SANITIZED else 60)

    def test_healthy_caches_and_damage_elsewhere_start(self):
        self.assertGreater(self.check_all(each(fixtures("healthy", *NOT_ITS_CONCERN))), 10 if SANITIZED else 40)

    def test_content_is_proven_where_asked(self):
        self.make("digest-mismatch/plain")
        repo = self.repos(expectation("digest-mismatch/plain"))[0][0]
        self.gate(repo, code=0)
        self.assertIn("checksum mismatch", self.gate(repo, "--check", "full", code=1))
        self.gate(repo, "--check", "sample", code=1)

    def test_headers_are_not_looked_at_where_not_asked(self):
        self.make("truncated-file/plain")
        repo = self.repos(expectation("truncated-file/plain"))[0][0]
        self.gate(repo, code=1)
        self.gate(repo, "--check", "metadata", code=0)


class Gate(PullCase):
    def setUp(self):
        super().setUp()
        self.served = self.hub()

    def gate(self, *args, code=0, env=None, hub=None, command=("echo", "started"), timeout=60):
        words = [HFAUDIT, "preflight", *args, *(["--", *command] if command else [])]
        done = subprocess.run(words, env=self.settings(hub or self.served, **(env or {})), cwd=self.scratch,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        if code in (1, 2, 3, 4):
            self.assertEqual(done.stdout, "")
        return done

    def have(self):
        self.pull(self.served, "acme/six")
        self.served.log.clear()

    def test_becomes_the_command(self):
        """Same process, its own code, no descriptor of ours, signals as they were."""
        self.have()
        script = ("import os,signal,sys;print(os.getpid(),sorted(int(n) for n in os.listdir('/proc/self/fd')),"
                  "signal.getsignal(signal.SIGPIPE)==signal.SIG_DFL or open('/proc/self/status').read());sys.exit(7)")
        words = [HFAUDIT, "preflight", "acme/six", "--", sys.executable, "-S", "-c", script, "--", "--help"]
        started = subprocess.Popen(words, env=self.settings(self.served), stdout=subprocess.PIPE, text=True)
        out = started.communicate(timeout=30)[0]
        pid, _, rest = out.partition(" ")
        self.assertEqual((started.returncode, int(pid)), (7, started.pid))
        self.assertLessEqual(set(json.loads(rest[:rest.index("]") + 1])), {0, 1, 2, 3})  # 3: the listing itself
        look = ["grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status"]
        masks = [subprocess.run([*before, *look], env=self.settings(self.served), stdout=subprocess.PIPE, text=True,
                                check=True, restore_signals=True).stdout
                 for before in ([], [HFAUDIT, "preflight", "acme/six", "--"])]
        self.assertEqual(*masks)

    def test_sigterm_reaches_the_command(self):
        self.have()
        words = [HFAUDIT, "preflight", "acme/six", "--", "sh", "-c", "trap 'exit 42' TERM; echo ready; while :; do sleep 0.05; done"]
        started = subprocess.Popen(words, env=self.settings(self.served), stdout=subprocess.PIPE, text=True)
        self.assertEqual(started.stdout.readline(), "ready\n")
        started.send_signal(signal.SIGTERM)
        self.assertEqual(started.wait(30), 42)
        started.stdout.close()

    def test_a_command_that_cannot_be_started(self):
        self.have()
        self.assertIn("cannot start", self.gate("acme/six", command=("/no/such",), code=127).stderr)
        plain = os.path.join(self.scratch, "plain")
        with open(plain, "w", encoding="ascii") as file:
            file.write("no program")
        self.gate("acme/six", command=(plain,), code=126)

    def test_without_a_command_it_is_a_probe(self):
        self.have()
        done = self.gate("acme/six", command=())
        self.assertEqual((done.stdout, done.stderr), ("", ""))
        os.unlink(self.blob(SIX, SHARD))
        self.assertIn("run: hfaudit repair acme/six", self.gate("acme/six", command=(), code=1).stderr)
        self.assertEqual(self.served.log, [])

    def test_verbose_names_what_starts(self):
        self.have()
        snapshot = os.path.join(self.folder(SIX), "snapshots", SIX.head.oid)
        done = self.gate("acme/six", "-v")
        self.assertEqual((done.stdout, done.stderr),
                         ("started\n", f"hfaudit: acme/six: complete, {snapshot}\nhfaudit: starting echo\n"))
        self.assertEqual(self.gate("acme/six", "-v", command=()).stderr, f"hfaudit: acme/six: complete, {snapshot}\n")

    def test_prints_the_path(self):
        self.have()
        snapshot = os.path.join(self.folder(SIX), "snapshots", SIX.head.oid)
        self.assertEqual(self.gate("acme/six", "--print-path", command=()).stdout, snapshot + "\n")
        os.unlink(self.blob(SIX, SHARD))
        self.assertEqual(self.gate("acme/six", "--print-path", "--repair", command=()).stdout, snapshot + "\n")

    def test_what_is_not_here(self):
        self.assertIn("run: hfaudit pull acme/six", self.gate("acme/six", code=2).stderr)
        self.have()
        self.gate("acme/six@v9", code=2)
        self.gate(f"acme/six@{SIX.head.oid}")
        self.gate("acme/six", "acme/none", code=2)

    def test_subset_strict_require(self):
        self.pull(self.served, "acme/six", "--include", "config.json", "--include", "tokenizer.json")
        self.assertIn("weights", self.gate("acme/six", code=1).stderr)
        self.pull(self.served, "acme/six", "--include", "*.safetensors", "--include", "config.json", "--include", "*.index.json")
        self.gate("acme/six")
        self.assertIn("subset", self.gate("acme/six", "--strict", code=1).stderr)
        self.gate("acme/six", "--require", "model-*-of-00003.safetensors")
        self.assertIn("*.gguf", self.gate("acme/six", "--require", "*.json", "--require", "*.gguf", code=1).stderr)
        self.have()
        self.gate("acme/six", "--strict")
        os.unlink(os.path.join(self.folder(SIX), "trees", SIX.head.oid + ".json"))
        self.assertIn("--online", self.gate("acme/six", "--strict", code=3).stderr)
        self.gate("acme/six", "--strict", "--online")

    def test_the_environment_mirrors_the_options(self):
        self.have()
        self.gate(env={"HFAUDIT_REPO": "acme/six"})
        self.gate(env={"HFAUDIT_REPO": "acme/six acme/none"}, code=2)
        self.gate("acme/six", env={"HFAUDIT_REPO": "acme/none"})
        self.gate(env={"HFAUDIT_REPO": "acme/six", "HFAUDIT_REQUIRE": "*.gguf"}, code=1)
        out = self.gate(env={"HFAUDIT_REPO": "acme/six", "HFAUDIT_PRINT_PATH": "yes", "HFAUDIT_CHECK": "full"}, command=()).stdout
        self.assertIn("/snapshots/", out)
        for name, value in (("HFAUDIT_CHECK", "deep"), ("HFAUDIT_WAIT", "soon"), ("HFAUDIT_STRICT", "maybe")):
            self.assertIn(name, self.gate("acme/six", env={name: value}, code=2).stderr)
        os.rename(self.home, self.home + ".moved")
        self.gate("acme/six", env={"HFAUDIT_CACHE_DIR": self.home + ".moved/hub"})

    def test_a_report_for_programs(self):
        self.have()
        done = self.gate("acme/six", "--format", "json", command=())
        self.assertEqual((json.loads(done.stdout)["command"], json.loads(done.stdout)["exit_code"]), ("preflight", 0))

    def test_files_that_this_process_may_not_read(self):
        user = as_user(self, 54321)
        self.have()
        run = [*user, reachable(HFAUDIT), "preflight", "acme/six", "--", "true"]
        environment = self.settings(self.served, HOME=None)
        self.assertEqual(subprocess.run(run, env=environment, check=False).returncode, 0)  # root's, and for all to read
        os.chmod(self.blob(SIX, "config.json"), 0o600)
        done = subprocess.run(run, env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("may not read config.json", done.stderr)

    def test_it_opens_nothing_of_other_repos(self):
        if SANITIZED or not os.path.exists("/usr/bin/strace"):
            self.skipTest("needs strace, and a program without sanitizers")
        self.have()
        other = os.path.join(self.home, "hub", "models--acme--other", "refs")
        os.makedirs(other)
        traced = subprocess.run(["strace", "-f", "-e", "trace=openat,open,getdents64", HFAUDIT, "preflight", "acme/six"],
                                env=self.settings(self.served), capture_output=True, text=True, check=False)
        self.assertEqual(traced.returncode, 0, traced.stderr[-500:])
        self.assertNotIn("acme--other", traced.stderr)

    # --- with the Hub ---

    def test_online(self):
        self.have()
        self.gate("acme/six", "--online")
        self.assertIn("not found, or private", self.gate("acme/gone", "--online", code=4).stderr)
        for hub in ("http://127.0.0.1:9", self.hub(faults=[status(503, on="api")])):
            self.gate("acme/six", "--online", hub=hub, code=3)

    def test_repair_of_what_is_missing_and_wrong(self):
        self.gate("acme/six", "--repair")
        self.assert_pulled(SIX)
        os.unlink(self.blob(SIX, SHARD))
        os.truncate(self.blob(SIX, "config.json"), 0)
        self.served.log.clear()
        self.gate("acme/six", "--repair")
        self.assert_pulled(SIX)
        os.unlink(self.blob(SIX, SHARD))
        self.served.log.clear()
        self.gate("acme/six", "--repair", env={"HF_HUB_OFFLINE": "1"}, code=1)
        self.assertEqual(self.served.log, [])
        self.gate("acme/six", "--repair", "--waits", "0.05", "--max-attempts", "1", hub="http://127.0.0.1:9", code=3)

    def test_eight_replicas(self):
        """One of them downloads; all of them start."""
        served = self.hub(make_model("acme/six", shards=3, shard_size=3_000_000))
        words = [HFAUDIT, "preflight", "--repair", "acme/six", "--", "echo", "started"]
        running = [subprocess.Popen(words, env=self.settings(served), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                   for _ in range(8)]
        downloads = 0
        for process in running:
            out, err = process.communicate(timeout=100)
            self.assertEqual((process.returncode, out), (0, "started\n"), err)
            downloads += "100.0%  9." in err
        self.assertEqual(downloads, 1)
        # a busy machine may stall for longer than a hedge waits
        sent = sum(entry.sent for entry in served.log if entry.kind in ("cdn", "resolve"))
        on_disk = sum(os.path.getsize(path) for path in glob.glob(os.path.join(self.home, "hub", "*", "blobs", "*")))
        self.assertLess(sent, on_disk * 2)
        scan = self.report()
        self.assertEqual([f for f in scan["findings"] if f["id"] == "unrecognized-entry"], [])

    def held_pull(self):
        """A download of somebody else that stands still half way."""
        self.served = self.hub(faults=[barrier("half", path="*-00002-*")])
        puller = self.start(self.served, "acme/six", "--timeout", "600")
        self.served.wait_held("half")
        self.wait_on_disk(600_000, puller)  # the other two shards
        return puller

    def waiting(self, *args):
        words = [HFAUDIT, "preflight", "acme/six", *args, "--", "true"]
        process = subprocess.Popen(words, env=self.settings(self.served), stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (process.kill(), process.wait(), process.stderr.close()))
        return process

    def test_waits_for_a_download_of_somebody_else(self):
        puller = self.held_pull()
        self.assertIn("being downloaded", self.gate("acme/six", code=1).stderr)
        waiting = self.waiting("--wait", "600")
        self.assertRegex(waiting.stderr.readline(), r"^\S+Z  \[acme/six\] waiting for another download: .*B here$")
        self.served.release("half")
        err = waiting.communicate(timeout=100)[1]
        self.assertEqual(waiting.returncode, 0, err)
        self.finish(self.served, puller)

    def test_a_download_that_dies_is_not_waited_for(self):
        puller = self.held_pull()
        waiting = self.waiting("--wait", "10m")
        self.assertRegex(waiting.stderr.readline(), r"^\S+Z  \[acme/six\] waiting for another download: .*B here$")
        puller.kill()
        puller.wait()
        err = waiting.communicate(timeout=60)[1]
        self.assertEqual(waiting.returncode, 1, err)
        self.assertIn("run: hfaudit repair acme/six", err)

    def test_sigterm_while_it_waits(self):
        puller = self.held_pull()
        for more in (["--wait", "10m"], ["--repair"]):
            with self.subTest(more):
                waiting = self.waiting(*more)
                if "--wait" in more:
                    waiting.stderr.readline()
                self.signal_once_handled(waiting, signal.SIGTERM)
                before = time.monotonic()
                waiting.communicate(timeout=60)
                self.assertEqual(waiting.returncode, 143)
                self.assertLess(time.monotonic() - before, 5)  # 0.1 on an idle machine
        puller.kill()
        puller.wait()


if __name__ == "__main__":
    unittest.main()
