"""What `./bootstrap release` packs, made of the built program: the wheel in a fresh venv, the extension of hf, the recipes."""

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest
import venv

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
RELEASE = os.path.join(ROOT, "packaging", "release")
HFAUDIT = os.environ.get("HFAUDIT", "")
sys.path.insert(0, RELEASE)

import wheels  # noqa: E402
from extension import make_extension  # noqa: E402
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
