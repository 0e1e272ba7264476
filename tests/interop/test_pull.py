"""hfaudit pull beside the real clients: they accept what it leaves, it goes on where they were killed.

HFAUDIT names the binary.
"""

import filecmp
import os
import shutil
import stat as modes
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import scenarios  # noqa: E402, F401  fills SCENARIOS
from audit_runs import PARALLEL, binary, run  # noqa: E402
from stage import MIB, SHARD, SIX, applies, moved, rows, six, staged  # noqa: E402

import client_venvs  # noqa: E402
from clients import NEWEST, VERSIONS, client  # noqa: E402
from hub import Hub, throttle  # noqa: E402

ROOT = None
TOTAL = sum(file.content.size for file in six().head.files.values())
SLACK = 100_000  # small files, and what a client keeps back


def setUpModule():
    global ROOT
    if not os.access(binary(), os.X_OK):
        raise AssertionError(f"{binary()} is not there: build it first, or set HFAUDIT")
    client_venvs.ensure_all()
    ROOT = tempfile.mkdtemp(prefix="hfaudit-pull-")
    unittest.addModuleCleanup(shutil.rmtree, ROOT, ignore_errors=True)


def new_home():
    home = os.path.join(tempfile.mkdtemp(dir=ROOT), "home")
    os.makedirs(home + ".user")
    return home


def pull(hub, home, *asked, verify=True):
    """The report of a pull that must end well, and be content with itself."""
    where = [] if "--local-dir" in asked else ["--hf-home", home]
    outcome = run("pull", "--format", "json", *where, "--waits", "0.1", *asked, home=home, hub=hub)
    if outcome.exit_code:
        raise AssertionError(f"{asked}: {outcome.explain()}\n{outcome.report.get('transfers')}")
    if verify:
        verified = run("verify", "--format", "json", *where, *asked, home=home)
        if verified.exit_code:
            raise AssertionError(verified.explain())
    return outcome.report


def pulled(report):
    return sum(transfer["pulled"]["bytes"] for transfer in report["transfers"])


def received(report):
    return sum(transfer["received"] for transfer in report["transfers"])


def bodies(hub):
    """The requests that ask for content."""
    return [(entry.method, entry.path) for entry in hub.requests(method="GET") if entry.kind != "api"]


def every_client(check):
    """Runs check(version) for all clients at once; the failures by version."""
    def one(version):
        try:
            check(version)
        except Exception as error:
            return error
        return None
    with ThreadPoolExecutor(PARALLEL) as pool:
        return {version: error for version, error in zip(VERSIONS, pool.map(one, VERSIONS)) if error}


class Accepted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.hub = unittest.enterModuleContext(Hub(six(), rows(), moved(), xet=True))
        cls.home = new_home()
        pull(cls.hub, cls.home, SIX, "datasets/acme/rows", "acme/moved@v1")

    def copy(self):
        home = new_home()
        shutil.copytree(self.home, home, symlinks=True)
        return home

    def check_folder(self, folder, commit):
        for path, file in commit.files.items():
            with open(os.path.join(folder, path), "rb") as stream:
                self.assertTrue(stream.read() == file.content.read(), path)

    def test_offline(self):
        asked = ((SIX, {}, six().head), ("acme/rows", {"repo_type": "dataset"}, rows().head),
                 ("acme/moved", {"revision": "v1"}, moved().history[0]))

        def check(version):
            for repo_id, how, commit in asked:
                self.check_folder(client(version).offline_load(self.home, repo_id, **how).must().value, commit)
            file = client(version).start(None, self.home, SIX, filename="config.json", env={"HF_HUB_OFFLINE": 1}).wait().must()
            self.assertTrue(file.value.endswith("/config.json"))
        self.assertEqual(every_client(check), {})

    def test_online_nothing_comes_again(self):
        def check(version):
            with Hub(six(), xet=True) as hub:
                home = self.copy()
                self.check_folder(client(version).download(hub, home, SIX).must().value, six().head)
                self.assertEqual((version, bodies(hub)), (version, []))
                self.assertEqual(received(pull(hub, home, SIX)), 0)  # and it accepts what they made of it
        self.assertEqual(every_client(check), {})

    def test_hf_cache_verify(self):
        result = client(NEWEST).cache_verify(self.hub, self.home, SIX).must()
        self.assertRegex(result.stdout + result.stderr, f"{len(six().head.files)} file")


