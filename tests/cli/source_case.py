"""Base of the tests of --from: a cache that is a source, a server of its files, and pulls from both."""

import os

from pull_case import SIX, PullCase, single, weights
from static_server import StaticServer

LARGE = single(3_000_000, "acme/large")
WEIGHTS = sum(file.content.size for file in SIX.head.files.values() if file.lfs)


class SourceCase(PullCase):
    def setUp(self):
        super().setUp()
        self.own_home, self.other = self.home, os.path.join(self.scratch, "other")

    def fill(self, hub, *args):
        """Another home with what these arguments pull."""
        self.home = self.other
        self.pull(hub, *args)
        self.home = self.own_home
        hub.log.clear()
        return self.other

    def serve(self, folder="hub", **how):
        server = StaticServer(os.path.join(self.other, folder), **how).__enter__()
        self.addCleanup(server.__exit__)
        return server

    def of_hub(self, hub):
        """Bytes of content that the Hub sent."""
        return sum(entry.sent for entry in hub.requests(method="GET") if entry.kind != "api")

    def shares(self, report):
        return {share["source"]: share["bytes"] for share in self.transfer(report)["sources"]}

    def damage(self, repo, how):
        """Of each weight file of the other home."""
        for file in weights(repo).values():
            path = os.path.join(self.other, "hub", repo.folder, "blobs", file.etag)
            if how == "absent":
                os.unlink(path)
            elif how == "wrong":
                with open(path, "r+b") as stream:
                    stream.seek(1000)
                    stream.write(b"damage")
            elif how == "truncated":
                os.truncate(path, 1000)
