"""hfaudit repair on what real clients left when they were killed: verify is clean, and that client loads it offline.
And beside one that downloads: neither gets in the other's way.

HFAUDIT names the binary.
"""

import os
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import scenarios  # noqa: E402, F401  fills SCENARIOS
from audit_runs import PARALLEL, binary, run  # noqa: E402
from stage import SIX, applies, moved, rows, six, staged  # noqa: E402

import client_venvs  # noqa: E402
from clients import VERSIONS, client  # noqa: E402
from hub import MIB, Hub, barrier, make_model  # noqa: E402

# What each leaves is of these repos. `json_only` was asked for no more than that: a repair takes the index at its word.
SIXES = ("killed", "killed_first_shard", "killed_before_first_write", "killed_twice", "killed_in_small_text",
         "killed_then_completed", "killed_before_first_file", "story_partials", "no_links_killed",
         "shared_payload_removed", "shared_payload_truncated")


class Repaired(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not os.access(binary(), os.X_OK):
            raise AssertionError(f"{binary()} is not there: build it first, or set HFAUDIT")
        client_venvs.ensure_all()
        cls.hub = cls.enterClassContext(Hub(six(), rows(), moved(), xet=True))
        cls.root = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="hfaudit-repair-"))

    def mend(self, version, name):
        with staged(version, name, self.root) as stage:
            home = stage.home
        where = ["--format", "json", "--hf-home", home]
        repaired = run("repair", "--verify", *where, "--waits", "0.1", home=home, hub=self.hub)
        self.assertEqual(repaired.exit_code, 0, repaired.explain())
        verified = run("verify", *where, home=home)
        self.assertEqual(verified.exit_code, 0, verified.explain())
        self.assertEqual([f for f in verified.report["findings"] if f["severity"] != "info"], [])
        again = run("repair", "--verify", *where, home=home, hub=self.hub)
        self.assertEqual((again.exit_code, again.report["plan"]), (0, []))
        folder = client(version).offline_load(home, SIX).must().value
        for path, file in six().head.files.items():
            with open(os.path.join(folder, path), "rb") as stream:
                self.assertTrue(stream.read() == file.content.read(), path)

    def test_what_killed_clients_left(self):
        # Of each way to write partials one; HFAUDIT_LONG: all.
        versions = VERSIONS if os.environ.get("HFAUDIT_LONG") else ("0.23", "1.17", VERSIONS[-1])
        pairs = [(version, name) for name in SIXES for version in versions if applies(name, version)]
        with ThreadPoolExecutor(PARALLEL) as pool:
            for (version, name), done in [(pair, pool.submit(self.mend, *pair)) for pair in pairs]:
                with self.subTest(client=version, scenario=name):
                    done.result()
        self.assertGreater(len(pairs), 8 * len(versions))


class Beside(unittest.TestCase):
    """A download that is under way is not touched, whatever a repair is allowed to do."""

    REPO = make_model("acme/beside", shards=3, shard_size=2 * MIB)
    HELD = "model-00002-of-00003.safetensors"

    def partials(self, home):
        """Those of the file that the Hub holds back, by inode."""
        blobs = os.path.join(home, "hub", self.REPO.folder, "blobs")
        etag = self.REPO.head.files[self.HELD].etag
        return {os.stat(os.path.join(blobs, name)).st_ino for name in os.listdir(blobs)
                if name.startswith(etag) and name.endswith(".incomplete")}

    def check(self, version, home):
        with Hub(self.REPO, faults=[barrier("half", MIB, path=self.HELD)]) as hub:
            running = client(version).start(hub, home, "acme/beside")
            self.addCleanup(lambda: running.alive and running.kill())
            hub.wait_held("half")
            running.wait_bytes(2 * 2 * MIB + MIB)
            before = self.partials(home)
            self.assertEqual(len(before), 1)
            where = ["--format", "json", "--hf-home", home, "--waits", "0.1", "--max-attempts", "1"]
            for more in ([], ["--verify", "--idle-locks", "--break-locks"], ["acme/beside"],
                         ["--only", "partials,locks,orphans,entries,refs"]):
                done = run("repair", *more, *where, home=home, hub=hub)
                self.assertEqual([r for r in done.report["results"] if r["outcome"] == "done"], [], done.explain())
                self.assertEqual(done.report["repos"][0]["verdict"], "in-progress")
                self.assertEqual(self.partials(home), before)
                self.assertTrue(running.alive)
            hub.release("half")
            running.wait().must()
            blob = os.path.join(home, "hub", self.REPO.folder, "blobs", self.REPO.head.files[self.HELD].etag)
            self.assertEqual({os.stat(blob).st_ino}, before)
            verified = run("verify", "--format", "json", "--hf-home", home, home=home)
            self.assertEqual(verified.exit_code, 0, verified.explain())
            client(version).offline_load(home, "acme/beside").must()

    def test_a_download_goes_on(self):
        for version in ("0.36", "1.17", VERSIONS[-1]):
            with self.subTest(version), tempfile.TemporaryDirectory(prefix="hfaudit-beside-") as root:
                self.check(version, os.path.join(root, "home"))


if __name__ == "__main__":
    unittest.main()
