"""The real clients and the test Hub get along, and the harness around them keeps its promises."""

import hashlib
import os
import shutil
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "testhub")]

import client_venvs  # noqa: E402
from clients import NEWEST, VERSIONS, client, wait_until  # noqa: E402
from hub import MIB, Hub, barrier, html, ignore_range, make_model, status, throttle  # noqa: E402
from stage import finished_files  # noqa: E402

REPO = make_model("acme/two", shards=2, shard_size=2 * MIB)
SECRET = make_model("acme/secret", shards=1, shard_size=MIB, private=True)


def snapshot(home, repo):
    return os.path.join(home, "hub", repo.folder, "snapshots", repo.head.oid)


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        client_venvs.ensure_all()

    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="hfaudit-clients-")
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)

    def home(self, version):
        path = os.path.join(self.root, version, "home")
        os.makedirs(path)
        return path

    def each(self, check, versions=VERSIONS):
        """Runs a check for every client, side by side."""
        with ThreadPoolExecutor(3) as pool:
            jobs = {version: pool.submit(check, version) for version in versions}
        for version, job in jobs.items():
            with self.subTest(client=version):
                job.result()

    def assert_whole(self, home, repo=REPO):
        folder = snapshot(home, repo)
        for path, file in repo.head.files.items():
            full = os.path.join(folder, path)
            with open(full, "rb") as opened:
                digest = hashlib.sha256(opened.read()).hexdigest()
            self.assertEqual(digest, file.content.sha256, path)
            self.assertEqual(os.path.basename(os.readlink(full)), file.etag)
        self.assertEqual(len(os.listdir(folder)), len(repo.head.files))

    def test_command_line_downloads_and_hashes_agree(self):
        def check(version):
            home = self.home(version)
            with Hub(REPO, page_size=5) as hub:
                client(version).cli(hub, home, "download", "acme/two").must()
                self.assertEqual(hub.errors, [])
            self.assert_whole(home)
        self.each(check)

    def test_tokens_never_reach_the_cdn(self):
        def check(version):
            home = self.home(version)
            with Hub(SECRET, tokens={"hf_in": ["acme/secret"]}) as hub:
                client(version).download(hub, home, "acme/secret", env={"HF_TOKEN": "hf_in"}).must()
                self.assertTrue(hub.requests(host="hub", header="authorization"))
                self.assertTrue(hub.requests(host="cdn"))
                self.assertFalse(hub.requests(host="cdn", header="authorization"))
                self.assertTrue(client(version).download(hub, home + "2", "acme/secret").exit_code)
            self.assert_whole(home, SECRET)
        self.each(check)

    def test_killed_client_is_gone_and_what_it_did_is_known(self):
        def check(version):
            home = self.home(version)
            with Hub(REPO, faults=[barrier("b", MIB, path="*-00001-*")]) as hub:
                running = client(version).start(hub, home, "acme/two")
                hub.wait_held("b")
                # All else done: a text file killed halfway is a story of its own (scenarios.py).
                wait_until(lambda: finished_files(home) == len(REPO.head.files) - 1, "the rest")
                result = running.kill_after(3 * MIB)
                self.assertEqual(result.exit_code, -9)
                hub.faults = []
                hub.log.clear()
                client(version).download(hub, home, "acme/two").must()
                again = hub.bytes_sent(file="*-00001-*", host="cdn")
                resumes = not client(version).at_least("1.18")
                self.assertEqual(again, MIB if resumes else 2 * MIB)
            self.assert_whole(home)
        self.each(check)

    def test_kill_by_bytes_with_a_throttle(self):
        home = self.home(NEWEST)
        with Hub(REPO, faults=[throttle(MIB, path="*.safetensors")]) as hub:
            result = client(NEWEST).start(hub, home, "acme/two").kill_after(MIB)
        self.assertEqual(result.exit_code, -9)

    def test_offline_load_needs_the_whole_where_the_client_can_tell(self):
        def check(version):
            home = self.home(version)
            with Hub(REPO) as hub:
                some = client(version).download(hub, home, "acme/two", ignore_patterns="*-00001-*")
                some.must()
                load = client(version).offline_load(home, "acme/two")
                # Only the tree of 1.22 and later says what is missing: older ones take what is there.
                self.assertEqual(load.exit_code != 0, client(version).at_least("1.22"), load.stderr)
                client(version).download(hub, home, "acme/two").must()
            load = client(version).offline_load(home, "acme/two").must()
            self.assertEqual(load.value, snapshot(home, REPO))
        self.each(check)

    def test_cache_ls_and_verify(self):
        def check(version):
            home = self.home(version)
            with Hub(REPO) as hub:
                client(version).download(hub, home, "acme/two").must()
                self.assertIn("acme/two", client(version).cache_ls(home).must().stdout)
                if client(version).at_least("1.1"):
                    client(version).cache_verify(hub, home, "acme/two").must()
                    shard = os.path.join(snapshot(home, REPO), "model-00001-of-00002.safetensors")
                    with open(os.path.realpath(shard), "r+b") as file:
                        file.seek(-1, 2)
                        file.write(b"\0")
                    self.assertTrue(client(version).cache_verify(hub, home, "acme/two").exit_code)
        self.each(check)

    def test_faults_reach_the_clients(self):
        faults = [
            status(503, times=1, on="head", path="config.json"),
            ignore_range(), html(path="README.md"),
        ]
        home = self.home(NEWEST)
        with Hub(REPO, faults=faults) as hub:
            result = client(NEWEST).download(hub, home, "acme/two", max_workers=2)
        self.assertTrue(result.exit_code)  # the HTML page is not of README's size
        self.assertIn("size", result.stderr)

    def test_deadline_ends_a_client_that_hangs(self):
        home = self.home(NEWEST)
        with Hub(REPO, faults=[barrier("never")]) as hub:
            result = client(NEWEST).download(hub, home, "acme/two", timeout=3)
        self.assertEqual(result.exit_code, -9)

    def test_nothing_leaks_into_a_client(self):
        home = self.home(NEWEST)
        code = "import os, json; print(json.dumps(dict(os.environ)))"
        os.environ["HF_TOKEN_TEST_LEAK"] = "1"
        self.addCleanup(os.environ.pop, "HF_TOKEN_TEST_LEAK")
        env = client(NEWEST).run_python(code, home).must().value
        self.assertNotIn("HF_TOKEN_TEST_LEAK", env)
        for name in ("HOME", "HF_HOME", "XDG_CACHE_HOME", "TMPDIR"):
            self.assertTrue(env[name].startswith(self.root), name)


if __name__ == "__main__":
    unittest.main()
