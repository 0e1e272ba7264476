"""hfaudit verify where something gets in its way: a disk that fails, files that change, a user who stops it."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest

from cli_case import COMMIT, HFAUDIT, SANITIZED
from verify_case import VerifyCase, flip

# Fails or slows down what is read of files whose name ends with HFAUDIT_TEST_SUFFIX.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t pread64(int fd, void *into, size_t count, off_t offset) {
  static ssize_t (*real)(int, void *, size_t, off_t);
  if (!real) real = (ssize_t(*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread64");
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  const char *suffix = getenv("HFAUDIT_TEST_SUFFIX");
  if (length > 0 && suffix) {
    path[length] = 0;
    size_t s = strlen(suffix);
    long bad = atol(getenv("HFAUDIT_TEST_BAD_BYTE"));
    if (length >= (ssize_t)s && !strcmp(path + length - s, suffix) && offset <= bad && bad < offset + (off_t)count) {
      errno = EIO;
      return -1;
    }
  }
  return real(fd, into, count, offset);
}
ssize_t pread(int fd, void *into, size_t count, off_t offset) { return pread64(fd, into, count, offset); }
"""


class Trouble(VerifyCase):
    def read_badly(self, name, byte):
        """An environment in which the disk fails at a byte of a blob."""
        if SANITIZED or not shutil.which("cc"):
            self.skipTest("needs a C compiler and a program without sanitizers")
        shim = os.path.join(self.scratch, "shim.so")
        self.write(shim + ".c", SHIM.encode())
        subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, shim + ".c", "-ldl"], check=True)
        return {"LD_PRELOAD": shim, "HFAUDIT_TEST_SUFFIX": name, "HFAUDIT_TEST_BAD_BYTE": str(byte)}

    def test_a_disk_that_fails_in_the_middle_leaves_a_file_unread(self):
        repo = self.add_files({"a.dat": 3 << 20, "b.dat": 1000})
        name = os.path.basename(self.blob(repo, "a.dat"))
        report = self.verify(code=3, env=self.read_badly(name, 1_500_000))
        page = 1_500_000 // 4096 * 4096
        self.assertEqual([(b["operation"], b["cause"]) for b in report["blind"]],
                         [(f"read byte {page} of", "Input/output error")])
        self.assertEqual((report["verdict"], report["findings"]), ("unknown", []))
        self.assertEqual(report["repos"][0]["revisions"][0]["verdict"], "unknown")
        self.assertEqual(report["verified"]["files"], 1)
        self.assertEqual(report["verified"]["left"], {"files": 1, "bytes": 3 << 20})

    def test_a_file_that_may_not_be_read(self):
        repo = self.add_files({"a.dat": 1000, "b.dat": 1000})
        os.chmod(self.blob(repo, "a.dat"), 0)
        somebody = {"user": 54321, "group": 54321, "extra_groups": []} if os.geteuid() == 0 else {}
        self.assertEqual(self.verify(code=3, **somebody)["verified"]["left"]["files"], 1)

    def test_a_file_that_is_replaced_meanwhile_is_judged_as_it_is_in_the_end(self):
        repo = self.add_files({"a.dat": 1 << 20, "b.dat": 1 << 20, "c.dat": 1 << 20, "fast.dat": 100})  # it is read last
        blob = self.blob(repo, "fast.dat")
        with open(blob, "rb") as file:
            right = file.read()
        for last, code in ((b"wrong", 1), (right, 0)):
            with self.subTest(code=code):
                process = self.start("--max-rate", "1M", "--jobs", "1")
                self.wait_reading(process, *(self.blob(repo, name) for name in self.SLOW))
                with open(blob + ".new", "wb") as file:
                    file.write(last)
                os.replace(blob + ".new", blob)
                out, _ = process.communicate(timeout=30)
                self.assertEqual(process.returncode, code, out)

    SLOW = {"a.dat": 1 << 20, "b.dat": 1 << 20, "c.dat": 1 << 20}  # three seconds at --max-rate 1M; the rest comes last

    def verify_while(self, repo, change, *args):
        """The exit code and the report of a verify in which something is changed before it has read the small files."""
        process = self.start("--max-rate", "1M", "--jobs", "1", *args)
        self.wait_reading(process, *(self.blob(repo, name) for name in self.SLOW))
        change()
        out, err = process.communicate(timeout=60)
        self.assertEqual(err, b"")
        return process.returncode, json.loads(out)

    def test_a_ref_that_is_emptied_meanwhile_hides_no_damage(self):
        repo = self.add_files({**self.SLOW, "bad.dat": 100})
        flip(self.blob(repo, "bad.dat"), 3)
        code, report = self.verify_while(repo, lambda: self.write(os.path.join(repo, "refs", "main"), b""), "acme/big@main")
        self.assertEqual((code, self.found(report)), (1, [("digest-mismatch", "bad.dat")]))

    def test_a_file_that_loses_one_of_its_names_is_read_by_the_other(self):
        repo = self.add_files({**self.SLOW, "bad.dat": 100})
        other = os.path.join(self.home, "hub", "models--acme--other")
        blob = self.blob(repo, "bad.dat")
        flip(blob, 3)
        shutil.copytree(repo, other, symlinks=True, ignore=shutil.ignore_patterns("blobs"))
        os.mkdir(os.path.join(other, "blobs"))
        for name in os.listdir(os.path.join(repo, "blobs")):
            os.link(os.path.join(repo, "blobs", name), os.path.join(other, "blobs", name))
        code, report = self.verify_while(repo, lambda: shutil.rmtree(repo))
        self.assertEqual((code, self.found(report)), (1, [("digest-mismatch", "bad.dat")]))

    def test_what_takes_the_place_of_a_file_of_a_part_is_read_with_that_part(self):
        repo = self.add_files({**self.SLOW, "bad.dat": 100})
        blob = self.blob(repo, "bad.dat")

        def replace():
            self.write(blob + ".new", b"x" * 100)
            os.replace(blob + ".new", blob)

        code, report = self.verify_while(repo, replace, "--subset", "1/1")
        self.assertEqual((code, self.found(report)), (1, [("digest-mismatch", "bad.dat")]))

    def start(self, *args):
        process = subprocess.Popen([HFAUDIT, "verify", "--format", "json", *args], env=self.environment(),
                                   cwd=self.scratch, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        return process

    def test_an_interrupt_stops_within_a_second_and_tells_what_was_proven(self):
        repo = self.add_files({"big.dat": 8 << 20, "small.dat": 10, "bad.dat": 30})
        flip(self.blob(repo, "bad.dat"), 3)
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(code=code):
                process = self.start("--max-rate", "1M", "--jobs", "3", "--format", "ndjson")
                told = {"files": 0}
                while told.get("files") != 2:  # all but the big one
                    told = json.loads(process.stdout.readline())
                asked = time.monotonic()
                process.send_signal(number)
                out, err = process.communicate(timeout=30)
                self.assertLess(time.monotonic() - asked, 5 if SANITIZED else 1)
                self.assertEqual((process.returncode, err), (code, b""), out)
                lines = [json.loads(line) for line in out.splitlines()]
                end = lines[-1]
                self.assertEqual(end["exit_code"], code)
                self.assertEqual(end["verified"]["left"]["bytes"], 8 << 20)
                self.assertEqual(self.found({"findings": [line for line in lines if line["type"] == "finding"]}),
                                 [("digest-mismatch", "bad.dat")])

    def test_a_signal_that_our_parent_ignores_is_ignored(self):
        repo = self.add_files({"big.dat": 1 << 20})
        script = f"trap '' INT; exec {HFAUDIT} verify --max-rate 1M"
        with subprocess.Popen(["sh", "-c", script], env=self.environment(), stdout=subprocess.PIPE) as process:
            self.wait_reading(process, self.blob(repo, "big.dat"))
            process.send_signal(signal.SIGINT)
            self.assertIn(b"clean", process.communicate(timeout=30)[0])
        self.assertEqual(process.returncode, 0)

    def test_a_limit_of_time_leaves_the_rest_unproven(self):
        self.add_files({"big.dat": 8 << 20, "small.dat": 10})
        report = self.verify("--max-rate", "1M", "--max-duration", "3s", "--jobs", "2", code=3)
        self.assertEqual(report["verdict"], "unknown")
        self.assertEqual(report["verified"]["left"], {"files": 1, "bytes": 8 << 20})

    def test_values_that_make_no_sense(self):
        for option, value in (("--subset", "0/3"), ("--subset", "4/3"), ("--subset", "x"), ("--subset", "0%"),
                              ("--subset", "101%"), ("--max-rate", "fast"), ("--max-rate", "0"),
                              ("--max-duration", "soon"), ("--max-duration", "")):
            with self.subTest(option=option, value=value):
                self.assert_usage("verify", option, value, says=option)


class LocalDir(VerifyCase):
    def test_a_file_that_its_user_changed_is_no_damage_and_one_that_the_disk_changed_is(self):
        folder = os.path.join(self.scratch, "six")
        content = b'{"model_type": "bert"}'
        oid = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        for name in ("data.json", "other.json"):
            self.write(os.path.join(folder, name), content)
            record = f"{COMMIT}\n{oid}\n{time.time()}\n".encode()
            self.write(os.path.join(folder, ".cache", "huggingface", "download", name + ".metadata"), record)
        path = os.path.join(folder, "data.json")
        times = os.stat(path)
        flip(path, 3)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        self.assertEqual(self.found(self.verify("--local-dir", folder, code=1)), [("digest-mismatch", "data.json")])
        os.utime(path, (time.time() + 60, time.time() + 60))
        report = self.verify("--local-dir", folder)
        self.assertEqual([(f["id"], f["severity"], f["fix"]) for f in report["findings"]],
                         [("digest-mismatch", "warning", None)])

    def test_a_folder_that_cannot_be_entered_is_not_taken_for_whole(self):
        folder = os.path.join(self.scratch, "six")
        self.write(os.path.join(folder, "sub", "a.dat"), b"a")
        os.chmod(os.path.join(folder, "sub"), 0o744)
        somebody = {"user": 54321, "group": 54321, "extra_groups": []} if os.geteuid() == 0 else {}
        os.chmod(os.path.join(folder, "sub"), 0o744 if somebody else 0o400)
        self.assertEqual(self.verify("--local-dir", folder, code=3, **somebody)["verdict"], "unknown")


class Progress(VerifyCase):
    def test_ndjson_tells_progress_between_start_and_end(self):
        self.add_files({"big.dat": 3 << 20})
        done = self.run_hfaudit("verify", "--format", "ndjson", "--max-rate", "1M")
        objects = [json.loads(line) for line in done.stdout.splitlines()]
        kinds = [one["type"] for one in objects]
        self.assertEqual((kinds[0], kinds[1], kinds[-2:]), ("start", "progress", ["repo", "end"]))
        self.assertEqual(kinds.count("start"), 1)
        self.assertEqual(objects[1]["bytes_total"], 3 << 20)
        self.assertEqual(objects[0]["command"], "verify")
        self.assertEqual(done.stderr, b"")

    def test_a_log_gets_no_bar(self):
        self.add_files({"big.dat": 1 << 20})
        done = self.run_hfaudit("verify", "--max-rate", "1M")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertNotIn(b"\r", done.stdout)

    def test_a_terminal_gets_a_bar_which_is_gone_in_the_end(self):
        self.add_files({"big.dat": 1 << 20})
        script = ("import os,pty,sys;os.environ['TERM']='xterm';"
                  "sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))")
        done = subprocess.run([sys.executable, "-c", script, HFAUDIT, "verify", "--max-rate", "500k"],
                              env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, check=False,
                              timeout=60)
        text = done.stdout.decode()
        self.assertRegex(text, r"\r(\[[#.]*\] )?\d+\.\d%  [\d.]+ kB / 1\.05 MB  [\d.]+ kB/s  \d+ s left")
        self.assertRegex(text, "\r\x1b\\[K(\x1b\\[2m)?Cache: ")


if __name__ == "__main__":
    unittest.main()
