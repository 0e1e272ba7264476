"""hfaudit verify: what it proves, what it leaves alone, how it is stopped, and how a job is divided."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import unittest

from cli_case import COMMIT, HFAUDIT, CliCase

SANITIZED = "release" not in os.environ.get("HFAUDIT_BUILD", "")

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


def flip(path, offset):
    with open(path, "r+b") as file:
        file.seek(offset, os.SEEK_END if offset < 0 else os.SEEK_SET)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 0x10]))


class VerifyCase(CliCase):
    def verify(self, *args, code=0, **options):
        done = self.run_hfaudit("verify", "--format", "json", *args, **options)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return json.loads(done.stdout)

    def found(self, report):
        return sorted((f["id"], f["path"].rpartition("/")[2]) for f in report["findings"])

    def add_files(self, sizes, folder="models--acme--big"):
        """A repo whose blobs are named by their sha256: {name: size}; the same every time."""
        chance = random.Random(7)
        repo = os.path.join(self.home, "hub", folder)
        for name, size in sizes.items():
            content = chance.randbytes(size)
            blob = hashlib.sha256(content).hexdigest()
            self.write(os.path.join(repo, "blobs", blob), content)
            entry = os.path.join(repo, "snapshots", COMMIT, name)
            os.makedirs(os.path.dirname(entry), exist_ok=True)
            os.symlink(os.path.relpath(os.path.join(repo, "blobs", blob), os.path.dirname(entry)), entry)
        self.write(os.path.join(repo, "refs", "main"), COMMIT.encode())
        return repo

    def blob(self, repo, name):
        return os.path.realpath(os.path.join(repo, "snapshots", COMMIT, name))


class Content(VerifyCase):
    def test_one_flipped_bit_anywhere_is_found(self):
        sizes = {"empty.dat": 0, "one.dat": 1, "block.dat": 64, "page.dat": 4096, "piece.dat": (128 << 10) + 1,
                 "shard.dat": (3 << 20) + 12345}
        repo = self.add_files(sizes)
        self.add_repo(files={"README.md": b"# Fine", "vocab.txt": b"a\nb\n"})
        healthy = self.verify()
        self.assertEqual((healthy["verdict"], healthy["findings"]), ("clean", []))
        self.assertEqual(healthy["verified"]["files"], len(sizes) + 2)
        self.assertEqual(healthy["verified"]["bytes"], sum(sizes.values()) + 10)
        for name, size in sizes.items():
            for offset in {0, size // 2, size - 1} if size else ():
                with self.subTest(name=name, offset=offset):
                    flip(self.blob(repo, name), offset)
                    report = self.verify(code=1)
                    self.assertEqual(self.found(report), [("digest-mismatch", name)])
                    self.assertEqual({r["repo_id"]: r["verdict"] for r in report["repos"]},
                                     {"acme/big": "corrupt", "acme/fine": "complete"})
                    flip(self.blob(repo, name), offset)
        self.assertEqual(self.verify()["verdict"], "clean")

    def test_the_finding_says_what_it_should_be_and_what_it_is(self):
        repo = self.add_files({"a.dat": 100})
        blob = self.blob(repo, "a.dat")
        flip(blob, 50)
        with open(blob, "rb") as file:
            actual = hashlib.sha256(file.read()).hexdigest()
        details = self.verify(code=1)["findings"][0]["details"]
        self.assertEqual(details, {"basis": "name", "hash": "sha256", "expected": os.path.basename(blob),
                                   "actual": actual})

    def test_a_file_of_many_names_is_read_once(self):
        repo = self.add_files({"a.dat": 1000})
        other = os.path.join(self.home, "hub", "models--acme--linked")
        shutil.copytree(repo, other, symlinks=True)
        os.unlink(self.blob(other, "a.dat"))
        os.link(self.blob(repo, "a.dat"), os.path.join(other, "blobs", os.path.basename(self.blob(repo, "a.dat"))))
        again = os.path.join("..", "..", "blobs", os.path.basename(self.blob(repo, "a.dat")))
        os.symlink(again, os.path.join(repo, "snapshots", COMMIT, "again.dat"))
        self.assertEqual(self.verify()["verified"]["files"], 1)
        flip(self.blob(repo, "a.dat"), 0)
        report = self.verify(code=1)
        self.assertEqual({r["repo_id"]: r["verdict"] for r in report["repos"]},
                         {"acme/big": "corrupt", "acme/linked": "corrupt"})

    def test_an_orphan_blob_is_proven_too_and_no_model_suffers_from_it(self):
        repo = self.add_files({"a.dat": 1000, "b.dat": 2000})
        orphan = self.blob(repo, "b.dat")
        os.unlink(os.path.join(repo, "snapshots", COMMIT, "b.dat"))
        flip(orphan, 0)
        report = self.verify()
        self.assertEqual([(f["id"], f["severity"]) for f in report["findings"]],
                         [("digest-mismatch", "warning"), ("orphan-blob", "info")])
        self.assertEqual(self.verify("--fail-on", "warning", code=1)["exit_code"], 1)

    def test_what_scan_has_proven_wrong_is_told_once(self):
        pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 12345\n"
        repo = self.add_files({"model.safetensors": 100})
        with open(self.blob(repo, "model.safetensors"), "wb") as file:
            file.write(pointer)
        self.assertEqual(self.found(self.verify(code=1)), [("lfs-pointer", "model.safetensors")])

    def test_only_the_repo_and_the_files_that_were_asked_for_are_read(self):
        repo = self.add_files({"a.dat": 1000, "b.bin": 2000})
        self.add_files({"c.dat": 3000}, "models--acme--other")
        flip(self.blob(repo, "b.bin"), 7)
        self.assertEqual(self.verify("acme/other")["verified"]["bytes"], 3000)
        self.assertEqual(self.verify("acme/big", "--include", "*.dat")["verified"]["bytes"], 1000)
        self.assertEqual(self.verify("acme/big", "--exclude", "*.dat", code=1)["verified"]["bytes"], 2000)

    def test_partials_are_not_read(self):
        repo = self.add_files({"a.dat": 1000})
        self.write(os.path.join(repo, "blobs", "f" * 64 + ".incomplete"), b"x" * 500)
        self.assertEqual(self.verify(code=1)["verified"]["bytes"], 1000)

    def test_two_names_by_two_hashes_are_both_computed(self):
        content = b"a small file of a mirror"
        blob = hashlib.sha256(content).hexdigest()
        repo = os.path.join(self.home, "hub", "models--acme--mirror")
        self.write(os.path.join(repo, "blobs", blob), content)
        os.makedirs(os.path.join(repo, "snapshots", COMMIT))
        os.symlink("../../blobs/" + blob, os.path.join(repo, "snapshots", COMMIT, "a.txt"))
        self.write(os.path.join(repo, "refs", "main"), COMMIT.encode())
        oid = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        for tree, findings in ((oid, []), ("1" * 40, ["conflicting-digests", "digest-mismatch"])):
            listing = {"format_version": 1, "files": {"a.txt": {"size": len(content), "blob_id": tree}}}
            self.write(os.path.join(repo, "trees", COMMIT + ".json"), json.dumps(listing).encode())
            with self.subTest(tree=tree):
                report = self.verify(code=1 if findings else 0)
                self.assertEqual(sorted(f["id"] for f in report["findings"]), findings)


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
                time.sleep(0.7)
                with open(blob + ".new", "wb") as file:
                    file.write(last)
                os.replace(blob + ".new", blob)
                out, _ = process.communicate(timeout=30)
                self.assertEqual(process.returncode, code, out)

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
                process = self.start("--max-rate", "1M", "--jobs", "3")
                time.sleep(1)
                asked = time.monotonic()
                process.send_signal(number)
                out, err = process.communicate(timeout=30)
                self.assertLess(time.monotonic() - asked, 5 if SANITIZED else 1)
                self.assertEqual((process.returncode, err), (code, b""), out)
                report = json.loads(out)
                self.assertEqual(report["exit_code"], code)
                self.assertEqual(report["verified"]["left"]["bytes"], 8 << 20)
                self.assertEqual(self.found(report), [("digest-mismatch", "bad.dat")])

    def test_a_limit_of_time_leaves_the_rest_unproven(self):
        self.add_files({"big.dat": 8 << 20, "small.dat": 10})
        report = self.verify("--max-rate", "1M", "--max-duration", "500ms", "--jobs", "2", code=3)
        self.assertEqual(report["verdict"], "unknown")
        self.assertEqual(report["verified"]["left"], {"files": 1, "bytes": 8 << 20})

    def test_values_that_make_no_sense(self):
        for option, value in (("--subset", "0/3"), ("--subset", "4/3"), ("--subset", "x"), ("--subset", "0%"),
                              ("--subset", "101%"), ("--max-rate", "fast"), ("--max-rate", "0"),
                              ("--max-duration", "soon"), ("--max-duration", "")):
            with self.subTest(option=option, value=value):
                self.assert_usage("verify", option, value, says=option)


class Parts(VerifyCase):
    def setUp(self):
        super().setUp()
        chance = random.Random(3)
        self.sizes = {f"f{i}.dat": chance.choice((0, 10, 1000, 30000, 200_000)) + i for i in range(40)}
        self.repo = self.add_files(self.sizes)
        self.add_repo()

    def test_the_parts_of_a_job_cover_each_byte_once(self):
        total = self.verify()["verified"]
        for parts in range(1, 18):
            read = [self.verify("--subset", f"{n}/{parts}")["verified"] for n in range(1, parts + 1)]
            with self.subTest(parts=parts):
                self.assertEqual(sum(one["files"] for one in read), total["files"])
                self.assertEqual(sum(one["bytes"] for one in read), total["bytes"])
                self.assertEqual(len({one["subset"]["listing"] for one in read}), 1)
                most = max(one["bytes"] for one in read)
                self.assertLess(most, total["bytes"] / parts + max(self.sizes.values()) + 1)

    def test_damage_is_in_exactly_one_part_and_the_merged_report_has_it(self):
        flip(self.blob(self.repo, "f7.dat"), 3)
        codes = []
        for n in (1, 2, 3):
            done = self.run_hfaudit("verify", "--subset", f"{n}/3", "--format", "json", "--output", f"{n}.json")
            codes.append(done.returncode)
        self.assertEqual(sorted(codes), [0, 0, 1])
        merged = self.run_hfaudit("merge", "--format", "json", "1.json", "2.json", "3.json")
        report = json.loads(merged.stdout)
        self.assertEqual((merged.returncode, report["verdict"]), (1, "damaged"))
        self.assertEqual(self.found(report), [("digest-mismatch", "f7.dat")])
        self.assertEqual(self.run_hfaudit("merge", "1.json", "3.json").returncode, 3)

    def test_parts_with_files_that_have_no_hash_add_up_too(self):
        entry = os.path.join(self.repo, "snapshots", COMMIT, "copy.dat")
        self.write(entry, b"a copy that nothing speaks for")
        for n in (1, 2, 3):
            self.run_hfaudit("verify", "--subset", f"{n}/3", "--format", "json", "--output", f"{n}.json")
        merged = self.run_hfaudit("merge", "--format", "json", "1.json", "2.json", "3.json")
        self.assertEqual(merged.returncode, 0, merged.stdout)
        self.assertEqual(json.loads(merged.stdout)["verified"]["unverifiable"]["files"], 1)

    def test_a_share_and_an_amount_at_random_say_what_they_covered(self):
        total = self.verify()["verified"]["bytes"]
        share = self.verify("--subset", "10%")["verified"]
        self.assertGreaterEqual(share["bytes"], total // 10)
        self.assertLess(share["bytes"], total)
        amount = self.verify("--subset", "250k")["verified"]
        self.assertLessEqual(amount["bytes"], 250_000)
        self.assertEqual(amount["total"]["bytes"], total)
        read = {json.dumps(self.verify("--subset", "10%")["verified"]["bytes"]) for _ in range(8)}
        self.assertGreater(len(read), 1, "always the same files")
        text = self.run_hfaudit("verify", "--subset", "10%").stdout.decode()
        self.assertRegex(text, r"Read to the end: .*; that is 10% of 42 files")


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
        self.assertRegex(text, "\r\x1b\\[K(\x1b\\[2m)?Looked at")


if __name__ == "__main__":
    unittest.main()
