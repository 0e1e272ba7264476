"""What `./bootstrap release` packs, made of the built program: the wheel in a fresh venv, the extension of hf, the recipes."""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
import unittest.mock
import venv

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
RELEASE = os.path.join(ROOT, "packaging", "release")
HFAUDIT = os.environ.get("HFAUDIT", "")
sys.path.insert(0, RELEASE)

import wheels  # noqa: E402
from extension import make_extension  # noqa: E402
import debs  # noqa: E402
import release  # noqa: E402
import sbom  # noqa: E402
import toolchain  # noqa: E402
from release import version  # noqa: E402

EPOCH = 1_700_000_000
SCRIPT = """
import json, os, sys, hfaudit
program = hfaudit.find_hfaudit_bin()
assert os.path.dirname(program) == os.path.join(sys.prefix, "bin"), program
report = hfaudit.scan("acme/a", hf_home=sys.argv[1])
assert (report.verdict, report.exit_code, report.is_clean) == ("damaged", 1, False), report
assert [finding.id for finding in report.errors()] == ["dangling-entry"], report.findings
assert report.repos[0].revisions[0].refs == ("main",), report.repos
assert report.errors()[0].run.startswith("hfaudit repair"), report.errors()
assert hfaudit.verify("acme/a", hf_home=sys.argv[1], max_age="7d").raw["command"] == "verify"
for call in (lambda: hfaudit.scan("acme/none", hf_home=sys.argv[1]), lambda: hfaudit.scan("--help"), lambda: hfaudit.scan("a/b/c")):
    try:
        call()
    except hfaudit.HfauditError as error:
        assert error.exit_code == 2 and str(error), error
    else:
        raise AssertionError("no error")
print("fine")
"""


def machine():
    return os.uname().machine


def run(*words, **more):
    return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
                          check=False, **more)


def damaged_home(folder):
    repo = os.path.join(folder, "hub", "models--acme--a")
    snapshot = os.path.join(repo, "snapshots", "0" * 40)
    os.makedirs(snapshot)
    os.makedirs(os.path.join(repo, "refs"))
    with open(os.path.join(repo, "refs", "main"), "w", encoding="ascii") as file:
        file.write("0" * 40)
    os.symlink("../../blobs/gone", os.path.join(snapshot, "config.json"))
    return folder


