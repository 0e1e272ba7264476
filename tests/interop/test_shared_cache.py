"""A cache that two ordinary users share by a group, with real clients of three ages: what the clients of one member leave
stops those of another, until `hfaudit repair --only ownership` has run, as the owner or as root. Needs root.

HFAUDIT names the binary.
"""

import functools
import glob
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from audit_runs import binary  # noqa: E402

import client_venvs  # noqa: E402
import clients  # noqa: E402
from clients import NEWEST, Client  # noqa: E402
from hub import MIB, Hub, barrier, make_model  # noqa: E402
from system import is_reachable, reachable  # noqa: E402

GROUP = 3000
HELD = "model-00003-of-00003.safetensors"  # the Hub does not send it whole before it is told to
AGES = ("0.36", "1.28", NEWEST)


@functools.cache
def client(version):
    """As clients.client, with a Python that every user can run: that of the environment may lie below /root."""
    found = Client(version)
    same = f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    if not is_reachable(found.python):
        found.python = same if os.path.exists(same) else None
    return found


class Member:
    """A user of the group, with a home of their own beside the cache."""

    def __init__(self, uid, scratch, cache):
        self.uid, self.cache = uid, cache
        self.home = os.path.join(scratch, f"user-{uid}")
        os.makedirs(os.path.join(self.home, "tmp"))
        for path in (self.home, os.path.join(self.home, "tmp")):
            os.chown(path, uid, uid)
        self.env = {"HOME": self.home, "TMPDIR": os.path.join(self.home, "tmp"),
                    "XDG_CACHE_HOME": os.path.join(self.home, ".cache")}

    def env_of(self, version):
        return self.env | {"PYTHONPATH": glob.glob(client(version).venv + "/lib/*/site-packages")[0]}

    def identity(self, umask):
        return {"user": self.uid, "group": self.uid, "extra_groups": [GROUP], "umask": umask}

    def start(self, version, hub, repo="acme/six", umask=0o022, **arguments):
        return client(version).start(hub, self.cache, repo, env=self.env_of(version), identity=self.identity(umask), **arguments)

    def download(self, version, hub, repo="acme/six", **arguments):
        return self.start(version, hub, repo, **arguments).wait()

    def load(self, version, repo="acme/six"):
        return client(version).offline_load(self.cache, repo, env=self.env_of(version), identity=self.identity(0o022))

    def hfaudit(self, *words):
        return run_hfaudit(self.cache, words, **self.identity(0o022), home=self.home)


def run_hfaudit(cache, words, home, **identity):
    env = {"PATH": "/usr/bin:/bin", "HOME": home, "HF_HOME": cache, "LC_ALL": "C.UTF-8", "HF_HUB_OFFLINE": "1"}
    return subprocess.run([reachable(binary()), *words], env=env, cwd="/", stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False, **identity)


def modes(pattern):
    return {stat.S_IMODE(os.lstat(path).st_mode) for path in glob.glob(pattern, recursive=True)}


