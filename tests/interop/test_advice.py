"""What the text report says to run next, run as somebody would paste it, until the cache is clean."""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from audit_runs import binary  # noqa: E402

import client_venvs  # noqa: E402
from clients import environment  # noqa: E402
from hub import Hub, make_model  # noqa: E402

SHARD = "model-00002-of-00003.safetensors"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 12345\n"


class Cache:
    """A finished download, and ways to damage it."""

    def __init__(self, home):
        self.home = home
        self.repo = os.path.join(home, "hub", "models--acme--six")

    def entry(self, name):
        return glob.glob(os.path.join(self.repo, "snapshots", "*", name))[0]

    def blob(self, name):
        return os.path.realpath(self.entry(name))

    def point(self, link, target):
        os.unlink(link)
        os.symlink(target, link)

    def blob_is_gone(self):
        os.unlink(self.blob(SHARD))

    def entry_and_blob_are_gone(self):
        blob = self.blob(SHARD)
        os.unlink(self.entry(SHARD))
        os.unlink(blob)

    def download_stopped(self):
        blob, entry = self.blob(SHARD), self.entry(SHARD)
        os.rename(blob, blob + ".0a1b2c3d.incomplete")
        os.truncate(blob + ".0a1b2c3d.incomplete", 5000)
        os.unlink(entry)

    def content_is_cut(self):
        os.truncate(self.blob(SHARD), 1000)

    def content_is_cut_and_no_listing_tells(self):
        self.content_is_cut()
        shutil.rmtree(os.path.join(self.repo, "trees"))

    def content_is_a_pointer(self):
        with open(self.blob(SHARD), "w", encoding="ascii") as file:
            file.write(POINTER)

    def content_is_a_web_page(self):
        with open(self.blob(SHARD), "w", encoding="ascii") as file:
            file.write("<!DOCTYPE html><html>Log in first</html>")

    def entry_points_at_a_partial(self):
        blob, entry = self.blob(SHARD), self.entry(SHARD)
        os.rename(blob, blob + ".incomplete")
        self.point(entry, os.readlink(entry) + ".incomplete")

    def entry_leads_outside(self):
        self.point(self.entry("config.json"), "/etc/hostname")

    def blob_leads_outside(self):
        blob = self.blob(SHARD)
        self.point(blob, "/etc/hostname")

    def ref_is_empty(self):
        os.truncate(os.path.join(self.repo, "refs", "main"), 0)

    def only_the_ref_is_left(self):
        for name in ("blobs", "snapshots", "trees"):
            shutil.rmtree(os.path.join(self.repo, name), ignore_errors=True)

    def listing_is_cut(self):
        os.truncate(glob.glob(os.path.join(self.repo, "trees", "*.json"))[0], 10)

    def marker_hides_a_file(self):
        commit = os.path.basename(os.path.dirname(self.entry("config.json")))
        os.makedirs(os.path.join(self.repo, ".no_exist", commit), exist_ok=True)
        with open(os.path.join(self.repo, ".no_exist", commit, "config.json"), "wb"):
            pass

    def snapshot_is_empty(self):
        os.makedirs(os.path.join(self.repo, "snapshots", "b" * 40, "sub"))


DAMAGES = [name for name, what in vars(Cache).items() if callable(what)
           and name not in ("__init__", "entry", "blob", "point")]

# One of each command that downloads, with a cache that only an option names.
ELSEWHERE = ("blob_is_gone", "content_is_a_pointer", "entry_leads_outside")


class Advice(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.bin = os.path.join(client_venvs.ensure(client_venvs.NEWEST), "bin")
        cls.root = tempfile.mkdtemp(prefix="hfaudit-advice-")
        cls.addClassCleanup(shutil.rmtree, cls.root, ignore_errors=True)
        cls.hub = cls.enterClassContext(Hub(make_model("acme/six", shards=3)))
        cls.whole = os.path.join(cls.root, "whole")
        done = cls.run_here("hf", "download", "acme/six", env=cls.client_environment(cls.whole))
        if done.returncode:
            raise AssertionError(done.stderr)

    @classmethod
    def client_environment(cls, home):
        env = environment(home, cls.hub)
        env["PATH"] = os.pathsep.join((cls.bin, os.path.dirname(binary()), env["PATH"]))
        return env

    @staticmethod
    def run_here(*command, env):
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)

    def check(self, damage, options, elsewhere):
        """Damages a fresh download, runs what is advised as somebody would paste it, and looks again."""
        home = os.path.join(tempfile.mkdtemp(dir=self.root), "hf")
        shutil.copytree(self.whole, home, symlinks=True)
        env = self.client_environment(home)
        getattr(Cache(home), damage)()

        if elsewhere:  # the environment names another home: the commands must not fall for it
            env["HF_HOME"] = home + ".other"
        scan = [binary(), "scan", "--fail-on", "warning", *(option.format(home=home) for option in options)]
        for _ in range(2):  # a download leaves what an earlier one left: that is the second report's matter
            report = self.run_here(*scan, env=env)
            self.assertEqual(report.stderr, "")
            commands = re.findall(r"^ +run: (.*)$", report.stdout, re.MULTILINE)
            if report.returncode == 0:
                break
            self.assertTrue(commands, report.stdout)
            for command in commands:
                done = self.run_here("bash", "-c", command, env=env)
                self.assertEqual(done.returncode, 0, f"{report.stdout}\n{command}\n{done.stderr}")
        after = self.run_here(*scan, env=env)
        self.assertEqual(after.returncode, 0, f"{report.stdout}\nthen\n{after.stdout}")
        self.assertRegex(after.stdout, r"(?m)^complete +acme/six ")
        self.assertFalse(os.path.exists(home + ".other"), "the client went to another cache")


def _make(damage):
    def test(self):
        self.check(damage, [], elsewhere=False)
        if damage in ELSEWHERE:
            self.check(damage, ["--cache-dir", "{home}/hub"], elsewhere=True)
    test.__doc__ = damage.replace("_", " ")
    return test


for _damage in DAMAGES:
    setattr(Advice, f"test_{_damage}", _make(_damage))


if __name__ == "__main__":
    unittest.main()