@unittest.skipUnless(HFAUDIT, "HFAUDIT names no program")
class InAFreshVenv(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.place = place.name
        cls.wheel = wheels.make_wheel(cls.place, version(), machine(), HFAUDIT, EPOCH)
        cls.folder = os.path.join(cls.place, "venv")
        venv.create(cls.folder, with_pip=True)
        cls.python = os.path.join(cls.folder, "bin", "python")
        done = run(cls.python, "-m", "pip", "install", "--no-index", cls.wheel)
        if done.returncode:
            raise AssertionError(done.stdout)

    def test_the_program_by_each_of_its_names(self):
        for words in ([os.path.join(self.folder, "bin", "hfaudit")], [self.python, "-m", "hfaudit"]):
            self.assertEqual(run(*words, "--version").stdout, f"hfaudit {version()}\n")
        self.assertIn("hfaudit pull", run(os.path.join(self.folder, "bin", "hf-pull"), "--help").stdout)
        link = os.path.join(self.place, "hf-pull")
        os.symlink(os.path.join(self.folder, "bin", "hf-pull"), link)
        self.assertIn("hfaudit pull", run(link, "--help").stdout)
        self.assertIn("_hfaudit", run(self.python, "-m", "hfaudit", "completion", "bash").stdout)

    def test_reports_as_objects(self):
        home = damaged_home(os.path.join(self.place, "home"))
        env = {"PATH": "/usr/bin:/bin", "HOME": self.place, "HFAUDIT_OUTPUT": os.path.join(self.place, "stray"),
               "HFAUDIT_FORMAT": "text"}
        done = run(self.python, "-c", SCRIPT, home, env=env)
        self.assertEqual((done.returncode, done.stdout), (0, "fine\n"), done.stdout)
        self.assertFalse(os.path.exists(os.path.join(self.place, "stray")))

    def test_pip_sees_what_it_should(self):
        shown = run(self.python, "-m", "pip", "show", "--files", "hfaudit").stdout
        for line in (f"Version: {version()}", "License: Apache-2.0", "py.typed", "bin/hfaudit", "bin/hf-pull", "licenses/LICENSE"):
            self.assertIn(line, shown)
        self.assertIn("No broken requirements", run(self.python, "-m", "pip", "check").stdout)

    def test_the_same_bytes_twice(self):
        with tempfile.TemporaryDirectory() as other, open(self.wheel, "rb") as first:
            with open(wheels.make_wheel(other, version(), machine(), HFAUDIT, EPOCH), "rb") as second:
                self.assertEqual(first.read(), second.read())

    def test_another_machine_refuses_it(self):
        other = "aarch64" if machine() != "aarch64" else "x86_64"
        with tempfile.TemporaryDirectory() as place:
            done = run(self.python, "-m", "pip", "install", "--no-index", "--force-reinstall",
                       wheels.make_wheel(place, version(), other, HFAUDIT, EPOCH))
        self.assertIn("is not a supported wheel on this platform", done.stdout)


def text_of(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


# What CMake looks for: Debian's package for builds, its part of the static program, and the names of conda-forge and Nix.
LIBRARIES = {
    "Boost": ("libboost-filesystem-dev", "libboost1.74-dev", "libboost-devel", "boost"),
    "CLI11": ("libcli11-dev", "libcli11-dev", "cli11", "cli11"),
    "CURL": ("libcurl4-openssl-dev", "curl", "libcurl", "curl"),
    "LibArchive": ("libarchive-dev", "libarchive-dev", "libarchive", "libarchive"),
    "OpenSSL": ("libssl-dev", "libssl-dev", "openssl", "openssl"),
    "fmt": ("libfmt-dev", "libfmt-dev", "fmt", "fmt"),
    "nlohmann_json": ("nlohmann-json3-dev", "nlohmann-json3-dev", "nlohmann_json", "nlohmann_json"),
    "tl-expected": ("libexpected-dev", "libexpected-dev", "tl-expected", "tl-expected"),
}
FOR_THE_STATIC_PROGRAM = {"ZLIB": "zlib1g-dev"}


class Lists(unittest.TestCase):
    """The libraries that CMake looks for are in each list of packages."""

    def test_of_every_library(self):
        wanted = set(re.findall(r"find_package\(([\w-]+)", text_of("CMakeLists.txt"))) - {"Threads"}
        self.assertEqual(wanted, {*LIBRARIES, *FOR_THE_STATIC_PROGRAM})
        to_build = re.search(r'^to_build="([^"]*)"', text_of("bootstrap"), re.MULTILINE).group(1).split()
        host = re.search(r"^  host:\n((?:    - \S+\n)+)", text_of("packaging", "conda", "meta.yaml"), re.MULTILINE).group(1)
        inputs = re.search(r"buildInputs = \[ ([^]]*) \];\n\n", text_of("packaging", "nix", "package.nix")).group(1)
        for name, (package, part, conda, nix) in LIBRARIES.items():
            with self.subTest(name):
                self.assertIn(package, to_build)
                self.assertIn(package, (*toolchain.TOOLS, *toolchain.LIBRARIES))
                self.assertIn(part, sbom.COMPONENTS)
                self.assertIn(f"- {conda}\n", host)
                self.assertIn(nix, inputs.split())
        for package in FOR_THE_STATIC_PROGRAM.values():
            self.assertIn(package, toolchain.LIBRARIES)
            self.assertIn(package, sbom.COMPONENTS)

    def test_of_libraries_that_are_loaded_by_name(self):
        linked = re.findall(r"option\((HFAUDIT_LINK_\w+) ", text_of("CMakeLists.txt"))
        self.assertEqual(linked, ["HFAUDIT_LINK_CURL", "HFAUDIT_LINK_OPENSSL", "HFAUDIT_LINK_ARCHIVE"])
        for option in linked:  # conda and Nix link them, so that the program finds theirs
            self.assertIn(f"-D{option}=ON", text_of("packaging", "conda", "build.sh"))
            self.assertIn(f"-D{option}=ON", text_of("packaging", "nix", "package.nix"))
        for package in ("libcurl4", "libssl3", "libarchive13"):
            self.assertRegex(debs.DEPENDS, rf"\b{package}\b")
        for package in ("libcurl4-openssl-dev", "libssl-dev", "libarchive-dev"):
            self.assertRegex(debs.DEV_DEPENDS, rf"\b{package}(,|$)")

    def test_a_root_is_renewed_when_its_packages_change(self):
        with tempfile.TemporaryDirectory() as place:
            root = toolchain.Toolchain(place)
            self.assertFalse(root.is_ready("bookworm\ng++\n"))
            with open(os.path.join(place, ".ready"), "w", encoding="utf-8") as file:
                file.write("bookworm\ng++\n")
            self.assertTrue(root.is_ready("bookworm\ng++\n"))
            self.assertFalse(root.is_ready("bookworm\ng++\nlibarchive-dev:amd64\n"))


class Check(unittest.TestCase):
    def test_each_file_is_compared(self):
        with tempfile.TemporaryDirectory() as place:
            for folder, files in (("a", {"same": "1", "other": "1", "gone": "1", "SHA256SUMS": "1"}),
                                  ("b", {"same": "1", "other": "2", "new": "1", "SHA256SUMS": "2"})):
                os.mkdir(os.path.join(place, folder))
                for name, text in files.items():
                    with open(os.path.join(place, folder, name), "w", encoding="ascii") as file:
                        file.write(text)
            found = release.differing(os.path.join(place, "a"), os.path.join(place, "b"))
        self.assertEqual(found, ["gone", "new", "other"])

    @unittest.skipUnless(shutil.which("git"), "git is not installed")
    def test_what_is_not_committed_is_refused(self):
        with tempfile.TemporaryDirectory() as place, unittest.mock.patch.object(release, "ROOT", place):
            self.assertEqual(release.changed_files(), [])  # an unpacked archive of a release
            for words in (["init", "-q"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "one"]):
                self.assertEqual(run("git", "-C", place, *words).returncode, 0)
            self.assertEqual(release.changed_files(), [])
            with open(os.path.join(place, "stray"), "w", encoding="ascii"):
                pass
            self.assertEqual(release.changed_files(), ["stray"])
            with contextlib.redirect_stderr(io.StringIO()) as said:
                self.assertEqual(release.main([]), 2)
            self.assertEqual(said.getvalue(), "release: not committed: stray\n")


class Recipes(unittest.TestCase):
    def test_the_extension_is_what_hf_expects(self):
        with tempfile.TemporaryDirectory() as place:
            with tarfile.open(make_extension(place, "1.2.3", EPOCH)) as archive:
                names = archive.getnames()
                project = archive.extractfile("hf-audit-1.2.3/pyproject.toml").read().decode()
        self.assertIn("hf-audit-1.2.3/hf_audit/__init__.py", names)
        self.assertIn('dependencies = ["hfaudit==1.2.3"]', project)
        self.assertIn('hf-audit = "hf_audit:main"', project)

    def test_they_name_the_version_of_the_tree(self):
        for path, pattern in (("conda/meta.yaml", r'version = "([0-9.]+)"'), ("nix/package.nix", r'version = "([0-9.]+)";')):
            with open(os.path.join(ROOT, "packaging", path), encoding="utf-8") as file:
                self.assertEqual(re.search(pattern, file.read()).group(1), version(), path)


if __name__ == "__main__":
    unittest.main()
