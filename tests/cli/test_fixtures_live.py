"""What is going on right now: locks and partials that living processes hold, and disks that are full."""

import os
import subprocess
import sys
import unittest

from fixture_case import FixtureCase
from system import mount  # fixture_case knows where that is

HOLDER = """
import fcntl, os, sys
for path, how in zip(sys.argv[1::2], sys.argv[2::2]):
    fd = os.open(path, os.O_RDONLY if how == "read" else os.O_RDWR)
    if how == "flock":
        fcntl.flock(fd, fcntl.LOCK_EX)
print("ready", flush=True)
sys.stdin.read()
"""

PARTIAL = """
repo models--acme--running
commit C
git config json{"model_type":"bert"}
lfs weights safetensors:8192 | absent
file @/blobs/$weights.%s copy:$weights truncate:3000
snapshot $C {
  config.json -> $config
}
tree $C of snapshot {
  model.safetensors $weights
}
ref main $C
file %s text:""
"""


class Live(FixtureCase):
    def hold(self, *paths_and_ways):
        """A process that holds files as said, until it is killed."""
        holder = subprocess.Popen([sys.executable, "-c", HOLDER, *paths_and_ways], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end, holder)
        self.assertEqual(holder.stdout.readline(), "ready\n")
        return holder

    @staticmethod
    def end(holder):
        holder.kill()
        holder.wait()
        holder.stdin.close()
        holder.stdout.close()

    def partial(self, suffix, lock="hub/.locks/$repo/$weights.lock"):
        """A cache with one partial; returns it and the lock of its blob."""
        self.make(PARTIAL % (suffix, lock))
        blobs = os.path.join(self.cache, "hub/models--acme--running/blobs")
        found = [os.path.join(blobs, name) for name in os.listdir(blobs) if name.endswith(suffix)]
        etag = os.path.basename(found[0])[:64]
        return found[0], os.path.join(self.cache, lock.replace("@", "hub/models--acme--running")
                                      .replace("$repo", "models--acme--running").replace("$weights", etag))

    def assert_live(self, live, **others):
        scan = self.scan()
        verdict = scan.report["repos"][0]["verdict"]
        if live:
            self.assert_findings(scan, download_in_progress=1, **others)
            self.assertEqual((verdict, scan.code, scan.report["verdict"]), ("in-progress", 0, "clean"))
        else:
            self.assert_findings(scan, incomplete_download=1, idle_lock=1, **others)
            self.assertEqual((verdict, scan.code, scan.report["verdict"]), ("incomplete", 1, "damaged"))
        return scan

    def test_a_lock_that_is_held_and_then_its_holder_dies(self):
        _, lock = self.partial("0a1b2c3d.incomplete")
        holder = self.hold(lock, "flock")
        scan = self.assert_live(True)
        self.assertIn(str(holder.pid), str(scan.report["findings"][0]))
        self.end(holder)
        self.assert_live(False)

    def test_a_scan_leaves_the_lock_with_its_holder(self):
        _, lock = self.partial("0a1b2c3d.incomplete")
        self.hold(lock, "flock")
        self.scan()
        script = "import fcntl,sys; fcntl.flock(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
        again = subprocess.run([sys.executable, "-c", script, lock], stderr=subprocess.DEVNULL, check=False)
        self.assertNotEqual(again.returncode, 0)

    def test_a_lock_beside_the_blob(self):
        _, lock = self.partial("part", "@/blobs/$weights.lock")
        self.hold(lock, "flock")
        self.assert_live(True)

    def test_a_lock_of_swift(self):
        _, lock = self.partial("incomplete", "hub/.locks/$repo/blobs/$weights.lock")
        self.hold(lock, "flock")
        self.assert_live(True)

    def test_a_partial_that_is_open_for_writing_without_any_lock(self):
        for suffix in ("incomplete", "downloadInProgress", "0a1b2c3d.incomplete"):
            with self.subTest(suffix):
                self.cache = os.path.join(self.scratch, suffix)
                path, _ = self.partial(suffix)
                holder = self.hold(path, "write")
                self.assert_live(True, idle_lock=1)
                self.end(holder)
                self.assert_live(False)

    def test_a_reader_is_no_download(self):
        path, _ = self.partial("incomplete")
        self.hold(path, "read")
        self.assert_live(False)

    def test_a_lock_of_another_blob_is_no_download_of_this_one(self):
        _, lock = self.partial("incomplete")
        other = os.path.join(os.path.dirname(lock), "f" * 64 + ".lock")
        with open(other, "w", encoding="ascii"):
            pass
        self.hold(other, "flock")
        self.assert_live(False)

    def test_stalled(self):
        path, lock = self.partial("0a1b2c3d.incomplete")
        os.utime(path, (1700000000, 1700000000))
        holder = self.hold(lock, "flock")
        scan = self.scan()
        self.assert_findings(scan, stalled_download=1)
        self.assertIn(str(holder.pid), str(scan.report["findings"][0]))
        self.assertEqual(scan.report["repos"][0]["verdict"], "in-progress")

    def test_a_held_lock_of_a_complete_repo_is_nothing(self):
        self.make("idle-lock/plain")
        folder = os.path.join(self.cache, "hub/.locks/models--acme--idle")
        self.hold(*[word for name in os.listdir(folder) for word in (os.path.join(folder, name), "flock")])
        self.assert_findings(self.scan())


class FullDisk(FixtureCase):
    """A file system of two megabytes."""

    def setUp(self):
        super().setUp()
        os.mkdir(self.cache)
        mount(self, "-t", "tmpfs", "-o", "size=2m,mode=755", "tmpfs", self.cache)

    def check(self, size, **findings):
        tree = PARTIAL % ("0a1b2c3d.incomplete", "hub/CACHEDIR.TAG")
        self.home_in_mount = os.path.join(self.cache, "home")
        self.make(tree.replace("model.safetensors $weights", f"model.safetensors $weights size:{size}"),
                  self.home_in_mount)
        scan = self.scan("--hf-home", self.home_in_mount)
        self.assert_findings(scan, **findings)
        self.assertEqual(scan.code, 1)

    def test_more_is_missing_than_is_free(self):
        self.check("3M", incomplete_download=1, low_disk_space=1)

    def test_enough_is_free(self):
        self.check("1M", incomplete_download=1)


if __name__ == "__main__":
    unittest.main()
