"""Proofs that last: what counts as proven, what ends a proof, and a ledger that is damaged, forged or shared."""

import errno
import glob
import json
import mmap
import os
import resource
import shutil
import subprocess
import sys
import time
import unittest

from cli_case import COMMIT, HFAUDIT
from verify_case import VerifyCase, flip

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from system import mount  # noqa: E402

INJECTOR = os.path.join(os.environ.get("HFAUDIT_BUILD", "absent"), "tests", "support", "hfaudit-fault-injector")

SIZES = {"a.dat": 200_000, "b.dat": 300_000, "c.dat": 5}
TICK = 0.25  # seconds, after which a file's clock has moved on for certain


def keeps_proofs(path):
    """Whether proofs are recorded on this file system at once: it shows changes, and a lease tells of writers."""
    done = subprocess.run(["stat", "-f", "-c", "%t", path], stdout=subprocess.PIPE, check=False)
    return done.stdout.decode().strip() in {"ef53", "58465342", "9123683e", "2fc12fc1", "f2f52010", "ca451a4e"}


class LedgerCase(VerifyCase):
    def setUp(self):
        super().setUp()
        if not keeps_proofs(self.scratch):
            self.skipTest("no proof is recorded on this file system before ten minutes have passed")
        self.ledger = os.path.join(self.scratch, "ledger")

    def proven_repo(self, *args):
        repo = self.add_files(SIZES)
        time.sleep(TICK)
        self.verify(*(args or ("--ledger", self.ledger)))
        return repo

    def read(self, *args, code=0):
        """How many files a verify that believes proofs of a day reads, and how many it does not."""
        verified = self.verify("--max-age", "1d", *(args or ("--ledger", self.ledger)), code=code)["verified"]
        return verified["files"], verified["proven"]["files"]


class Changes(LedgerCase):
    def test_what_is_proven_is_not_read_again(self):
        self.proven_repo()
        self.assertEqual(self.read(), (0, 3))
        everything = self.verify("--ledger", self.ledger)["verified"]
        self.assertEqual((everything["files"], everything["proven"]["files"]), (3, 0))

    def test_no_change_passes_as_proven(self):
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
            self.assertEqual((os.stat(blob).st_ino, os.stat(blob).st_mtime_ns), (before.st_ino, before.st_mtime_ns))

        def write_and_touch(blob):
            before = os.stat(blob)
            flip(blob, 1000)
            os.utime(blob, ns=(before.st_atime_ns, before.st_mtime_ns))

        def restored_backup(blob):
            repo = os.path.dirname(os.path.dirname(blob))
            flip(blob, 1000)
            os.utime(blob, ns=(0, 1_600_000_000_000_000_000))
            backup = os.path.join(self.scratch, "backup")
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

        for change in (write, truncate, append, rename_over, copy_over_with_times, write_and_touch, restored_backup,
                       hole, mapped_write, other_name):
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


class Files(LedgerCase):
    def ledger_file(self):
        return os.path.join(self.ledger, "models--acme--big")

    def test_whatever_damages_it_costs_proofs_and_never_a_verdict(self):
        repo = self.proven_repo()
        with open(self.ledger_file(), "rb") as file:
            whole = file.read()
        flip(self.blob(repo, "a.dat"), 3)
        for size in [*range(0, len(whole), 13), len(whole)]:
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


