"""Contents that lie, and that are larger or deeper than anyone meant: memory and time stay bounded."""

import os
import unittest

from cli_case import SANITIZED
from fixture_case import DamagedCase

# A sanitizer needs a multiple of it for itself.
MEMORY_LIMIT_KIB = 64 * 1024 * (16 if SANITIZED else 1)


class BadContent(DamagedCase):
    def test_a_ref_of_megabytes(self):
        self.make_both()
        self.write_sparse(os.path.join(self.bad, "refs/huge"), 512 << 20, b"a" * 4096)
        memory, code, report = self.peak_memory()
        self.assertLess(memory, MEMORY_LIMIT_KIB)
        self.assertEqual((code, self.good_is_complete(report)), (1, "complete"))
        self.assertEqual([f["id"] for f in report["findings"]], ["ref-malformed"])

    def trees_and_indices(self):
        commit = os.path.basename(self.snapshot)
        return [os.path.join(self.bad, "trees", commit + ".json"),
                os.path.join(self.snapshot, "model.safetensors.index.json"),
                os.path.join(self.snapshot, "model_index.json"), os.path.join(self.snapshot, "config.json")]

    def test_json_nested_a_million_deep(self):
        for text in (b"[" * 1_000_000, b'{"a":' * 1_000_000,
                     b'{"format_version":1,"files":' + b'{"a":' * 1_000_000, b'{"weight_map":' + b"[" * 1_000_000):
            with self.subTest(text[:40]):
                self.cache = os.path.join(self.scratch, str(hash(text)))
                self.hub = os.path.join(self.cache, "hub")
                self.bad = os.path.join(self.hub, "models--acme--bad")
                self.make_both()
                for path in self.trees_and_indices():
                    self.write(path, text)
                memory, code, report = self.peak_memory()
                self.assertLess(memory, MEMORY_LIMIT_KIB)
                self.good_is_complete(report)
                self.assertIn("tree-malformed", {f["id"] for f in report["findings"]})
                self.assertIn(code, (0, 1))

    def test_json_of_gigabytes(self):
        self.make_both()
        for path in self.trees_and_indices():
            self.write_sparse(path, 5 << 30, b'{"format_version":1,"files":{"')
        memory, code, report = self.peak_memory()
        self.assertLess(memory, MEMORY_LIMIT_KIB)
        self.good_is_complete(report)
        self.assertIn("tree-malformed", {f["id"] for f in report["findings"]})
        self.assertIn(code, (0, 1))

    def test_a_tree_of_a_hundred_thousand_files(self):
        self.make_both()
        rows = ",".join(f'"f/{n:06d}.bin":{{"size":{n},"blob_id":"{n:040x}"}}' for n in range(100_000))
        self.write(self.trees_and_indices()[0], b'{"format_version":1,"files":{' + rows.encode() + b"}}")
        memory, _, report = self.peak_memory()
        self.assertLess(memory, 2 * MEMORY_LIMIT_KIB)  # the listing itself has 8 MB
        self.good_is_complete(report)

    def test_headers_that_lie(self):
        heads = {"claims_2_63": b"\0" * 7 + b"\x80" + b"{}", "claims_2_64": b"\xff" * 8 + b"{}",
                 "claims_90_MB": (90_000_000).to_bytes(8, "little") + b"{" * 100,
                 "zero": b"\0" * 8 + b"{}", "not_json": (2).to_bytes(8, "little") + b"xx",
                 "offsets": (60).to_bytes(8, "little") + b'{"w":{"dtype":"U8","shape":[9],"data_offsets":[9,1]}}     '}
        for name, head in heads.items():
            with self.subTest(name):
                self.cache = os.path.join(self.scratch, name)
                self.hub = os.path.join(self.cache, "hub")
                self.bad = os.path.join(self.hub, "models--acme--bad")
                self.make_both()
                for weights in ("a.safetensors", "b.gguf", "c.bin"):
                    magic = b"GGUF\3\0\0\0" if weights == "b.gguf" else b""
                    self.write_sparse(os.path.join(self.snapshot, weights), 100_000_000, magic + head)
                memory, code, report = self.peak_memory()
                self.assertLess(memory, MEMORY_LIMIT_KIB)
                self.assertEqual((code, self.good_is_complete(report)), (1, "corrupt"))

    def test_ten_thousand_entries_in_one_folder(self):
        self.make_both()
        for number in range(10_000):
            os.symlink(f"../../blobs/{number:040x}", os.path.join(self.snapshot, f"{number}.bin"))
        memory, code, report = self.peak_memory()
        self.assertLess(memory, MEMORY_LIMIT_KIB)
        self.assertEqual((code, self.good_is_complete(report)), (1, "incomplete"))
        self.assertEqual(report["summary"]["findings"]["error"], 10_000)


if __name__ == "__main__":
    unittest.main()
