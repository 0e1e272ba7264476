"""hfaudit pull from other sources and into the shared store, beside the real clients.

HFAUDIT names the binary.
"""

import os
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from audit_runs import binary, run  # noqa: E402
from stage import SIX, six  # noqa: E402

import client_venvs  # noqa: E402
from clients import NEWEST, VERSIONS, client  # noqa: E402
from hub import Hub, Repo  # noqa: E402

TWIN = "acme/twin"
WEIGHTS = [path for path, file in six().head.files.items() if file.lfs]
DELETE = """
from huggingface_hub import scan_cache_dir
cache = scan_cache_dir()
commits = [r.commit_hash for repo in cache.repos if repo.repo_id == %r for r in repo.revisions]
cache.delete_revisions(*commits).execute()
"""


def twin():
    return Repo(TWIN).commit({path: file.content for path, file in six().head.files.items()})


def pull(hub, home, *asked):
    outcome = run("pull", "--format", "json", "--hf-home", home, "--waits", "0.1", *asked, home=home, hub=hub)
    if outcome.exit_code:
        raise AssertionError(f"{asked}: {outcome.explain()}")
    return outcome.report


class Sources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not os.access(binary(), os.X_OK):
            raise AssertionError(f"{binary()} is not there: build it first, or set HFAUDIT")
        client_venvs.ensure_all()

    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="hfaudit-sources-")
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)

    def home(self, name):
        path = os.path.join(self.root, name)
        os.makedirs(path + ".user")
        return path

    def load(self, home, repo_id):
        """Every client loads it offline; the store's links are the newest one's own."""
        for version in VERSIONS:
            with self.subTest(version):
                client(version).offline_load(home, repo_id).must()

    def test_the_clients_own_store(self):
        """It made the store; hfaudit publishes and links there; what one repo loses, the other keeps."""
        home, newest = self.home("one"), client(NEWEST)
        with Hub(six(), twin(), xet=True) as hub:
            newest.download(hub, home, SIX, env={"HF_HUB_DISABLE_XET": 1}).must()
            newest.publish_shared(home, six()).must()
            hub.log.clear()
            pull(hub, home, TWIN)
            self.assertEqual([e.path for e in hub.requests(method="GET") if e.kind != "api" and e.sent > 100_000], [])
        blobs = os.path.join(home, "hub", twin().folder, "blobs")
        for path in WEIGHTS:
            self.assertTrue(os.path.islink(os.path.join(blobs, six().head.files[path].etag)), path)
        self.load(home, TWIN)
        newest.run_python(DELETE % SIX, home).must()
        self.load(home, TWIN)
        verified = run("verify", "--format", "json", "--hf-home", home, TWIN, home=home)
        self.assertEqual(verified.exit_code, 0, verified.explain())

    def test_what_hfaudit_published(self):
        """The newest client takes it for its own: it links another repo to it, and removes it with the last link."""
        home, newest = self.home("one"), client(NEWEST)
        store = os.path.join(home, "hub", "blobs")
        os.makedirs(store)
        with open(os.path.join(store, ".huggingface-shared-blobs"), "w", encoding="ascii") as stream:
            stream.write("1\n")
        with Hub(six(), twin(), xet=True) as hub:
            pull(hub, home, SIX)
        self.load(home, SIX)
        newest.link_shared(home, twin(), WEIGHTS).must()
        newest.run_python(DELETE % SIX, home).must()
        for path in WEIGHTS:
            file = six().head.files[path]
            with open(os.path.join(home, "hub", twin().folder, "blobs", file.etag), "rb") as stream:
                self.assertTrue(stream.read() == file.content.read())

    def test_from_what_each_client_left(self):
        """A cache of any client is a source; with the Hub out of reach, too."""
        for version in VERSIONS:
            with self.subTest(version):
                source, home = self.home("source-" + version), self.home("home-" + version)
                with Hub(six()) as hub:
                    client(version).download(hub, source, SIX, env={"HF_HUB_DISABLE_XET": 1}).must()
                report = run("pull", "--format", "json", "--hf-home", home, "--offline", "--from", source, SIX, home=home)
                self.assertEqual(report.exit_code, 0, report.explain())
                for reader in (VERSIONS[0], version, NEWEST):
                    client(reader).offline_load(home, SIX).must()


if __name__ == "__main__":
    unittest.main()
