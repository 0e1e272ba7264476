"""A large file with a few wrong bits: only the blocks that are wrong are downloaded, where their chain is known."""

import glob
import hashlib
import json
import os
import shutil
import unittest

from pull_case import Content, PullCase, Repo
from verify_case import flip

BLOCK = 16 << 20
SIZE = 3 * BLOCK + 12345
SMALL = 200_000  # what a run may fetch beside: listings, other files


class Patching(PullCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.weights = Content.generate("blocks", SIZE)

    def setUp(self):
        super().setUp()
        self.repo = Repo("acme/blocks").commit({"model.bin": self.weights, "config.json": "{}\n"})
        self.served = self.hub(self.repo)
        self.ledger = os.path.join(self.scratch, "ledger")
        self.blob = os.path.join(self.home, "hub", "models--acme--blocks", "blobs", self.weights.sha256)
        self.chain = os.path.join(self.ledger, "blocks", self.weights.sha256)

    def pulled(self, *args):
        self.pull(self.served, "acme/blocks", *(args or ("--ledger", self.ledger)), agrees=False)
        if not glob.glob(os.path.join(self.scratch, "**", self.weights.sha256), recursive=True, include_hidden=True):
            self.fail("nothing was pulled")

    def need_chain(self):
        if not os.path.exists(self.chain):
            self.skipTest("this processor has no instructions for SHA-256, whose states are the chain")

    def mend(self, *args, hub=None, code=0):
        """The report, and the bytes of content that the Hub has sent."""
        hub = hub or self.served
        before = hub.bytes_sent(host="cdn")
        done = self.run_hfaudit("repair", "--verify", "--format", "json", "--ledger", self.ledger, *args,
                                env=self.settings(hub))
        self.assertEqual(done.returncode, code, done.stderr.decode() + done.stdout.decode())
        return json.loads(done.stdout), hub.bytes_sent(host="cdn") - before

    def assert_whole(self):
        with open(self.blob, "rb") as file:
            self.assertEqual(hashlib.file_digest(file, "sha256").hexdigest(), self.weights.sha256)

    def test_a_flipped_bit_costs_one_block(self):
        self.pulled()
        self.need_chain()
        for offset in (BLOCK - 1, SIZE - 1):
            with self.subTest(offset=offset):
                flip(self.blob, offset)
                report, sent = self.mend()
                self.assertEqual(report["verdict"], "clean")
                self.assertLessEqual(sent, BLOCK + SMALL)
                self.assert_whole()

    def test_two_blocks_cost_two(self):
        self.pulled()
        self.need_chain()
        flip(self.blob, 5)
        flip(self.blob, 2 * BLOCK + 5)
        report, sent = self.mend()
        self.assertEqual(report["verdict"], "clean")
        self.assertLessEqual(sent, 2 * BLOCK + SMALL)
        self.assert_whole()

    def test_a_verify_knows_the_chain_of_what_others_downloaded(self):
        self.pulled("--ledger", "cache")
        shutil.rmtree(os.path.join(self.home, "hub", "models--acme--blocks", ".hfaudit-ledger-blocks"), ignore_errors=True)
        self.run_hfaudit("verify", "--ledger", self.ledger)
        self.need_chain()
        flip(self.blob, BLOCK)
        report, sent = self.mend()
        self.assertEqual(report["verdict"], "clean")
        self.assertLessEqual(sent, BLOCK + SMALL)
        self.assert_whole()

    def test_a_pull_patches_too_and_the_chain_may_lie_in_the_cache(self):
        self.pulled("--ledger", "cache")
        if not glob.glob(os.path.join(self.home, "hub", "*", ".hfaudit-ledger-blocks", "*")):
            self.skipTest("this processor has no instructions for SHA-256, whose states are the chain")
        flip(self.blob, BLOCK)
        before = self.served.bytes_sent(host="cdn")
        self.pull(self.served, "acme/blocks")
        self.assertLessEqual(self.served.bytes_sent(host="cdn") - before, BLOCK + SMALL)
        self.assert_whole()

    def test_a_chain_that_is_damaged_or_forged_does_no_harm(self):
        self.pulled()
        self.need_chain()
        with open(self.chain, "rb") as file:
            good = file.read()
        other = Content.generate("other blocks", SIZE)
        forger = self.hub(Repo("acme/forged").commit({"model.bin": other}))
        self.pull(forger, "acme/forged", "--ledger", self.ledger, agrees=False)
        with open(os.path.join(self.ledger, "blocks", other.sha256), "rb") as file:
            forged = file.read()
        shutil.rmtree(os.path.join(self.home, "hub", "models--acme--forged"))
        for name, chain in (("short", good[:-5]), ("flipped", good[:70] + b"\xff" + good[71:]), ("forged", forged)):
            with self.subTest(name=name):
                with open(self.chain, "wb") as file:
                    file.write(chain)
                flip(self.blob, BLOCK)
                report, sent = self.mend()
                self.assertEqual(report["verdict"], "clean")
                self.assertGreater(sent, SIZE / 2)  # as a whole
                self.assert_whole()

    def test_without_a_chain_the_whole_file(self):
        self.pulled()
        shutil.rmtree(self.ledger)
        flip(self.blob, BLOCK)
        report, _ = self.mend()
        self.assertEqual(report["verdict"], "clean")
        self.assert_whole()

    def test_a_file_that_is_mostly_wrong_is_not_patched(self):
        self.pulled()
        for block in range(3):
            flip(self.blob, block * BLOCK + 7)
        report, _ = self.mend()
        self.assertEqual(report["verdict"], "clean")
        self.assert_whole()


if __name__ == "__main__":
    unittest.main()