class Alike(unittest.TestCase):
    """What it leaves is what the newest client leaves, entry by entry."""

    def listing(self, home):
        found = {}
        for folder, folders, names in os.walk(os.path.join(home, "hub")):
            for name in folders + names:
                path = os.path.join(folder, name)
                status = os.lstat(path)
                kind = os.readlink(path) if os.path.islink(path) else oct(status.st_mode)
                where = os.path.relpath(path, home)
                if not where.startswith("hub/.locks") and name != ".no_exist":
                    found[where] = kind
        return found

    def check(self, repo, how, asked, **options):
        with Hub(repo, **options) as hub:
            theirs, ours = new_home(), new_home()
            client(NEWEST).download(hub, theirs, repo.repo_id, **how).must()
            old = os.umask(0o022)  # that of the clients here
            try:
                pull(hub, ours, *asked)
            finally:
                os.umask(old)
        expected, found = self.listing(theirs), self.listing(ours)
        for path in expected:
            if "/trees/" in path and path.endswith(".json"):  # theirs is private to its writer, by accident
                expected[path] = found.get(path, "")
        self.assertEqual(found, expected)
        for path, kind in expected.items():
            if modes.S_ISREG(os.lstat(os.path.join(theirs, path)).st_mode):
                same = filecmp.cmp(os.path.join(theirs, path), os.path.join(ours, path), shallow=False)
                self.assertTrue(same, path)

    def test_a_model(self):
        self.check(six(), {}, [SIX])

    def test_with_xet_hashes(self):
        self.check(six(), {}, [SIX], xet=True)

    def test_a_dataset(self):
        self.check(rows(), {"repo_type": "dataset"}, ["datasets/acme/rows"])

    def test_a_pull_request(self):
        self.check(moved(), {"revision": "refs/pr/1"}, ["acme/moved", "--revision", "refs/pr/1"])

    def test_a_part(self):
        self.check(six(), {"allow_patterns": ["*.json"]}, [SIX, "--include", "*.json"])


class GoesOn(unittest.TestCase):
    """Where a client was killed: what it left is used."""

    def taken_up(self, scenario, most, asked=(SIX,), then=None):
        def check(version):
            if not applies(scenario, version):
                return
            with staged(version, scenario, os.path.join(ROOT, "killed")) as stage, Hub(six(), rows()) as hub:
                where = ["--local-dir", stage.local] if stage.local_used else []
                there = sum(os.lstat(os.path.join(folder, name)).st_size for root in (stage.home, stage.local)
                            for folder, _, names in os.walk(root) for name in names
                            if os.path.isfile(os.path.join(folder, name)) and not os.path.islink(os.path.join(folder, name)))
                report = pull(hub, stage.home, *asked, *where)
                # Not what was received: where a slow machine makes a range seem silent, some of it comes twice.
                self.assertLessEqual(pulled(report), most(there), f"{version} {report['transfers']}")
                if then:
                    then(version, stage, hub)
        self.assertEqual(every_client(check), {})

    def loads(self, version, stage, hub):
        client(version).offline_load(stage.home, SIX).must()
        left = [name for _, _, names in os.walk(stage.home) for name in names if name.endswith(".incomplete")]
        self.assertEqual(left, [], version)

    def test_killed(self):
        self.taken_up("killed", lambda _: SHARD - MIB + SLACK, then=self.loads)

    def test_killed_at_a_moment_that_nobody_chose(self):
        self.taken_up("killed_by_bytes", lambda there: TOTAL - there + SLACK + 6 * (64 << 10))

    def test_killed_in_a_local_dir(self):
        def accepted(version, stage, hub):
            hub.log.clear()
            client(NEWEST).download(hub, stage.home, SIX, local_dir=stage.local).must()
            self.assertEqual(bodies(hub), [])
        self.taken_up("local_dir_killed", lambda _: SHARD - MIB + SLACK, then=accepted)


class Others(unittest.TestCase):
    def test_a_cache_without_links_is_left_as_it_is(self):
        with staged(NEWEST, "no_links_finished", os.path.join(ROOT, "others")) as stage, Hub(six()) as hub:
            self.assertEqual(received(pull(hub, stage.home, SIX)), 0)

    def test_blobs_in_the_shared_store_are_left_there(self):
        with staged(NEWEST, "shared_finished", os.path.join(ROOT, "others")) as stage, Hub(six()) as hub:
            self.assertEqual(received(pull(hub, stage.home, SIX)), 0)

    def test_main_has_moved(self):
        with staged(NEWEST, "main_moved", os.path.join(ROOT, "others")) as stage, Hub(moved()) as hub:
            self.assertEqual(received(pull(hub, stage.home, "acme/moved")), 0)

    def test_a_local_dir(self):
        with Hub(six()) as hub:
            home = new_home()
            local = home + ".local"
            pull(hub, home, SIX, "--local-dir", local)
            hub.log.clear()
            client(NEWEST).download(hub, home, SIX, local_dir=local).must()
            self.assertEqual(bodies(hub), [])
            self.assertEqual(received(pull(hub, home, SIX, "--local-dir", local)), 0)

    def test_two_pulls_and_two_clients_race(self):
        for first in ("0.36", NEWEST):
            with self.subTest(first), Hub(six(), faults=[throttle(MIB)]) as hub:
                home = new_home()
                running = client(first).start(hub, home, SIX)
                with ThreadPoolExecutor(2) as pool:
                    pulls = [pool.submit(pull, hub, home, SIX, verify=False) for _ in range(2)]
                    other = client("0.36" if first == NEWEST else NEWEST).start(hub, home, SIX)
                    for each in pulls:
                        each.result()
                    for each in (running, other):
                        each.wait().must()
                self.assertEqual(received(pull(hub, home, SIX)), 0)


if __name__ == "__main__":
    unittest.main()
