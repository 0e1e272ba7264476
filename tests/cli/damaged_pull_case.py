"""Base of the tests of repair: a pulled cache to damage and to repair."""

import os

from pull_case import DATA, SIX
from repair_case import RepairCase

FIRST, THIRD = "model-00001-of-00003.safetensors", "model-00003-of-00003.safetensors"


class DamagedPullCase(RepairCase):
    repo = SIX

    def setUp(self):
        super().setUp()
        self.served = self.hub(self.repo, DATA)
        self.pull(self.served, "models/" + self.repo.repo_id)
        self.place = self.folder(self.repo)
        self.snapshot = os.path.join(self.place, "snapshots", self.repo.head.oid)

    def entry(self, name):
        return os.path.join(self.snapshot, name)

    def whole_again(self, *args, damaged=(), verify=(), plan=(), **how):
        """One repair, and all is well; what was good is as it was; a second repair has nothing to do."""
        good = self.good_files(but=[*damaged, os.path.join(self.place, "refs"), os.path.join(self.home, "hub", ".locks")])
        report = self.repair(self.served, *args, **how)
        after = self.good_files()
        for path, state in good.items():
            if not path.endswith(("incomplete", ".part", ".state")) and "/.no_exist/" not in path:
                self.assertEqual(after.get(path), state, path)
        checked = self.verify(*verify)
        left = [f["message"] for f in checked["findings"] if f["severity"] != "info"]
        self.assertEqual(left, [], report["results"])
        self.assertEqual(self.repair(self.served, *args)["plan"], list(plan))
        return report
