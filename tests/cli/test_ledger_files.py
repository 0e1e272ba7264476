"""The files of the ledger: form, owner, damage; and verifying in turns."""

import json
import os
import shutil
import subprocess
import time
import unittest

from cli_case import HFAUDIT, each
from ledger_case import SIZES, TICK, LedgerCase
from verify_case import flip


class Files(LedgerCase):
    def ledger_file(self):
        return os.path.join(self.ledger, "models--acme--big")

    def test_whatever_damages_it_costs_proofs_and_never_a_verdict(self):
        repo = self.proven_repo()
        with open(self.ledger_file(), "rb") as file:
            whole = file.read()
        flip(self.blob(repo, "a.dat"), 3)
        for size in [*each(range(0, len(whole), 13)), len(whole)]:
            for filler in (b"", b"\0" * 50, b"\xff" * 200):
                with open(self.ledger_file(), "wb") as file:
                    file.write(whole[:size] + filler)
                report = self.verify("--max-age", "1d", "--ledger", self.ledger, code=1)
                self.assertEqual(self.found(report), [("digest-mismatch", "a.dat")])
                # and what was read is remembered
                again = self.verify("--max-age", "1d", "--ledger", self.ledger, code=1)
                self.assertEqual(again["verified"]["proven"]["files"], 2, (size, filler))

    def test_one_that_others_could_have_written_is_ignored(self):
        self.proven_repo()
        for mode in (0o620, 0o602, 0o666):
            os.chmod(self.ledger_file(), mode)
            self.assertEqual(self.read(), (3, 0))
        os.chmod(self.ledger_file(), 0o600)
        self.assertEqual(self.read(), (0, 3))
        os.link(self.ledger_file(), os.path.join(self.scratch, "second"))
        self.assertEqual(self.read(), (3, 0))
        os.unlink(os.path.join(self.scratch, "second"))
        other = os.path.join(self.scratch, "other")
        os.rename(self.ledger_file(), other)
        os.symlink(other, self.ledger_file())
        self.assertEqual(self.read(), (3, 0))
        with open(other, "rb") as file:
            self.assertEqual(file.read(14), b"hfaudit ledger")

    @unittest.skipIf(os.geteuid() != 0, "needs root, to make files of another user")
    def test_one_of_a_stranger_is_ignored(self):
        self.proven_repo()
        os.chown(self.ledger_file(), 54321, 54321)
        self.assertEqual(self.read(), (3, 0))

    @unittest.skipIf(os.geteuid() != 0, "needs root, to act for another user")
    def test_in_a_cache_only_ones_own_and_its_owners_and_roots_count(self):
        repo = self.add_files(SIZES)
        owner, member = 54321, 54322
        for folder, names, files in os.walk(self.home):
            for name in [*names, *files, "."]:
                os.lchown(os.path.join(folder, name), owner, owner)
        os.chmod(repo, 0o777)
        time.sleep(TICK)

        def as_user(uid, *args):
            done = subprocess.run([HFAUDIT, "verify", "--format", "json", "--ledger", "cache", *args],
                                  env=self.environment(), user=uid, group=uid, extra_groups=[],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            return json.loads(done.stdout)["verified"]

        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)
        if not os.access(HFAUDIT, os.X_OK) or subprocess.run(
                [HFAUDIT, "--version"], user=member, group=member, check=False, capture_output=True).returncode != 0:
            self.skipTest("other users cannot run the program where it lies")
        as_user(owner)
        mine = os.path.join(repo, f".hfaudit-ledger-{owner}")
        self.assertEqual(os.stat(mine).st_uid, owner)
        self.assertEqual(as_user(owner, "--max-age", "1d")["proven"]["files"], 3)
        self.assertEqual(as_user(member, "--max-age", "1d")["proven"]["files"], 3)
        self.assertEqual(self.read("--ledger", "cache"), (0, 3))  # root
        # a member's word is for that member alone
        os.rename(mine, os.path.join(repo, f".hfaudit-ledger-{member}"))
        self.assertEqual(as_user(owner, "--max-age", "1d")["proven"]["files"], 0)
        os.chown(os.path.join(repo, f".hfaudit-ledger-{member}"), member, member)
        os.rename(os.path.join(repo, f".hfaudit-ledger-{member}"), mine)
        self.assertEqual(as_user(member, "--max-age", "1d")["proven"]["files"], 0)

    def test_many_writers_at_once_lose_nothing(self):
        self.add_files({f"{i}.dat": 1000 + i for i in range(60)})
        time.sleep(TICK)
        where = ("--ledger", self.ledger)
        running = [subprocess.Popen([HFAUDIT, "verify", "-q", *where, "--subset", f"{part}/6"],
                                    env=self.environment(), cwd=self.scratch) for part in range(1, 7)]
        for process in running:
            self.assertEqual(process.wait(60), 0)
        self.assertEqual(self.read(), (0, 60))

    def test_it_does_not_grow_for_ever(self):
        self.add_files({f"{i}.dat": 1000 + i for i in range(600)})
        time.sleep(TICK)
        sizes = []
        for _ in range(5):
            self.verify("--ledger", self.ledger)
            sizes.append(os.path.getsize(self.ledger_file()))
        self.assertLess(max(sizes), 3 * sizes[0])
        self.assertEqual(self.read(), (0, 600))

    def test_killed_at_any_moment_it_keeps_what_is_written(self):
        repo = self.add_files({f"{i}.dat": 300_000 + i for i in range(200)})
        flip(self.blob(repo, "7.dat"), 9)
        time.sleep(TICK)
        for delay in (0.01, 0.03, 0.1, 0.3, 1.0):
            process = subprocess.Popen([HFAUDIT, "verify", "-q", "--ledger", self.ledger, "--max-rate", "50M"],
                                       env=self.environment(), stdout=subprocess.DEVNULL)
            time.sleep(delay)
            process.kill()
            process.wait()
            report = self.verify("--max-age", "1d", "--ledger", self.ledger, "--subset", "1/3", code=None)
            found = self.found(report)
            self.assertIn(found, ([], [("digest-mismatch", "7.dat")]))
        self.assertEqual(self.found(self.verify("--max-age", "1d", "--ledger", self.ledger, code=1)),
                         [("digest-mismatch", "7.dat")])

    def verify(self, *args, code=0, **options):
        done = self.run_hfaudit("verify", "--format", "json", *args, **options)
        if code is not None:
            self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return json.loads(done.stdout)


