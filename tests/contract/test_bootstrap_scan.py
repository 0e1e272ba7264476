"""bootstrap on a full disk, and the scan of the demo."""

import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from bootstrap_case import BootstrapCase  # noqa: E402
from system import mount  # noqa: E402

FULL = "fatal error: error writing to /tmp/x.s: No space left on device"


class FullDisk(BootstrapCase):
    def assert_names_the_disk(self, what, *args, output=FULL, **environment):
        said = self.bootstrap(*args, code=3, FAKE_OUTPUT=output, FAKE_FREE="5000", **environment)
        self.assertRegex(
            said.splitlines()[-1],
            rf"\Abootstrap: the disk is full: /\S* \(tmpfs\) has 4 MB free; {what}"
            r" needs about \d+ MB\Z",
        )
        return said

    def test_every_step(self):
        self.assert_names_the_disk("configuring the build", "build", FAKE_CONFIGURE_FAILS="yes")
        self.assert_names_the_disk("the build", "build", FAKE_BUILD_FAILS="ON")
        self.assert_names_the_disk("the demo", "scan", FAKE_DEMO_FAILS="yes")
        self.remove("g++")
        for step in ("update", "install"):
            self.assert_names_the_disk(
                f"apt-get {step}", "build", FAKE_APT_FAILS=step, FAKE_MISSING="yes"
            )

    def test_what_apt_knows_is_used(self):
        self.remove("g++")
        said = self.assert_names_the_disk(
            "apt-get install",
            "build",
            FAKE_APT_FAILS="install",
            FAKE_MISSING="yes",
            output="After this operation, 523 MB of additional disk space will be used.\n"
            "E: You don't have enough free space in /var/cache/apt/archives/.",
        )
        self.assertRegex(said, r"the disk is full: /var\S* ")
        self.assertIn("needs about 523 MB", said)

    def test_dpkg_names_a_folder(self):
        self.remove("g++")
        said = self.assert_names_the_disk(
            "apt-get install",
            "build",
            FAKE_APT_FAILS="install",
            FAKE_MISSING="yes",
            output="cannot copy extracted data for './usr/bin/none' to '/usr/bin/none.dpkg-new':"
            " failed to write (No space left on device)",
        )
        self.assertIn("the disk is full: /usr/bin ", said)

    def test_a_full_disk_that_is_none_of_those_known(self):
        said = self.bootstrap("build", code=3, FAKE_BUILD_FAILS="ON", FAKE_OUTPUT=FULL)
        self.assertIn(FULL, said)
        self.assertIn("bootstrap: a disk is full, see above: ", said)

    def test_an_empty_disk_without_a_word_in_the_log(self):
        said = self.bootstrap("build", code=3, FAKE_BUILD_FAILS="ON", FAKE_FREE="12")
        self.assertIn("has 0 MB free", said)

    def test_another_failure_is_not_taken_for_a_full_disk(self):
        said = self.bootstrap("build", code=3, FAKE_BUILD_FAILS="ON", FAKE_OUTPUT="error: wrong")
        self.assertNotIn("disk", said)

    def test_a_disk_on_which_not_even_a_log_fits(self):
        build = os.path.join(self.tree, "build")
        os.mkdir(build)
        self.remove("df")
        os.symlink(shutil.which("df"), os.path.join(self.bin, "df"))
        mount(self, "-t", "tmpfs", "-o", "size=64k,mode=755", "tmpfs", build)
        with open(os.path.join(build, "filler"), "wb", buffering=0) as file, self.assertRaises(
            OSError
        ):
            while True:
                file.write(b"x" * 4096)
        said = self.bootstrap("build", code=3)
        self.assertRegex(said, rf"the disk is full: {build}\S* \(tmpfs\) has 0 MB free; ")


