"""A large file whose chain is known is read in parts at once: nothing but the time may differ from a read without one."""

import glob
import hashlib
import json
import os
import shutil
import struct
import subprocess

from cli_case import COMMIT
from test_verify_trouble import SANITIZED, SHIM
from verify_case import VerifyCase, flip

BLOCK = 16 << 20
SIZE = 3 * BLOCK + 12345
HEAD = 17 + 8 + 4 + 4 + 4  # of a chain's file, before the states


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


class Chain(VerifyCase):
    def setUp(self):
        super().setUp()
        self.ledger = os.path.join(self.scratch, "ledger")
        repo = self.add_files({"model.bin": SIZE})
        self.entry = os.path.join(repo, "snapshots", COMMIT, "model.bin")
        self.file = self.blob(repo, "model.bin")
        self.verify("--ledger", self.ledger)
        self.chain = os.path.join(self.ledger, "blocks", os.path.basename(self.file))
        if not os.path.exists(self.chain):
            self.skipTest("this machine keeps no chains: no instructions for SHA-256, and no OpenSSL with states")

    def both(self, code, **env):
        """The report with the chain, after a check that one without it says the same."""
        def told(*args, **more):
            report = self.verify(*args, code=code, env={**env, **more})
            seconds = report["verified"].pop("seconds")
            self.assertGreaterEqual(seconds, 0)
            for volatile in ("started_at", "duration_ms"):
                report.pop(volatile)
            return report
        plain = told(HOME="/nonexistent/home")
        report = told("--ledger", self.ledger, "--jobs", "3")
        self.assertEqual(json.dumps(report, sort_keys=True), json.dumps(plain, sort_keys=True))
        return report

    def forge(self, change):
        """Changes the states; the checksum is right, as anybody can compute it."""
        with open(self.chain, "rb") as file:
            data = bytearray(file.read())
        states = bytearray(data[HEAD:])
        change(states)
        data[HEAD:] = states
        data[HEAD - 4:HEAD] = struct.pack("<I", crc32c(states))
        with open(self.chain, "wb") as file:
            file.write(data)

    def test_a_right_file_is_right_by_every_kernel(self):
        for kernels in ("", "sha", "openssl", "openssl,avx2", "openssl,avx512", "sha,avx2,beside", "no such thing"):
            with self.subTest(kernels=kernels):
                self.assertEqual(self.both(0, HFAUDIT_SHA256=kernels)["verdict"], "clean")

    def test_a_flipped_bit_is_told_with_the_digest_of_what_is_there(self):
        for offset in (0, BLOCK - 1, BLOCK, 3 * BLOCK, SIZE - 1):
            with self.subTest(offset=offset):
                flip(self.file, offset)
                report = self.both(1)
                (finding,) = [f for f in report["findings"] if f["id"] == "digest-mismatch"]
                with open(self.file, "rb") as file:
                    self.assertIn(hashlib.file_digest(file, "sha256").hexdigest(), json.dumps(finding["details"]))
                flip(self.file, offset)

    def test_a_disk_that_fails_in_a_part_is_told_as_in_a_read_from_the_beginning(self):
        if SANITIZED or not shutil.which("cc"):
            self.skipTest("needs a C compiler and a program without sanitizers")
        shim = os.path.join(self.scratch, "shim.so")
        self.write(shim + ".c", SHIM.encode())
        subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, shim + ".c", "-ldl"], check=True)
        for damage in (None, 5, 2 * BLOCK + 5):
            if damage is not None:
                flip(self.file, damage)
            for bad in (1_500_000, BLOCK + 1, 2 * BLOCK - 1, SIZE - 1):
                with self.subTest(damage=damage, bad=bad):
                    report = self.both(3, LD_PRELOAD=shim, HFAUDIT_TEST_SUFFIX=os.path.basename(self.file),
                                       HFAUDIT_TEST_BAD_BYTE=str(bad))
                    self.assertEqual([b["operation"] for b in report["blind"]], [f"read byte {bad // 4096 * 4096} of"])
            if damage is not None:
                flip(self.file, damage)

    def test_another_length_is_told(self):
        for size in (SIZE - 1, 2 * BLOCK, SIZE + 1):
            with self.subTest(size=size):
                os.truncate(self.file, size)
                self.both(1)

    def test_a_wrong_chain_is_no_damage_and_is_replaced(self):
        with open(self.chain, "rb") as file:
            right = file.read()

        def one_bit(states):
            states[40] ^= 1

        def zeros(states):
            states[:] = bytes(len(states))
        for change in (one_bit, zeros):
            self.forge(change)
            self.assertEqual(self.both(0)["verdict"], "clean")
            with open(self.chain, "rb") as file:
                self.assertEqual(file.read(), right)
        for junk in (b"", b"hfaudit blocks/1\n", right[:-1], right + b"x", b"\xff" * 200):
            with open(self.chain, "wb") as file:
                file.write(junk)
            self.assertEqual(self.both(0)["verdict"], "clean")
            with open(self.chain, "rb") as file:
                self.assertEqual(file.read(), right)

    def rename_to(self, digest):
        """The blob gets another name, and its entry leads there."""
        new = os.path.join(os.path.dirname(self.file), digest)
        os.rename(self.file, new)
        os.unlink(self.entry)
        os.symlink(f"../../blobs/{digest}", self.entry)
        self.file = new

    def test_a_chain_forged_for_damage_never_makes_it_a_proof(self):
        with open(self.chain, "rb") as file:
            right = file.read()
        name = os.path.basename(self.file)
        flip(self.file, BLOCK + 5)
        with open(self.file, "rb") as file:
            damaged = hashlib.file_digest(file, "sha256").hexdigest()
        self.rename_to(damaged)  # under the name that it should have it gets a chain of its own
        self.verify("--ledger", self.ledger)
        with open(os.path.join(self.ledger, "blocks", damaged), "rb") as file:
            wrong = file.read()
        self.assertNotEqual(right, wrong)
        self.rename_to(name)
        for states in (wrong, wrong[:HEAD + 32] + right[HEAD + 32:], right[:HEAD + 32] + wrong[HEAD + 32:]):
            with open(self.chain, "wb") as file:
                file.write(states[:HEAD - 4] + struct.pack("<I", crc32c(states[HEAD:])) + states[HEAD:])
            for _ in range(2):
                self.assertEqual(self.found(self.both(1)), [("digest-mismatch", "model.bin")])
        self.assertEqual(glob.glob(os.path.join(self.ledger, "blocks", "*.tmp")), [])


class ChainInCache(VerifyCase):
    def test_beside_the_content_too(self):
        repo = self.add_files({"model.bin": 2 * BLOCK + 1})
        for _ in range(2):
            self.assertEqual(self.verify("--ledger", "cache", "--jobs", "2")["verdict"], "clean")
        if not os.path.exists(os.path.join(repo, ".hfaudit-ledger-blocks")):
            self.skipTest("this machine keeps no chains")
        flip(self.blob(repo, "model.bin"), BLOCK)
        self.assertEqual(self.found(self.verify("--ledger", "cache", code=1)), [("digest-mismatch", "model.bin")])
