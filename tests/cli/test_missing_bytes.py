"""Bytes of a summary: missing content counts once, and a file with another hard link frees nothing."""

import unittest

from fixture_case import FixtureCase

TREE = """
repo models--acme--x
commit C
git config json{{"model_type":"bert"}}
lfs weights safetensors:8192 | no-blob
lfs other safetensors:9000
snapshot $C {{
  config.json -> $config
  {entries}
}}
tree $C of snapshot {{
  model.safetensors $weights
  copy/model.safetensors $weights
  other.safetensors $other
}}
ref main $C
"""


PLAIN = """
repo models--acme--x
commit C
lfs weights safetensors:8192
snapshot $C {
  model.safetensors -> $weights
}
ref main $C
"""


class MissingBytes(FixtureCase):
    def missing(self, entries):
        self.make(TREE.format(entries=entries))
        return self.scan().report["summary"]["bytes"]["missing"]

    def test_two_names_of_one_content_count_once(self):
        self.assertEqual(self.missing("model.safetensors -> $weights\n  other.safetensors -> $other"), 8192)

    def test_content_that_is_here_under_another_name_counts_nothing(self):
        self.assertEqual(self.missing("model.safetensors -> $weights"), 8192)

    def reclaimable(self, more=""):
        self.make(PLAIN + "lfs left safetensors:9500\n" + more)
        report = self.scan().report
        self.assertEqual([finding["id"] for finding in report["findings"]], ["orphan-blob"])
        return report["summary"]["bytes"]["reclaimable"]

    def test_a_leftover_is_space_to_reclaim(self):
        self.assertGreater(self.reclaimable(), 0)

    def test_a_leftover_with_another_hard_link_frees_nothing(self):
        self.assertEqual(self.reclaimable("hardlink elsewhere/weights @/blobs/$left\n"), 0)

    def test_another_programs_leftover_is_not_counted(self):
        self.make(PLAIN + "file @/blobs/$weights.filepart size:9000\nmtime @/blobs/$weights.filepart -3d\n")
        report = self.scan().report
        self.assertEqual([(finding["id"], finding["fix"]) for finding in report["findings"]],
                         [("orphan-partial", None)])
        self.assertEqual(report["summary"]["bytes"]["reclaimable"], 0)


if __name__ == "__main__":
    unittest.main()