class SharedCache(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0:
            raise unittest.SkipTest("needs root, to run clients as two users")
        if not os.access(binary(), os.X_OK):
            raise AssertionError(f"{binary()} is not there: build it first, or set HFAUDIT")
        client_venvs.ensure_all(AGES)
        if client("0.36").python is None:
            raise unittest.SkipTest("no Python of this version that other users can run")
        for path in (client("0.36").venv, clients.RUNNER):
            if not is_reachable(path):
                raise unittest.SkipTest(f"other users cannot reach {path}")
        cls.repo = make_model("acme/six", shards=3, shard_size=2 * MIB)
        cls.other = make_model("acme/two", shards=1, shard_size=MIB)

    def setUp(self):
        self.scratch = tempfile.mkdtemp(prefix="hfaudit-shared-")
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)
        os.chmod(self.scratch, 0o755)
        self.cache = os.path.join(self.scratch, "hf")
        self.hub_folder = os.path.join(self.cache, "hub")
        os.makedirs(self.hub_folder)
        os.makedirs(self.cache + ".user/tmp", exist_ok=True)
        for path in (self.cache, self.hub_folder):
            os.chown(path, 2001, GROUP)
            os.chmod(path, 0o2775)
        self.owner, self.member = (Member(uid, self.scratch, self.cache) for uid in (2001, 2002))
        self.repo_folder = os.path.join(self.hub_folder, self.repo.folder)
        self.locks = os.path.join(self.hub_folder, ".locks", self.repo.folder)

    def leave_half(self, version, umask=0o022):
        """The owner's client is killed in the middle of a shard."""
        with Hub(self.repo, faults=[barrier("half", MIB, path=HELD)]) as hub:
            running = self.owner.start(version, hub, umask=umask, max_workers=1)
            hub.wait_held("half")
            running.kill_after(4 * MIB + MIB // 2)

    def repair(self, by_root):
        words = ("repair", "--only", "ownership")
        done = run_hfaudit(self.cache, words, home="/") if by_root else self.owner.hfaudit(*words)
        self.assertEqual(done.returncode in (0, 1), True, done.stdout + done.stderr)  # the download is still half
        return done.stdout

    def assert_stops(self, result):
        self.assertNotEqual(result.exit_code, 0)
        self.assertIn("PermissionError", result.stderr)

    def assert_shared(self, version):
        """Both members can do everything."""
        with Hub(self.repo, self.other) as hub:
            self.member.download(version, hub).must()
            for who in (self.owner, self.member):
                folder = who.load(version).must().value
                for path, file in self.repo.head.files.items():
                    with open(os.path.join(folder, path), "rb") as stream:
                        self.assertTrue(stream.read() == file.content.read(), path)
            # new entries, in folders that either of them has made
            self.member.download(version, hub, "acme/two", allow_patterns="*.json").must()
            self.owner.download(version, hub, "acme/two").must()
            self.member.load(version, "acme/two").must()
        for who in (self.owner, self.member):
            done = who.hfaudit("scan")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def check(self, version, by_root, umask=0o022):
        self.leave_half(version, umask)
        with Hub(self.repo) as hub:
            self.assert_stops(self.member.download(version, hub))
        done = self.member.hfaudit("scan")
        self.assertIn("no-access", done.stdout)
        said = self.repair(by_root)
        if version == "0.36":
            self.assertIn("huggingface_hub 1.4", said)
        self.assert_shared(version)

    def test_as_the_owner(self):
        for version in AGES:
            with self.subTest(client=version):
                self.setUp()
                self.check(version, by_root=False)

    def test_as_root(self):
        for version in AGES:
            with self.subTest(client=version):
                self.setUp()
                self.check(version, by_root=True)

    def test_a_member_who_closes_all(self):
        """With a umask of 077. A half file that nobody else may read stays private; nothing proves whose it is."""
        for version in ("1.28", NEWEST):
            with self.subTest(client=version):
                self.setUp()
                self.check(version, by_root=version == NEWEST, umask=0o077)

    def test_what_the_clients_write(self):
        expected = {"0.36": ({0o644}, set()), "1.28": ({0o664}, {0o600}), NEWEST: ({0o664}, {0o600})}
        for version in AGES:
            with self.subTest(client=version), Hub(self.repo) as hub:
                self.setUp()
                self.owner.download(version, hub).must()
                self.assertEqual((modes(self.locks + "/*.lock"), modes(self.repo_folder + "/trees/*")),
                                 expected[version])
                self.assertEqual(modes(self.repo_folder), {0o2755})

    def test_an_old_client_after_the_repair(self):
        """It makes locks that stop others again; the report says so, and each of the two can be helped."""
        with Hub(self.repo) as hub:
            self.owner.download("0.36", hub).must()
            self.repair(by_root=False)
            self.assertEqual(modes(self.locks + "/*.lock"), {0o664})
            self.member.download("0.36", hub, force_download=True).must()
            shutil.rmtree(self.locks)
            self.owner.download("0.36", hub, force_download=True).must()
            self.assertEqual(modes(self.locks + "/*.lock"), {0o644})
            self.assert_stops(self.member.download("0.36", hub, force_download=True))
            done = self.member.hfaudit("scan")
            self.assertIn("stale-lock", done.stdout)
            self.assertIn("huggingface_hub 1.4", done.stdout)
            self.assertIn("sudo hfaudit repair --only ownership", done.stdout)
            self.repair(by_root=True)
            self.member.download("0.36", hub, force_download=True).must()

    def test_a_token_stays_private(self):
        """Clients of other members stop at it, and the report says what they need."""
        with Hub(self.other) as hub:  # a cache without any repo would be no cache yet
            self.owner.start(NEWEST, hub, "acme/two", umask=0o002).wait().must()
        token = os.path.join(self.cache, "token")
        with open(token, "w", encoding="ascii") as file:
            file.write("hf_" + "x" * 34)
        os.chown(token, 2001, GROUP)
        os.chmod(token, 0o600)
        with Hub(self.repo) as hub:
            self.assert_stops(self.member.download(NEWEST, hub))
            done = self.member.hfaudit("scan")
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("HF_TOKEN_PATH", done.stdout)
            self.assertNotIn("run:", done.stdout)
            for by_root in (False, True):
                self.repair(by_root)
            self.assertEqual(modes(token), {0o600})


if __name__ == "__main__":
    unittest.main()