class Scans(BootstrapCase):
    def setUp(self):
        super().setUp()
        self.hf = os.path.join(self.home, ".cache", "huggingface")

    def assert_demo(self, code=0, says="", **environment):
        said = self.bootstrap("scan", code=code, **environment)
        self.assertEqual(self.called("hfaudit")[-1], "hfaudit scan --hf-home build/demo", said)
        self.assertIn(says, said)

    def assert_scan(self, *args, **environment):
        said = self.bootstrap("scan", *args, code=7, FAKE_SCAN="7", **environment)
        self.assertEqual(self.called("hfaudit")[-1], " ".join(("hfaudit scan", *args)), said)
        self.assertNotIn("demo", said)

    def test_no_cache(self):
        self.assert_demo(says=f"{self.hf} does not exist")

    def test_a_named_folder_that_does_not_exist(self):
        absent = os.path.join(self.scratch, "absent")
        self.assert_demo(code=2, says=f"no such folder: {absent}", HF_HOME=absent)
        self.assert_demo(code=2, says=f"no such folder: {absent}", HF_HUB_CACHE=absent)
        self.assert_demo(code=2, says=f"no such folder: {self.home}/absent", HF_HOME="~/absent")

    def test_nothing_downloaded(self):
        """What login, the import of a client and an empty download folder leave."""
        for names in (
            (),
            ("token", "stored_tokens"),
            (".check_for_update_done", ".agent_harnesses.json"),
            ("hub/",),
            ("hub/.locks/",),
            ("hub/CACHEDIR.TAG", "hub/version.txt"),
            ("xet/logs/xet_1.log", "xet/logs/xet_2.log"),
        ):
            with self.subTest(names):
                shutil.rmtree(self.hf, ignore_errors=True)
                os.makedirs(self.hf)
                for name in names:
                    self.make(os.path.join(self.hf, name))
                where = (
                    os.path.join(self.hf, "hub")
                    if any(n.startswith("hub") for n in names)
                    else self.hf
                )
                self.assert_demo(says=f"nothing was downloaded to {where} yet")
                self.assert_demo(says="nothing was downloaded to", HF_HOME=self.hf)
                self.assert_demo(says="nothing was downloaded to", HF_HOME="~/.cache/huggingface")
        empty = os.path.join(self.scratch, "empty")
        os.mkdir(empty)
        self.assert_demo(says=f"nothing was downloaded to {empty} yet", HF_HUB_CACHE=empty)

    def test_anything_else_is_scanned(self):
        for name in (
            "hub/models--a--b/refs/main",
            "hub/models--a--b/",
            "models--a--b/",
            "models--a--b/refs/main",
            "hub/tmpabc",
            "hub/.locks/models--a--b/x.lock",
            "hub/blobs/ab/c",
            "xet/staging/a",
            "notes",
            "hub/token",
            "assets/x/y",
            "datasets--a--b/",
            "hub/two words",
            "hub/CACHEDIR.TAG.x",
        ):
            with self.subTest(name):
                shutil.rmtree(self.hf, ignore_errors=True)
                path = os.path.join(self.hf, name)
                self.make(path)
                self.assert_scan()
                self.assert_scan(HF_HOME=self.hf)
                if name.startswith("hub"):
                    self.assert_scan(HF_HUB_CACHE=os.path.join(self.hf, "hub"))

    def test_links(self):
        elsewhere = os.path.join(self.scratch, "disk")
        os.makedirs(elsewhere)
        os.makedirs(self.hf)
        os.symlink(elsewhere, os.path.join(self.hf, "hub"))
        self.assert_demo(says="nothing was downloaded to")
        self.write(os.path.join(elsewhere, "models--a--b", "refs", "main"))
        self.assert_scan()
        shutil.rmtree(elsewhere)
        self.assert_scan()  # a disk that is not mounted is no empty cache

    def test_a_file_in_place_of_a_folder(self):
        self.write(self.hf)
        self.assert_scan()

    def test_arguments_always_scan(self):
        self.assert_scan("--online")
        self.assert_scan("acme/six", HF_HOME=os.path.join(self.scratch, "absent"))

    def test_a_folder_that_cannot_be_read(self):
        hub = os.path.join(self.hf, "hub")
        os.makedirs(hub)
        for name in ("find", "ls"):  # root can read everything, so these two report it
            self.remove(name)
            self.stub(name, f"echo \"{name}: cannot open '$3': Permission denied\" >&2; exit 2")
            self.assert_scan()

    def test_a_demo_that_fails(self):
        self.assertIn(
            "exited with 0; the demo expects 1", self.bootstrap("scan", code=3, FAKE_SCAN="0")
        )


if __name__ == "__main__":
    unittest.main()
