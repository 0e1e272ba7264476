"""Exports that fail or are stopped: their archive never passes for a complete one."""

import io
import os
import shutil
import signal
import subprocess
import tarfile
import time
import unittest

from cli_case import COMMIT, HFAUDIT
from export_case import BIG, FILES, FOLDER, ExportCase, sha256
from system import open_terminal


class BrokenArchives(ExportCase):
    """An archive that is not complete must not pass for one that is."""

    def overwrite(self, path, at):
        with open(path, "r+b") as file:
            file.seek(at)
            file.write(b"?")

    def arrive_broken(self, archive):
        self.unpack(archive, good=False)
        self.assertFalse(os.path.exists(os.path.join(self.target, "hub", FOLDER, "refs", "main")))

    def test_content_that_is_wrong(self):
        for name, at in (("model.bin", 7), ("model.bin", len(BIG) - 1), ("config.json", 3), ("a/b/c.txt", 0)):
            with self.subTest(name=name, at=at):
                self.add()
                self.add({"README.md": b"before"}, folder="datasets--acme--rows")
                self.overwrite(self.path(FOLDER, "blobs", sha256(FILES[name])), at)
                archive = self.export("acme/six", "datasets/acme/rows", code=1, says="run: hfaudit repair --verify")
                self.arrive_broken(archive)
                arrived = os.path.join(self.target, "hub", FOLDER, "blobs", sha256(FILES[name]))
                self.assertTrue(not os.path.exists(arrived) or os.path.getsize(arrived) < len(FILES[name]))
                self.at_target("verify", "acme/six", code=1)
                report = self.at_target("verify", "datasets/acme/rows")  # what was complete before it is whole
                self.assertEqual(report["repos"][0]["verdict"], "complete")
                shutil.rmtree(self.hub)
                shutil.rmtree(os.path.join(self.target, "hub"))
                os.makedirs(os.path.join(self.target, "hub"))

    def test_no_file_is_left(self):
        self.add()
        self.overwrite(self.path(FOLDER, "blobs", sha256(BIG)), 100)
        out = os.path.join(self.scratch, "six.tar")
        self.export("acme/six", "-o", out, code=1, says="the archive is not complete")
        self.assertEqual(sorted(os.listdir(self.scratch)), ["hf", "target"])

    def start(self, *args, **options):
        process = subprocess.Popen([HFAUDIT, "export", "-q", "acme/six", *args], env=self.environment(),
                                   stderr=subprocess.PIPE, **options)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def make_fifo(self):
        path = os.path.join(self.scratch, "fifo")
        os.mkfifo(path)
        return path

    def test_the_end_reaches_a_fifo_and_a_named_descriptor(self):
        self.add()
        whole = self.export("acme/six")
        fifo = self.make_fifo()
        self.assertEqual(self.export("acme/six", "-o", "/dev/stdout"), whole)
        for good in (True, False):
            if not good:
                self.overwrite(self.path(FOLDER, "blobs", sha256(FILES["config.json"])), 0)
            archives = [self.run_hfaudit("export", "acme/six", "-o", path) for path in ("/dev/stdout", "/dev/fd/1")]
            self.assertEqual([done.returncode for done in archives], [0 if good else 1] * 2)
            archives = [done.stdout for done in archives]
            process = self.start("-o", fifo)
            with open(fifo, "rb") as reader:
                archives.append(reader.read())
            self.assertEqual(process.wait(20), 0 if good else 1)
            for archive in archives:
                if good:
                    self.assertEqual(archive, whole)
                else:
                    self.assertIn(b"hfaudit: this archive is not complete: ", archive[-512:])
                    self.arrive_broken(archive)

    def test_a_signal_while_a_fifo_or_a_terminal_has_no_reader(self):
        self.add({**FILES, "more.bin": os.urandom(4 << 20)})
        fifo = self.make_fifo()
        process = self.start("-o", fifo)
        self.signal_once_handled(process, signal.SIGTERM)
        self.assertEqual(process.wait(20), 143)
        process = self.start("-o", fifo)
        with open(fifo, "rb") as reader:
            time.sleep(0.3)  # it is full by now
            self.signal_once_handled(process, signal.SIGTERM)
            self.assertEqual(process.wait(20), 143)
            self.arrive_broken(reader.read())
        controller, terminal = open_terminal(self)
        process = self.start("-o", os.ttyname(terminal))
        time.sleep(0.3)
        self.signal_once_handled(process, signal.SIGTERM)
        self.assertEqual(process.wait(20), 143)
        os.close(terminal)
        os.close(controller)

    def test_an_interrupted_export_between_two_links(self):
        """Each link is a record of its own: a pipe that is full after one of them looks like a whole archive."""
        links = 3000  # three pipes full: root's has a megabyte
        repo = self.add(tree=False)
        for number in range(links):
            os.symlink("../../blobs/" + sha256(BIG), os.path.join(repo, "snapshots", COMMIT, f"{number:05}.bin"))
        process = self.start(stdout=subprocess.PIPE)
        time.sleep(0.5)  # the pipe is full by now
        self.signal_once_handled(process, signal.SIGTERM)
        time.sleep(0.3)
        with process.stdout:
            archive = process.stdout.read()  # a slow reader
        self.assertEqual(process.wait(20), 143)
        self.assertLess(len(archive), links * 512)
        self.assertIn(b"hfaudit: this archive is not complete: ", archive[-512:])
        self.arrive_broken(archive)

    def test_readers_see_that_it_is_incomplete(self):
        self.add()
        self.overwrite(self.path(FOLDER, "blobs", sha256(FILES["config.json"])), 0)
        archive = self.export("acme/six", code=1)
        self.assertIn(b"hfaudit: this archive is not complete: ", archive[-512:])
        with self.assertRaises(tarfile.ReadError):
            tarfile.open(fileobj=io.BytesIO(archive)).getmembers()
        for program in ("bsdtar", "busybox"):
            where = shutil.which(program)
            if where:
                words = [where, *(["tar"] if program == "busybox" else []), "-tf", "-"]
                done = subprocess.run(words, input=archive, capture_output=True, check=False)
                self.assertNotEqual(done.returncode, 0, program)

    def test_a_reader_that_goes_away(self):
        self.add({**FILES, "more.bin": os.urandom(4 << 20)})
        process = subprocess.Popen([HFAUDIT, "export", "acme/six"], env=self.environment(), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        process.stdout.read(100)
        process.stdout.close()
        said = process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.wait(30), 3)
        self.assertIn(b"Broken pipe; the archive is not complete", said)

    def test_a_full_disk(self):
        self.add()
        with open("/dev/full", "wb") as full:
            self.export("acme/six", code=3, says="No space left on device", stdout=full)
        self.export("acme/six", "-o", "/dev/full", code=3, says="No space left on device")

    def test_a_signal_while_nobody_reads(self):
        self.add({**FILES, "more.bin": os.urandom(8 << 20)})
        for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
            process = subprocess.Popen([HFAUDIT, "export", "-q", "acme/six"], env=self.environment(),
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(0.3)  # the pipe is full by now
            self.signal_once_handled(process, number)
            try:
                self.assertEqual(process.wait(20), code)
            finally:
                process.kill()
                archive, said = process.communicate()
            # a sanitizer may complain of its symbolizer
            self.assertEqual([line for line in said.splitlines() if not line.startswith(b"==")], [])
            self.arrive_broken(archive)

    def test_a_transfer_that_breaks_off_anywhere(self):
        self.add()
        archive = self.export("acme/six")
        ends = [512 * i for i in range(1, 12)] + [len(archive) * i // 6 for i in range(1, 6)]
        ref = archive.rindex(b"refs/main")
        for end in sorted({*ends, ref - 1, ref}):
            with self.subTest(end=end):
                subprocess.run(["tar", "-x", "-C", os.path.join(self.target, "hub")], input=archive[:end], check=False,
                               capture_output=True)
                folder = os.path.join(self.target, "hub", FOLDER)
                if os.path.isdir(os.path.join(folder, "snapshots")):
                    self.assertFalse(os.path.exists(os.path.join(folder, "refs", "main")))
                    whole = all(os.path.exists(os.path.join(folder, "snapshots", COMMIT, name)) for name in FILES)
                    report = self.at_target("scan", code=None if whole else 1)
                    if not whole:
                        self.assertNotEqual(report["repos"][0]["verdict"], "complete")
                shutil.rmtree(os.path.join(self.target, "hub"))
                os.makedirs(os.path.join(self.target, "hub"))


if __name__ == "__main__":
    unittest.main()
