"""Proofs that last: what counts as proven, what ends a proof, and a ledger that is damaged, forged or shared."""

import glob
import json
import mmap
import os
import shutil
import subprocess
import time
import unittest

from cli_case import COMMIT
from ledger_case import SIZES, TICK, LedgerCase
from verify_case import flip


def write(blob):
    flip(blob, 1000)


def truncate(blob):
    os.truncate(blob, os.path.getsize(blob) - 1)


def append(blob):
    with open(blob, "ab") as file:
        file.write(b"x")


def rename_over(blob):
    other = damaged_copy(blob)
    os.utime(other, ns=(os.stat(blob).st_mtime_ns, os.stat(blob).st_mtime_ns))
    os.rename(other, blob)


def damaged_copy(blob):
    other = blob + ".other"
    shutil.copyfile(blob, other)
    flip(other, 1000)
    return other


def copy_over_with_times(blob):  # cp -p: into the same inode
    before = os.stat(blob)
    other = damaged_copy(blob)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    subprocess.run(["cp", "-p", other, blob], check=True)
    os.unlink(other)
    assert (os.stat(blob).st_ino, os.stat(blob).st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def write_and_touch(blob):
    before = os.stat(blob)
    flip(blob, 1000)
    os.utime(blob, ns=(before.st_atime_ns, before.st_mtime_ns))


def restored_backup(blob):
    repo = os.path.dirname(os.path.dirname(blob))
    flip(blob, 1000)
    os.utime(blob, ns=(0, 1_600_000_000_000_000_000))
    backup = repo + ".backup"
    subprocess.run(["cp", "-a", repo, backup], check=True)
    shutil.rmtree(repo)
    subprocess.run(["cp", "-a", backup, repo], check=True)
    shutil.rmtree(backup)


def hole(blob):
    before = os.stat(blob)
    with open(blob, "r+b") as file:
        file.truncate(1000)
        file.truncate(before.st_size)
    os.utime(blob, ns=(before.st_atime_ns, before.st_mtime_ns))


def mapped_write(blob):
    with open(blob, "r+b") as file, mmap.mmap(file.fileno(), 0) as pages:
        pages[1000] ^= 1
    # nothing has been flushed


def other_name(blob):  # a hard link of other content takes the name
    other = damaged_copy(blob)
    os.unlink(blob)
    os.link(other, blob)
    os.unlink(other)


CHANGES = (write, truncate, append, rename_over, copy_over_with_times, write_and_touch, restored_backup, hole, mapped_write,
           other_name)


class Changes(LedgerCase):
    def test_what_is_proven_is_not_read_again(self):
        self.proven_repo()
        self.assertEqual(self.read(), (0, 3))
        everything = self.verify("--ledger", self.ledger)["verified"]
        self.assertEqual((everything["files"], everything["proven"]["files"]), (3, 0))

    def test_no_change_passes_as_proven(self):
        for change in CHANGES:
            with self.subTest(change=change.__name__):
                shutil.rmtree(os.path.join(self.home, "hub"))
                shutil.rmtree(self.ledger, ignore_errors=True)
                repo = self.proven_repo()
                self.assertEqual(self.read(), (0, 3))
                change(self.blob(repo, "a.dat"))
                report = self.verify("--max-age", "1d", "--ledger", self.ledger, code=1)
                self.assertEqual({name for _, name in self.found(report)}, {"a.dat"}, report["findings"])
                again = self.verify("--max-age", "1d", "--ledger", self.ledger, code=1)  # nor later
                self.assertEqual({name for _, name in self.found(again)}, {"a.dat"})

    def test_a_file_that_changed_just_now_gets_no_proof(self):
        # Two changes within a tick of the clock leave the same times: git calls that racily clean.
        self.add_files({"a.dat": 100})
        (blob,) = glob.glob(os.path.join(self.home, "hub", "*", "blobs", "*"))
        for _ in range(20):
            shutil.rmtree(self.ledger, ignore_errors=True)
            os.utime(blob)
            changed = time.monotonic()
            self.verify("--ledger", self.ledger)
            if time.monotonic() - changed < 0.1:
                self.assertEqual(glob.glob(os.path.join(self.ledger, "*")), [])
                return
        self.skipTest("this machine takes too long for a verify")

    def test_a_file_that_somebody_has_open_for_writing_gets_no_proof(self):
        # A page that is mapped and already dirty changes without any new time.
        repo = self.add_files(SIZES)
        blob = self.blob(repo, "a.dat")
        with open(blob, "r+b") as file:
            pages = mmap.mmap(file.fileno(), 0)
        with pages:
            pages[0] = pages[0]  # dirty from now on
            time.sleep(TICK)
            self.verify("--ledger", self.ledger)
            before = os.stat(blob)
            pages[1000] ^= 1
            self.assertEqual(os.stat(blob).st_mtime_ns, before.st_mtime_ns)  # as bad as they say
            report = self.verify("--max-age", "1d", "--ledger", self.ledger, code=1)
            self.assertEqual(self.found(report), [("digest-mismatch", "a.dat")])
            self.assertEqual(report["verified"]["proven"]["files"], 2)

    def test_a_damaged_file_never_gets_a_proof(self):
        repo = self.add_files(SIZES)
        flip(self.blob(repo, "a.dat"), 7)
        time.sleep(TICK)
        for _ in range(3):
            report = self.verify("--max-age", "1d", "--ledger", self.ledger, code=1)
            self.assertEqual(self.found(report), [("digest-mismatch", "a.dat")])

    def test_an_older_proof_is_too_old(self):
        self.proven_repo()
        time.sleep(2.1)
        self.assertEqual(self.verify("--max-age", "1s", "--ledger", self.ledger)["verified"]["files"], 3)
        self.assertEqual(self.read(), (0, 3))

    def test_another_claim_is_another_question(self):
        repo = self.proven_repo()
        os.rename(self.blob(repo, "a.dat"), os.path.join(repo, "blobs", "1" * 64))
        entry = os.path.join(repo, "snapshots", COMMIT, "a.dat")
        os.unlink(entry)
        os.symlink("../../blobs/" + "1" * 64, entry)
        report = self.verify("--max-age", "1d", "--ledger", self.ledger, code=1)
        self.assertEqual(self.found(report), [("digest-mismatch", "a.dat")])

    def verify(self, *args, code=0, **options):
        done = self.run_hfaudit("verify", "--format", "json", *args, **options)
        if code is not None:
            self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return json.loads(done.stdout)


class Places(LedgerCase):
    def test_by_default_it_lies_in_the_users_state_folder(self):
        self.proven_repo("--jobs", "1")
        self.assertTrue(os.path.exists(os.path.join(self.scratch, ".local/state/hfaudit/ledger/models--acme--big")))
        self.assertEqual(self.read("--jobs", "1"), (0, 3))
        state = os.path.join(self.scratch, "state")
        self.run_hfaudit("verify", env={"XDG_STATE_HOME": state})
        self.assertTrue(os.path.exists(os.path.join(state, "hfaudit/ledger/models--acme--big")))

    def test_without_a_place_there_is_none_and_no_word(self):
        self.add_files(SIZES)
        file = os.path.join(self.scratch, "file")
        self.write(file, b"")
        for env in ({"HOME": "/nonexistent/home"}, {"HOME": file}, {"XDG_STATE_HOME": file},
                    {"XDG_STATE_HOME": "relative", "HOME": "/proc/self"}):
            with self.subTest(env=env):
                done = self.run_hfaudit("verify", env=env)
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                done = self.run_hfaudit("verify", "--max-age", "1d", env=env)
                self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertFalse(os.path.exists("/nonexistent"))
        self.run_hfaudit("verify", env={"HOME": self.home})  # nothing is written into the cache
        self.assertEqual(os.listdir(self.home), ["hub"])

    def test_in_the_cache_a_file_for_each_user(self):
        repo = self.proven_repo("--ledger", "cache")
        ledger = os.path.join(repo, f".hfaudit-ledger-{os.geteuid()}")
        self.assertEqual(os.stat(ledger).st_mode & 0o777, 0o644)
        self.assertEqual(self.read("--ledger", "cache"), (0, 3))
        report = self.report()
        self.assertEqual(report["findings"], [])  # a part of no model, and no stranger

    def test_of_a_local_dir_too(self):
        folder = os.path.join(self.scratch, "local")
        self.write(os.path.join(folder, "a.dat"), b"abc")
        notes = os.path.join(folder, ".cache", "huggingface", "download")
        digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        self.write(os.path.join(notes, "a.dat.metadata"), f"{COMMIT}\n{digest}\n{time.time()}\n".encode())
        time.sleep(TICK)
        for place in (self.ledger, "cache"):
            with self.subTest(place=place):
                where = ("--local-dir", folder, "--ledger", place)
                self.verify(*where)
                self.assertEqual(self.read(*where), (0, 1))
        self.assertEqual([f["id"] for f in self.report("--local-dir", folder)["findings"]], [])

    def test_a_preflight_writes_nothing(self):
        """Also where a ledger is there, to which a verify would add."""
        self.add_files(SIZES)
        time.sleep(TICK)
        self.verify("--ledger", self.ledger)
        self.add_files({"model.bin": 100})
        time.sleep(TICK)

        def all_files():
            found = {}
            for folder, folders, names in os.walk(self.scratch):
                found[folder] = sorted(folders)
                for path in (os.path.join(folder, name) for name in names):
                    with open(path, "rb") as stream:
                        found[path] = (stream.read(), os.lstat(path).st_mtime_ns)
            return found

        before = all_files()
        for args in ((), ("--ledger", self.ledger), ("--ledger", self.ledger, "--max-age", "1d"), ("--ledger", "cache"),
                     ("--max-age", "1d")):
            self.assertEqual(self.run_hfaudit("preflight", "acme/big", "--check", "full", *args).returncode, 0)
            self.assertEqual(all_files(), before)
        self.verify("--ledger", self.ledger)
        self.assertNotEqual(all_files(), before)

    def test_a_preflight_believes_it_and_a_repair(self):
        repo = self.proven_repo()
        os.rename(os.path.join(repo, "snapshots", COMMIT, "a.dat"), os.path.join(repo, "snapshots", COMMIT, "model.bin"))
        where = ("--ledger", self.ledger, "--format", "json")
        gate = self.run_hfaudit("preflight", "acme/big", "--check", "full", "--max-age", "7d", *where)
        self.assertEqual(gate.returncode, 0, gate.stderr)
        self.assertEqual(json.loads(gate.stdout)["verified"]["proven"]["files"], 3)
        mended = self.run_hfaudit("repair", "--verify", "--offline", "--max-age", "7d", *where)
        self.assertEqual(json.loads(mended.stdout)["verified"]["proven"]["files"], 3)
        self.assert_usage("repair", "--max-age", "7d", says="--verify")
        flip(self.blob(repo, "model.bin"), 0)
        gate = self.run_hfaudit("preflight", "acme/big", "--check", "full", "--max-age", "7d", *where)
        self.assertEqual(gate.returncode, 1)


if __name__ == "__main__":
    unittest.main()
