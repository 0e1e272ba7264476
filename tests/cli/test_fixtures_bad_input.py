"""Caches that nobody meant: each gets its finding or one clear line, the rest is still audited, nothing hangs."""

import json
import os
import re
import stat
import subprocess
import sys
import unittest

from cli_case import each
from fixture_case import GOOD, DamagedCase, ids


class BadInput(DamagedCase):
    def one_clear_line(self, code, *args, **env):
        done = self.run_hfaudit("scan", *args, env=env)
        self.assertEqual((done.returncode, done.stdout), (code, b""), done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        return done.stderr.decode()

    # ----- nothing to look at

    def test_missing_cache(self):
        self.assertIn(self.cache, self.one_clear_line(2))

    def test_missing_hub(self):
        os.mkdir(self.cache)
        self.one_clear_line(2)

    def test_a_file_in_place_of_the_cache(self):
        self.write(self.cache, b"x")
        self.one_clear_line(2)

    def test_a_file_in_place_of_the_hub(self):
        self.write(self.hub, b"x")
        self.one_clear_line(2)

    def test_a_loop_in_place_of_the_hub(self):
        os.mkdir(self.cache)
        os.symlink("hub", self.hub)
        self.assertIn(self.run_hfaudit("scan").returncode, (2, 3))

    def test_an_unknown_repo(self):
        self.make(GOOD)
        self.assertIn("acme/other", self.one_clear_line(2, "acme/other"))

    def test_not_a_repo(self):
        self.make(GOOD)
        for name in ("", "..", "a/b/c", "a--b/c", "../../etc", "acme/", "/good", "acme/good@"):
            with self.subTest(name):
                self.one_clear_line(2, name)

    def test_an_unknown_option_and_a_bad_value(self):
        self.make(GOOD)
        for args in (["--no-such-option"], ["--format", "xml"], ["--fail-on", "sometimes"]):
            done = self.run_hfaudit("scan", *args)
            self.assertEqual((done.returncode, done.stdout), (2, b""), args)

    # ----- files and folders in each other's place

    def test_a_file_in_place_of_each_folder(self):
        for folder in ("blobs", "refs", "snapshots", "trees", ".no_exist"):
            with self.subTest(folder):
                self.cache = os.path.join(self.scratch, "cache-" + folder.strip("."))
                self.hub = os.path.join(self.cache, "hub")
                self.bad = os.path.join(self.hub, "models--acme--bad")
                self.make_both()
                path = os.path.join(self.bad, folder)
                if os.path.isdir(path):
                    os.rename(path, os.path.join(self.scratch, folder + ".aside"))
                self.write(path, b"no folder")
                scan = self.scan_around()
                self.assertTrue([f for f in scan.report["findings"] if f["repo_id"] == "acme/bad"])

    def test_a_folder_in_place_of_each_file(self):
        self.make_both("tree $C of snapshot\n")
        commit = os.path.basename(self.snapshot)
        for path in (f"refs/v1/{'x' * 200}", f"trees/{commit[::-1]}.json/x", "blobs/" + "a" * 64 + "/x",
                     f".no_exist/{commit}/config.json/x"):
            self.write(os.path.join(self.bad, path), b"")
        self.scan_around()

    # ----- links

    def test_loops(self):
        self.make_both()
        os.symlink("loop", os.path.join(self.snapshot, "loop"))
        os.symlink("b", os.path.join(self.snapshot, "a"))
        os.symlink("a", os.path.join(self.snapshot, "b"))
        os.symlink("..", os.path.join(self.snapshot, "up"))
        os.symlink(".", os.path.join(self.bad, "blobs", "c" * 64))
        os.symlink("models--acme--loop", os.path.join(self.hub, "models--acme--loop"))
        scan = self.scan_around()
        self.assertEqual(scan.code, 3)  # a repo that is a loop is unreachable
        self.assertEqual(ids(scan)["unreachable-repo"], 1)

    def test_folders_deeper_than_a_path_may_be_long(self):
        self.make_both()
        self.addCleanup(subprocess.run, ["rm", "-rf", self.cache], check=True)
        for top in (self.snapshot, os.path.join(self.bad, "refs"), os.path.join(self.bad, ".no_exist")):
            os.makedirs(top, exist_ok=True)
            folder = os.open(top, os.O_RDONLY)
            for _ in range(3000):
                os.mkdir("dd", dir_fd=folder)
                deeper = os.open("dd", os.O_RDONLY, dir_fd=folder)
                os.close(folder)
                folder = deeper
            os.close(folder)
        self.scan_around()

    # ----- pipes, sockets, devices

    def specials(self, path):
        yield os.mkfifo
        yield lambda where: os.mknod(where, stat.S_IFSOCK | 0o644)
        if os.geteuid() == 0:
            yield lambda where: os.mknod(where, stat.S_IFCHR | 0o644, os.makedev(1, 5))  # /dev/zero

    def test_special_files_do_not_hang(self):
        places = ["blobs/" + "d" * 64, "refs/v1", "refs/main", "trees/" + "e" * 40 + ".json", "notes",
                  "snapshots/" + "f" * 40 + "/config.json", "snapshots/" + "f" * 40 + "/model.safetensors",
                  "blobs/" + "d" * 64 + ".incomplete", "blobs/" + "d" * 64 + ".lock", ".no_exist/" + "f" * 40 + "/a"]
        for number, make in enumerate(self.specials(self.bad)):
            self.cache = os.path.join(self.scratch, f"special{number}")
            self.hub = os.path.join(self.cache, "hub")
            self.bad = os.path.join(self.hub, "models--acme--bad")
            self.make_both()
            for place in places:
                path = os.path.join(self.bad, place)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                if os.path.lexists(path):
                    os.unlink(path)
                make(path)
            os.symlink("../../blobs/" + "d" * 64, os.path.join(self.snapshot, "piped.safetensors"))
            make(os.path.join(self.cache, "token"))
            make(os.path.join(self.hub, "version.txt"))
            make(os.path.join(self.hub, "models--acme--special"))
            self.scan_around()

    # ----- names

    def test_names_never_reach_the_terminal_raw(self):
        self.make_both()
        evil = b"\x1b]0;owned\x07\x1b[31m\n\r\xff\xfe\xe2\x80\xae" + "\u0085\u009b".encode()
        hub, bad, snapshot = (os.fsencode(path) for path in (self.hub, self.bad, self.snapshot))
        os.symlink(b"../../blobs/" + evil, os.path.join(snapshot, evil + b".safetensors"))
        os.symlink(b"/" + evil, os.path.join(snapshot, b"out" + evil))
        self.write(os.path.join(bad, b"refs", evil), b"nothing")
        self.write(os.path.join(bad, b"blobs", b"e" * 64 + b"." + evil + b".incomplete"), b"x")
        self.write(os.path.join(bad, evil), b"x")
        self.write(os.path.join(hub, evil), b"x")
        os.makedirs(os.path.join(hub, b"models--acme--" + evil, b"refs"))
        outputs = {}
        for name in ("text", "json", "ndjson"):
            done = self.run_hfaudit("scan", "--format", name, "-v", "--color", "always" if name == "text" else "never")
            self.assertEqual(done.returncode, 1, done.stderr)
            for stream in (done.stdout, done.stderr):
                text = re.sub("\x1b\\[[0-9;]*m", "", stream.decode("utf-8")) if name == "text" else stream.decode("utf-8")
                self.assertEqual(re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text), [])
                self.assertNotIn("\x1b[31m\n", stream.decode("utf-8"))
            outputs[name] = done.stdout
        report = json.loads(outputs["json"])
        self.good_is_complete(report)
        self.assertTrue([f for f in report["findings"] if "path_b64" in f])
        for line in outputs["ndjson"].splitlines():
            json.loads(line)

    def test_names_on_the_command_line(self):
        self.make(GOOD)
        done = self.run_hfaudit("scan", b"acme/\x1b[31m\xff")
        self.assertEqual(done.returncode, 2)
        self.assertNotIn(b"\x1b", done.stderr)
        done.stderr.decode("utf-8")

    # ----- a world that moves

    def test_entries_that_vanish_while_we_look(self):
        """A process renames and unlinks as fast as it can; every scan ends, and honestly."""
        self.make_both()
        for number in range(40):
            os.symlink(f"../../blobs/{number:040x}", os.path.join(self.snapshot, f"x{number}.bin"))
        script = """
import os, sys
bad, n = sys.argv[1], 0
print("ready", flush=True)
while not os.path.exists(sys.argv[2]):
    n += 1
    for folder in ("blobs", "snapshots", "refs"):
        a, b = os.path.join(bad, folder), os.path.join(bad, folder + ".aside")
        os.rename(a, b); os.rename(b, a)
    p = os.path.join(bad, "blobs", "%040x" % (n % 40))
    open(p, "w").close(); os.rename(p, p + ".incomplete"); os.unlink(p + ".incomplete")
    os.rename(bad, bad + "x"); os.rename(bad + "x", bad)
"""
        stop = os.path.join(self.scratch, "stop")
        mover = subprocess.Popen([sys.executable, "-c", script, self.bad, stop], stdout=subprocess.PIPE, text=True)
        try:
            mover.stdout.readline()
            for _ in each(range(40)):
                scan = self.scan()
                self.good_is_complete(scan.report)
                self.assertIn(scan.code, (0, 1, 3), scan.err)
            self.assertIsNone(mover.poll(), "the mover must have been at work")
        finally:
            self.write(stop, b"")
            mover.wait()
            mover.stdout.close()
        self.assertEqual(ids(self.scan()), {"dangling-entry": 40})


if __name__ == "__main__":
    unittest.main()
