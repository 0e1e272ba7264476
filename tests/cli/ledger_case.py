"""Base of the tests of the ledger: a cache to verify, with its proofs."""

import os
import subprocess
import time

from verify_case import VerifyCase

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
