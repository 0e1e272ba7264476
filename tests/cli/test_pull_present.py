"""The present files of a pull: partials of other clients, and content that is there already."""

import os
import struct
import unittest

from pull_case import SHARD, SIX, PullCase, single
from hub import Content, Repo

SLACK = 10_000  # what redirects say, and small files


class Adopted(PullCase):
    SIZE = 4_000_000
    REPO = single(SIZE)

    def blobs(self, name):
        return os.path.join(self.folder(self.REPO), "blobs", name)

    def check(self, name, content, most, repo=None):
        """With this partial there, the pull needs at most so many bytes."""
        repo = repo or self.REPO
        self.write(self.blobs(name), content)
        hub = self.hub(repo)
        transfer = self.transfer(self.pull(hub, repo.repo_id))
        self.assert_pulled(repo)
        self.assertLessEqual(transfer["received"], most, name)
        self.assertEqual([n for n in os.listdir(self.blobs("")) if "hfaudit" in n], [])

    def test_partials_of_every_client(self):
        content, etag = self.REPO.head.files["model.bin"].content.read(), self.REPO.head.files["model.bin"].etag
        half, rest = content[:self.SIZE // 2], self.SIZE // 2 + SLACK
        padded = half + bytes(self.SIZE // 2)
        kinds = {
            "ours": (f"{etag}.hfaudit.incomplete", half), "Python": (f"{etag}.incomplete", half),
            "newer Python": (f"{etag}.0123abcd.incomplete", half), "Rust 0.4": (f"{etag}.part", half),
            "Rust 0.4 async": (f"{etag}.sync.part", padded + struct.pack("<Q", self.SIZE // 2)),
            "llama.cpp": (f"{etag}.downloadInProgress", half),
        }
        for kind, (name, partial) in kinds.items():
            with self.subTest(kind):
                self.home = os.path.join(self.scratch, kind)
                self.check(name, partial, rest)

    def test_up_to_its_first_hole(self):
        content, etag = self.REPO.head.files["model.bin"].content.read(), self.REPO.head.files["model.bin"].etag
        path = self.blobs(f"{etag}.incomplete")
        self.write(path, content[:1 << 20])
        with open(path, "r+b") as stream:
            stream.seek(2 << 20)
            stream.write(content[2 << 20:3 << 20])
            stream.truncate(self.SIZE)
        transfer = self.transfer(self.pull(self.hub(self.REPO), "acme/single"))
        self.assert_pulled(self.REPO)
        self.assertLessEqual(transfer["received"], self.SIZE - (1 << 20) + SLACK)

    def test_a_wrong_prefix_costs_one_restart(self):
        etag = self.REPO.head.files["model.bin"].etag
        for name in (f"{etag}.hfaudit.incomplete", f"{etag}.incomplete"):
            with self.subTest(name):
                self.home = os.path.join(self.scratch, name)
                self.check(name, b"\1" * (self.SIZE // 2), 2 * self.SIZE)

    def test_a_partial_that_is_whole_or_too_long(self):
        content, etag = self.REPO.head.files["model.bin"].content.read(), self.REPO.head.files["model.bin"].etag
        for extra, most in ((b"", SLACK), (b"more", self.SIZE + SLACK)):
            for name in (f"{etag}.hfaudit.incomplete", f"{etag}.incomplete"):
                with self.subTest(name, extra=extra):
                    self.home = os.path.join(self.scratch, name + extra.decode())
                    self.check(name, content + extra, most)

    def test_a_partial_that_somebody_has_open_is_left_to_them(self):
        content, etag = self.REPO.head.files["model.bin"].content.read(), self.REPO.head.files["model.bin"].etag
        path = self.blobs(f"{etag}.0123abcd.incomplete")
        self.write(path, content[:1 << 20])
        with open(path, "r+b") as writer:
            self.pull(self.hub(self.REPO), "acme/single")
            writer.seek(0)
            writer.write(b"\1" * 100)  # it believes that it is still downloading
        self.assert_pulled(self.REPO)


class Present(PullCase):
    def test_a_damaged_blob_is_replaced_and_set_aside(self):
        hub = self.hub(SIX)
        self.pull(hub, "acme/six")
        size = SIX.head.files[SHARD].content.size
        with open(self.blob(SIX, SHARD), "r+b") as stream:
            stream.seek(size // 2)
            stream.write(b"damage")
        hub.log.clear()
        self.pull(hub, "acme/six")
        self.assert_pulled(SIX)
        self.assertEqual({entry.file for entry in hub.requests(host="cdn")}, {SHARD})

    def test_a_blob_of_the_wrong_size_is_replaced(self):
        hub = self.hub(SIX)
        for size in (0, 1000, 400_000):
            with self.subTest(size=size):
                self.pull(hub, "acme/six")
                os.truncate(self.blob(SIX, SHARD), size)
                self.pull(hub, "acme/six")
                self.assert_pulled(SIX)

    def test_it_may_be_trusted(self):
        hub = self.hub(SIX)
        self.pull(hub, "acme/six")
        with open(self.blob(SIX, SHARD), "r+b") as stream:
            stream.seek(100_000)
            stream.write(b"damage")
        hub.log.clear()
        self.pull(hub, "acme/six", "--trust-present", agrees=False)
        self.assertEqual(hub.requests(host="cdn"), [])

    def test_what_two_repos_share_by_name_is_each_ones_own(self):
        other = Repo("acme/twin").commit({SHARD: SIX.head.files[SHARD].content})
        self.pull(self.hub(SIX, other), "acme/six", "acme/twin")
        self.assert_pulled(SIX)
        self.assert_pulled(other)

    def test_the_same_content_under_many_names_comes_once(self):
        content = Content.generate("same", 500_000)
        repo = Repo("acme/same").commit({f"{i}.bin": content for i in range(5)})
        transfer = self.transfer(self.pull(self.hub(repo), "acme/same"))
        self.assert_pulled(repo)
        self.assertLess(transfer["received"], 600_000)


if __name__ == "__main__":
    unittest.main()