class FullDisk(LedgerCase):
    """Costs proofs: the verdict is that of a run without a ledger, and whatever was written is whole."""

    COUNT = 60  # files; their proofs take three pages

    def setUp(self):
        super().setUp()
        self.repo = self.add_files({f"{i}.dat": 20_000 + i for i in range(self.COUNT)})
        flip(self.blob(self.repo, "0.dat"), 3)
        time.sleep(TICK)

    def check(self, *args):
        """Damage is found, and each of the other files was read or proven."""
        report = self.verify("--max-age", "1d", *args, code=1)
        self.assertEqual(self.found(report), [("digest-mismatch", "0.dat")])
        proven = report["verified"]["proven"]["files"]
        self.assertEqual(report["verified"]["files"] + proven, self.COUNT)
        return proven

    def test_a_disk_without_room(self):
        disk = os.path.join(self.scratch, "disk")
        os.makedirs(disk)
        mount(self, "-t", "tmpfs", "-o", "size=64k", "none", disk)
        ledger, filler, kept = os.path.join(disk, "ledger"), os.path.join(disk, "filler"), set()
        for room in range(0, 32_768, 4096):
            with self.subTest(room=room):
                shutil.rmtree(ledger, ignore_errors=True)
                with open(filler, "wb", buffering=0) as file:
                    try:
                        while file.write(b"x" * 4096):
                            pass
                    except OSError:
                        pass
                    os.ftruncate(file.fileno(), os.fstat(file.fileno()).st_size - room)
                self.check("--ledger", ledger)
                kept.add(self.check("--ledger", ledger))  # still without room: believes what was written
                os.unlink(filler)
                self.check("--ledger", ledger)
                self.assertEqual(self.check("--ledger", ledger), self.COUNT - 1)
        self.assertEqual((min(kept), max(kept)), (0, self.COUNT - 1))

    def test_a_limit_on_the_size_of_files(self):
        for limit in (0, 1, 100, 4096, 1 << 20):
            with self.subTest(limit=limit):
                shutil.rmtree(self.ledger, ignore_errors=True)
                command = [HFAUDIT, "verify", "--ledger", self.ledger, "--format", "json"]
                done = subprocess.run(command, env=self.environment(), cwd=self.scratch, stdin=subprocess.DEVNULL,
                                      capture_output=True, check=False,
                                      preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
                self.assertEqual(done.returncode, 1, done.stderr)
                self.check("--ledger", self.ledger)
                self.assertEqual(self.check("--ledger", self.ledger), self.COUNT - 1)

    @unittest.skipUnless(os.path.exists(INJECTOR), "HFAUDIT_BUILD names no build with the fault injector")
    def test_each_call_on_the_ledger_fails(self):
        log = os.path.join(self.scratch, "faults")
        usual = ["--root", self.ledger, "--log", log]
        tried = 0
        for known in (False, True):
            for call in ("open", "stat", "read", "mkdir", "lock", "write", "truncate", "sync", "rename", "statfs", "fcntl", "chmod"):
                for error in ("ENOSPC", "EIO"):
                    for mode, at in (("once", 1), ("all", 1), ("all", 2)):
                        shutil.rmtree(self.ledger, ignore_errors=True)
                        os.makedirs(self.ledger)
                        if known:
                            self.verify("--ledger", self.ledger, "--max-age", "1d", code=1)
                        command = [INJECTOR, *usual, "--call", call, "--error", error, "--at", str(at), "--mode", mode, "--",
                                   HFAUDIT, "verify", "--ledger", self.ledger, "--max-age", "1d", "--format", "json"]
                        done = subprocess.run(command, env=self.environment(), cwd=self.scratch, stdin=subprocess.DEVNULL,
                                              capture_output=True, check=False)
                        with self.subTest(known=known, call=call, error=error, mode=mode, at=at):
                            with open(log, encoding="utf-8") as file:
                                failed = bool(json.load(file)["failed"])
                            tried += failed
                            if done.returncode == 3 and failed:  # the folder that was asked for cannot be opened
                                self.assertIn(os.strerror(getattr(errno, error)).encode(), done.stdout)
                            else:
                                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                                self.assertEqual(self.found(json.loads(done.stdout)), [("digest-mismatch", "0.dat")])
                            self.check("--ledger", self.ledger)
                            self.assertEqual(self.check("--ledger", self.ledger), self.COUNT - 1)
        self.assertGreater(tried, 15)


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
        time.sleep(2.2)
        self.add_files({"new.dat": 100_001}, "models--acme--new")
        time.sleep(TICK)
        self.scrub()
        time.sleep(1.2)
        verified = self.scrub("--max-age", "2s")["verified"]
        self.assertEqual((verified["files"], verified["proven"]["files"]), (1, 1))
        self.assertLess(verified["oldest_proof_s"], 3)


if __name__ == "__main__":
    unittest.main()
