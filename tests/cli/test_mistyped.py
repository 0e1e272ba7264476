"""Names with a typing error: variables that would be ignored unnoticed, and several arguments that are all wrong."""

import glob
import json
import os
import re
import unittest

from cli_case import CliCase

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


class Variables(CliCase):
    def setUp(self):
        super().setUp()
        self.add_repo("models--acme--fine")

    def warnings(self, *words, **variables):
        done = self.run_hfaudit(*(words or ("scan", "--quiet")), env=variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr.decode().splitlines()

    def test_one_is_named_once_with_the_right_name(self):
        for variable, meant in [("HFAUDIT_FORMATT", "HFAUDIT_FORMAT"), ("HFAUDIT_FROMAT", "HFAUDIT_FORMAT"),
                                ("HFAUDIT_MAXRATE", "HFAUDIT_MAX_RATE"), ("HFAUDIT_JOB", "HFAUDIT_JOBS"),
                                ("HFAUDIT_REPOS", "HFAUDIT_REPO"), ("HFAUDIT_SUBSETOF", "HFAUDIT_SUBSET_OF"),
                                ("HF_AUDIT_JOBS", "HFAUDIT_JOBS"), ("HFAUDIT_jobs", "HFAUDIT_JOBS"),
                                ("hfaudit_jobs", "HFAUDIT_JOBS")]:
            with self.subTest(variable=variable):
                self.assertEqual(self.warnings(**{variable: "1"}),
                                 [f"hfaudit: unknown variable {variable} is ignored (did you mean {meant}?)"])

    def test_neither_the_report_nor_the_exit_code_changes(self):
        env = {"HFAUDIT_FORMATT": "text", "HFAUDIT_FAIL_NO": "warning"}
        done = self.run_hfaudit("scan", "--format", "json", env=env)
        self.assertEqual((done.returncode, json.loads(done.stdout)["verdict"]), (0, "clean"))
        self.assertNotIn(b"HFAUDIT", done.stdout)
        self.assertEqual(len(done.stderr.splitlines()), 2)

    def test_it_is_named_before_an_error_that_it_explains(self):
        done = self.run_hfaudit("preflight", env={"HFAUDIT_REPOS": "acme/fine"})
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr.decode(), r"\Ahfaudit: unknown variable HFAUDIT_REPOS .*\nhfaudit: no repo given")

    def test_variables_of_other_programs_and_empty_ones_are_left_alone(self):
        ours = set()
        for folder in ("tests", "packaging", "examples"):
            for path in glob.glob(os.path.join(ROOT, folder, "**", "*"), recursive=True):
                if os.path.isfile(path) and not path.endswith(("test_mistyped.py", "CMakeLists.txt")):
                    with open(path, encoding="utf-8", errors="replace") as file:
                        ours |= set(re.findall(r"\bHFAUDIT_[A-Z_]+\b", file.read()))
        self.assertLess({"HFAUDIT_BUILD", "HFAUDIT_REPORTS", "HFAUDIT_SUBSET_OF"}, ours)
        usual = {"HFAUDIT_" + name for name in ("VERSION", "HELP", "BIN", "DIR", "IMAGE", "ARGS", "OPTS", "REPORT", "LOG", "")}
        for name in sorted(ours | usual):
            done = self.run_hfaudit("scan", "--quiet", env={name: "x"})
            self.assertNotIn(b"unknown variable", done.stderr)
        self.assertEqual(self.warnings(HFAUDIT_FORMATT=""), [])

    def test_a_shell_that_completes_a_word_gets_none(self):
        self.assertEqual(self.warnings("completion", "--repos", HFAUDIT_FORMATT="1"), [])


class WordsOfOtherPrograms(CliCase):
    def test_options(self):
        for words, hint in [(("scan", "--json"), "use --format json"), (("scan", "--all"), "the whole cache is meant"),
                            (("scan", "--cache", "/x"), "use --cache-dir"), (("verify", "--repair"), "use hfaudit repair"),
                            (("pull", "a/b", "--verify"), "use hfaudit verify"), (("repair", "-y"), "nothing asks"),
                            (("repair", "-n"), "use --dry-run"), (("verify", "--threads", "4"), "use --jobs")]:
            with self.subTest(words=words):
                self.assert_usage(*words, says=f"unknown option {words[1] if words[0] != 'pull' else words[2]}: ")
                self.assert_usage(*words, says=hint)

    def test_commands(self):
        for name, hint in [("download", "hfaudit pull"), ("check", "hfaudit scan, "), ("fix", "hfaudit repair"),
                           ("ls", "hfaudit scan --verbose"), ("delete", "hf cache rm")]:
            self.assert_usage(name, "acme/six", says=f"unknown command {name}: use {hint}")


class SeveralArguments(CliCase):
    """All of them wrong: one run names each."""

    def setUp(self):
        super().setUp()
        self.add_repo("models--acme--fine")

    def test_repos(self):
        for command in ("scan", "verify", "scrub", "repair", "watch", "preflight", "lock", "export", "pull"):
            with self.subTest(command=command):
                self.assert_usage(command, "a/b/c", "d/e/f", "a/b/c", says="cannot use a/b/c, d/e/f: expected org/name, ")
                self.assert_usage(command, "../x", "d/e/f", says="cannot use ../x: a path is not a REPO, ")
                self.assert_usage(command, "../x", "d/e/f", says="; cannot use d/e/f: expected org/name, ")
        for command in ("lock", "export"):
            self.assert_usage(command, "a/b/c", "acme/fine", "d/e/f", says="cannot use a/b/c, d/e/f: ")

    def test_a_file_behind_a_wrong_repo_is_no_repo_to_pull(self):
        done = self.run_hfaudit("pull", "a/b/c", "config.json", "onnx/a/b.onnx", env={"HF_ENDPOINT": "http://127.0.0.1:9"})
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertRegex(done.stderr, rb"\Ahfaudit: cannot use a/b/c: expected org/name, [^\n]+\n\Z")

    def test_repos_that_a_lock_file_lacks(self):
        lock = os.path.join(self.scratch, "models.lock")
        self.assertEqual(self.run_hfaudit("lock", "acme/fine", "--output", lock).returncode, 0)
        self.assert_usage("scan", "--locked", lock, "a/b", "c/d", says=f"cannot use a/b, c/d: {lock} does not lock them")
        done = self.run_hfaudit("scan", "--locked", lock, "a/b", "acme/fine", "--format", "json")
        report = json.loads(done.stdout)
        self.assertEqual((done.returncode, [one["repo_id"] for one in report["repos"]]), (2, ["acme/fine"]))
        self.assertEqual([one["repo"] for one in report["not_found"]], ["a/b"])

    def test_reports_and_findings(self):
        self.assert_usage("merge", "one.json", "two.json", says="cannot open one.json: ")
        self.assert_usage("merge", "one.json", "two.json", says="; cannot open two.json: ")
        done = self.run_hfaudit("explain", "orphan-blub", "idle-lock", "xyz")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr.decode(), r"\Ahfaudit: unknown finding orphan-blub .*\nhfaudit: unknown finding xyz; .*\n\Z")


if __name__ == "__main__":
    unittest.main()