class Scrub(LedgerCase):
    def scrub(self, *args, code=0):
        done = self.run_hfaudit("scrub", "--format", "json", "--ledger", self.ledger, *args)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return json.loads(done.stdout)

    def test_it_goes_on_where_it_stopped(self):
        self.add_files({f"{i}.dat": 400_000 for i in range(20)})
        time.sleep(TICK)
        rounds = 0
        proven = set()
        while rounds < 100:
            rounds += 1
            verified = self.scrub("--max-duration", "700ms", "--max-rate", "4M")["verified"]
            proven.add(verified["proven"]["files"])
            if verified["left"]["files"] == 0:
                break
            self.assertIsNone(verified["oldest_proof_s"])
        self.assertEqual(verified["left"]["files"], 0)
        self.assertGreater(rounds, 1)
        self.assertGreater(len(proven), 1)
        self.assertIsNotNone(self.scrub()["verified"]["oldest_proof_s"])
        self.assertEqual(self.scrub()["verified"]["files"], 0)

    def test_damage_is_an_error_and_running_out_of_time_is_none(self):
        repo = self.add_files(SIZES)
        time.sleep(TICK)
        self.assertEqual(self.scrub("--max-duration", "1ms", "--max-rate", "1k")["command"], "scrub")
        flip(self.blob(repo, "a.dat"), 3)
        self.assertEqual(self.found(self.scrub(code=1)), [("digest-mismatch", "a.dat")])

    def test_the_oldest_proof_comes_first(self):
        self.add_files({"old.dat": 100_000})
        time.sleep(TICK)
        self.scrub()
        time.sleep(1.2)
        between = time.monotonic()
        time.sleep(2.5)  # so that a slow start of the last scrub changes nothing
        self.add_files({"new.dat": 100_001}, "models--acme--new")
        time.sleep(TICK)
        self.scrub()
        age = time.monotonic() - between
        verified = self.scrub("--max-age", f"{age * 1000:.0f}ms")["verified"]
        self.assertEqual((verified["files"], verified["proven"]["files"]), (1, 1))
        self.assertLess(verified["oldest_proof_s"], age + 1)


if __name__ == "__main__":
    unittest.main()
