"""What the tests on fixtures share: make a cache, scan it, say what it must yield."""

import collections
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import unittest

for _folder in ("../support", "../../man"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), _folder))

import findings  # noqa: E402
from system import reachable, run_for_peak  # noqa: E402

HFAUDIT = os.environ.get("HFAUDIT", "")
FIXTURE = os.environ.get("HFAUDIT_FIXTURE", "")
FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures")
NEEDS_ROOT = 77  # hfaudit-fixture's exit code
USER, OTHER = 54321, 54322  # ids that nobody has, for caches of somebody else

SEVERITY = findings.severities()

Scan = collections.namedtuple("Scan", "code report out err")


def case_names():
    """Of all fixtures: "missing-shard/with-tree", "story"."""
    return sorted(os.path.relpath(os.path.join(folder, name), FIXTURES)[:-len(".txt")]
                  for folder, _, files in os.walk(FIXTURES) for name in files if name.endswith(".txt"))


def case_path(name):
    return os.path.join(FIXTURES, name + ".txt")


def case_text(name):
    """The tree and the expectation."""
    with open(case_path(name), encoding="utf-8") as file:
        tree, separator, expectation = file.read().partition("\n---\n")
    assert separator, f"{name}: no line ---"
    return tree + "\n", expectation


def ids(scan):
    """The findings of a scan, counted."""
    return collections.Counter(finding["id"] for finding in scan.report["findings"])


def entry_state(path, with_atime=True):
    """All that a read-only tool must leave alone."""
    status = os.lstat(path)
    # Nothing can keep readlink(2) from touching a link's atime.
    atime = status.st_atime_ns if with_atime and not stat.S_ISLNK(status.st_mode) else None
    return (status.st_ino, status.st_mode, status.st_nlink, status.st_uid, status.st_gid, status.st_size,
            status.st_mtime_ns, status.st_ctime_ns, atime)


def all_paths(root):
    paths = [root]
    for folder, folders, files in os.walk(root):
        paths += [os.path.join(folder, name) for name in folders + files]
    return sorted(paths)


def age_atimes(paths):
    """Makes atimes so old that the kernel's relatime would renew each on a read."""
    for path in paths:
        if not os.path.islink(path):
            os.utime(path, ns=(os.lstat(path).st_mtime_ns - 10**9, os.lstat(path).st_mtime_ns))


class FixtureCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        if not (os.path.exists(HFAUDIT) and os.path.exists(FIXTURE)):
            self.skipTest("HFAUDIT and HFAUDIT_FIXTURE name no programs")
        self.scratch = tempfile.mkdtemp(prefix="hfaudit-fixture-")
        os.chmod(self.scratch, 0o755)  # other users are to look into it
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)
        self.home = os.path.join(self.scratch, "home")
        self.cache = os.path.join(self.scratch, "cache")
        os.mkdir(self.home)

    def make(self, tree, dest=None):
        """Materialises a fixture, by name or as text; skips the test where that needs root."""
        path = case_path(tree)
        if "\n" in tree:
            path = os.path.join(self.scratch, "tree.txt")
            with open(path, "w", encoding="utf-8") as file:
                file.write(tree)
        done = subprocess.run([FIXTURE, "--user", str(USER), "--other", str(OTHER), path, dest or self.cache],
                              stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode == NEEDS_ROOT:
            self.skipTest("needs root")
        self.assertEqual(done.returncode, 0, done.stderr)
        return dest or self.cache

    def environment(self, **more):
        return {"PATH": "/usr/bin:/bin", "HOME": self.home, "HF_HOME": self.cache, "LC_ALL": "C.UTF-8", **more}

    def run_hfaudit(self, *args, env=None, prefix=(), timeout=60):
        program = reachable(HFAUDIT) if prefix else HFAUDIT  # a prefix makes it another user's
        done = subprocess.run([*prefix, program, *args], env=self.environment(**(env or {})), timeout=timeout,
                              cwd=self.home, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.assertGreaterEqual(done.returncode, 0, f"killed by a signal: {done.stderr[-2000:]}")
        return done

    def scan(self, *args, command="scan", **options):
        done = self.run_hfaudit(command, "--format", "json", *args, **options)
        err = done.stderr.decode("utf-8", "replace")
        try:
            report = json.loads(done.stdout)
        except ValueError:
            self.fail(f"exit {done.returncode}, no JSON: {done.stdout[-500:]!r} {err}")
        return Scan(done.returncode, report, done.stdout, err)

    def assert_findings(self, scan, **expected):
        """assert_findings(scan, stale_lock=1): exactly these."""
        wanted = {name.replace("_", "-"): count for name, count in expected.items()}
        self.assertEqual(dict(ids(scan)), wanted, json.dumps(scan.report["findings"], indent=1))


GOOD = """
repo models--acme--good
commit C
git config json{"model_type":"bert"}
lfs weights safetensors:8192
snapshot $C {
  config.json -> $config
  model.safetensors -> $weights
}
ref main $C
"""
BAD = GOOD.replace("--good", "--bad")


class DamagedCase(FixtureCase):
    """Two repos, one to be damaged and one that must be audited all the same."""

    def setUp(self):
        super().setUp()
        self.hub = os.path.join(self.cache, "hub")
        self.bad = os.path.join(self.hub, "models--acme--bad")

    def make_both(self, more=""):
        self.make(GOOD + BAD + more)
        self.snapshot = os.path.join(self.bad, "snapshots", os.listdir(os.path.join(self.bad, "snapshots"))[0])

    def write(self, path, data):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            os.unlink(path)
        with open(path, "wb") as file:
            file.write(data)

    def write_sparse(self, path, size, head=b""):
        self.write(path, head)
        os.truncate(path, size)

    def peak_memory(self, *args):
        """Peak KiB of a scan, its exit code and its output."""
        out = os.path.join(self.scratch, "out.json")
        peak, code = run_for_peak([HFAUDIT, "scan", "--format", "json", *args], self.environment(), out)
        with open(out, encoding="utf-8") as file:
            return peak, code, json.load(file)

    def good_is_complete(self, report):
        verdicts = {repo["repo_id"]: repo["verdict"] for repo in report["repos"]}
        self.assertEqual(verdicts.get("acme/good"), "complete", verdicts)
        return verdicts.get("acme/bad")

    def scan_around(self, *args, **options):
        """A scan in which the good repo is audited whatever the bad one holds; within seconds."""
        start = time.monotonic()
        scan = self.scan(*args, **options)
        self.assertLess(time.monotonic() - start, 20)
        self.good_is_complete(scan.report)
        self.assertIn(scan.code, (0, 1, 3))
        return scan
