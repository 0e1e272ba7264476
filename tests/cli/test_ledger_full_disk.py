"""A ledger that cannot be written: costs proofs, and no verdict."""

import errno
import json
import os
import resource
import shutil
import subprocess
import time
import unittest

from cli_case import HFAUDIT
from ledger_case import TICK, LedgerCase
from system import mount
from verify_case import flip

INJECTOR = os.path.join(os.environ.get("HFAUDIT_BUILD", "absent"), "tests", "support", "hfaudit-fault-injector")


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


if __name__ == "__main__":
    unittest.main()
