"""The options: what they are called, what they refuse, and that a mistake costs one clear line."""

import json
import os
import unittest

from cli_case import COMMIT, CliCase

OPTIONS = ["--repo-type", "--revision", "--include", "--exclude", "--cache-dir", "--hf-home", "--local-dir", "--owner",
           "--format", "--output", "--quiet", "--verbose", "--color", "--fail-on", "--jobs", "--version", "--help"]


class Help(CliCase):
    def test_help_goes_to_standard_output(self):
        for args in (["--help"], ["scan", "--help"], ["scan", "-h"], ["explain", "--help"]):
            done = self.run_hfaudit(*args)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertIn(b"[OPTIONS]", done.stdout)

    def test_each_command_has_three_examples(self):
        for command in ("scan", "verify", "scrub", "repair", "pull", "watch", "merge", "preflight", "explain", "lock",
                        "completion", "export"):
            text = self.run_hfaudit(command, "--help").stdout.decode()
            examples = text.split("\nExamples:\n")[1].split("\n\n")[0].splitlines()
            self.assertEqual(len(examples), 3, text)
            for line in examples:
                self.assertIn(f"hfaudit {command}", line)
        self.assertIn("\nExamples:\n  hfaudit scan\n", self.run_hfaudit("--help").stdout.decode())

    def test_commands_that_need_a_repo_name_no_default(self):
        for command in ("pull", "watch", "preflight", "lock", "export"):
            self.assertNotIn(b"the whole cache", self.run_hfaudit(command, "--help").stdout)

    def test_help_names_every_option(self):
        text = self.run_hfaudit("scan", "--help").stdout.decode()
        for option in OPTIONS:
            self.assertIn(option, text)

    def test_version(self):
        for args in (["--version"], ["scan", "--version"]):
            done = self.run_hfaudit(*args)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertRegex(done.stdout.decode(), r"\Ahfaudit \d+\.\d+\.\d+\n\Z")

    def test_no_command_is_a_mistake_that_shows_the_help(self):
        done = self.run_hfaudit()
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn("scan", done.stderr.decode())

    def test_explain(self):
        done = self.run_hfaudit("explain", "lfs-pointer")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout.decode(), r"\Alfs-pointer +error +A file holds a git LFS pointer.*\.\n")
        ids = [line.split()[0] for line in self.run_hfaudit("explain").stdout.decode().splitlines()]
        self.assertEqual(len(ids), 46)
        for name in ids:
            text = self.run_hfaudit("explain", name).stdout.decode()
            self.assertTrue(text.startswith(name), text)
            for label in ("\nWhy it matters: ", "\nNot raised: ", "\nCauses: ", "\nWhat to do: "):
                self.assertEqual(text.count(label), 1, text)
            self.assertNotIn("`", text)
        self.assertIn("\nExample:\n  hfaudit repair acme/six\n", done.stdout.decode())
        two = self.run_hfaudit("explain", "stale-lock", "idle-lock").stdout.decode()
        self.assertEqual(two.count("\nCauses: "), 2)
        self.assert_usage("explain", "lfs-pointr", says="did you mean lfs-pointer?")


class Habits(CliCase):
    """What people type who know other programs."""

    def test_help_and_version_as_words(self):
        self.assertEqual(self.run_hfaudit("help").stdout, self.run_hfaudit("--help").stdout)
        self.assertEqual(self.run_hfaudit("help", "scan").stdout, self.run_hfaudit("scan", "--help").stdout)
        for word in ("version", "-V"):
            self.assertEqual(self.run_hfaudit(word).stdout, self.run_hfaudit("--version").stdout)

    def test_options_of_the_hubs_client(self):
        self.assert_usage("pull", "acme/six", "--token", "x", says="unknown option --token: set HF_TOKEN")
        self.assert_usage("pull", "acme/six", "--max-workers=4", says="unknown option --max-workers: use --jobs")

    def test_a_second_cache_is_refused(self):
        for option in ("--hf-home", "--cache-dir", "--local-dir"):
            self.assert_usage("scan", option, self.home, option, self.home, says=option + " is given twice: a run has one cache")
        self.assert_usage("pull", "acme/six", "--hf-home=a", "--hf-home=b", says="--hf-home is given twice")

    def test_a_value_that_ends_with_an_equals_sign(self):
        self.assert_usage("scan", "--format=json=", says='invalid value "json=" for --format')
        self.assert_usage("scan", "--format=", says="--format: the value is empty")

    def test_no_repo_given(self):
        for command in ("pull", "watch", "preflight", "lock", "export"):
            self.assert_usage(command, says=f"no repo given: hfaudit {command} org/name")

    def test_an_unknown_command_lists_the_known_ones(self):
        self.assert_usage("frobnicate", says="; the commands are scan, verify, ")

    def test_a_command_without_the_dashes(self):
        done = self.run_hfaudit("preflight", "acme/fine", "vllm", "serve")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("write -- before it: hfaudit preflight acme/fine -- vllm serve", done.stderr.decode())
        self.assertNotIn("hfaudit pull vllm", done.stderr.decode())

    def test_a_mistake_is_an_object_for_programs(self):
        for args in (["scna", "--format", "json"], ["scan", "--nonsense", "--format=ndjson"]):
            done = self.run_hfaudit(*args)
            error = json.loads(done.stdout)
            self.assertEqual((done.returncode, error["schema"], error["type"], error["exit_code"]),
                             (2, "hfaudit.error/1", "error", 2))
            self.assertIn(error["error"], done.stderr.decode())


class Mistakes(CliCase):
    def test_each_costs_one_line(self):
        for args, says in [
                (["scna"], "unknown command scna (did you mean scan?)"),
                ([""], "unknown command"),
                (["scan", "--fromat", "json"], "unknown option --fromat (did you mean --format?)"),
                (["scan", "--fromat=json"], "unknown option --fromat (did you mean --format?)"),
                (["scan", "--nonsense"], "unknown option --nonsense"),
                (["scan", "-x"], "unknown option -x"),
                (["--jobs", "3"], "no command is given before --jobs"),
                (["--format", "text", "scan"], "the command comes first: hfaudit scan --format text"),
                (["acme/six", "scan", "--include", "*.json"], "the command comes first: hfaudit scan acme/six --include '*.json'"),
                (["scan", "--nope"], "unknown option --nope\n"),
                (["merge"], "REPORT is missing: hfaudit merge REPORT..."),
                (["explain", "nope"], "unknown finding nope; hfaudit explain lists all of them"),
                (["repair", "--only", "links"], 'invalid value "links" for --only (choose ownership, locks, '),
                (["--nonsense", "scan"], "the command comes first: hfaudit scan --nonsense"),
                (["scan", "--format", "xml"], 'invalid value "xml" for --format (choose text, json, ndjson or html)'),
                (["scan", "--format"], "--format needs a value"),
                (["scan", "--color", "red"], 'invalid value "red" for --color (choose auto, always or never)'),
                (["scan", "--fail-on", "info"], 'invalid value "info" for --fail-on (choose error, warning or never)'),
                (["scan", "--repo-type", "bucket"], "bucket"),
                (["scan", "--jobs", "-1"], 'invalid value "-1" for --jobs (a number'),
                (["scan", "--jobs", "many"], 'invalid value "many" for --jobs (a number'),
                (["verify", "--max-age", "7"], 'invalid value "7" for --max-age (it has no unit; write 7s, 7m, 7h or 7d)'),
                (["verify", "--max-duration", "0s"], 'invalid value "0s" for --max-duration (at least 1 ms)'),
                (["verify", "--max-age", "7w"], 'invalid value "7w" for --max-age (a time such as 7d or 12h; its units are ms, s, m, h and d)'),
                (["scan", "-q", "-v"], "--quiet excludes --verbose"),
                (["scan", "--revision", "main"], "it needs a REPO"),
                (["scan", "--revision", "v1", "acme/fine@v2"], "acme/fine@v2 names another one"),
                (["scan", "--local-dir", "x", "--cache-dir", "y"], "--local-dir"),
                (["scan", "--local-dir", "x", "acme/a", "acme/b"], "one REPO"),
                (["scan", "a/b/c"], "a/b/c"),
                (["scan", ""], "no repo is named"),
                (["scan", "--include", "*.json", "*.txt"], "patterns of files go into --include"),
                (["scan", "a\x1b[2J/b/c"], "a\\x1b[2J/b/c"),
        ]:
            with self.subTest(args=args):
                self.assert_usage(*args, says=says)

    def test_an_empty_value_is_no_wish_for_the_default(self):
        for option in ("--cache-dir", "--hf-home", "--local-dir", "--owner", "--output", "--revision"):
            with self.subTest(option=option):
                self.assert_usage("scan", option, "", says=f"{option}: the value is empty")
                self.assert_usage("scan", f"{option}=", "acme/fine", says=f"{option}: the value is empty")

    def test_no_such_cache_and_no_such_repo(self):
        self.add_repo()
        self.assert_usage("scan", "--cache-dir", "/nonexistent/hub", says="/nonexistent/hub")
        self.assert_usage("scan", "acme/absent", says="acme/absent")
        self.assert_usage("scan", "acme/fine@no-such-branch", says="acme/fine@no-such-branch")

    def test_a_mistake_writes_nothing_to_the_output_file(self):
        path = os.path.join(self.scratch, "report.json")
        self.assert_usage("scan", "acme/absent", "--format", "json", "--output", path, says="acme/absent")
        self.assertFalse(os.path.exists(path))


class Choices(CliCase):
    def names(self, *args, **options):
        return [(repo["repo_type"], repo["repo_id"]) for repo in self.report(*args, **options)["repos"]]

    def test_a_repo_by_each_of_its_names(self):
        self.add_repo()
        self.add_repo("datasets--acme--fine")
        self.add_repo("models--gpt2")
        for name, found in [("acme/fine", ("model", "acme/fine")), ("models/acme/fine", ("model", "acme/fine")),
                            ("model/acme/fine", ("model", "acme/fine")), ("gpt2", ("model", "gpt2")),
                            ("hf://acme/fine", ("model", "acme/fine")), ("acme/fine@main", ("model", "acme/fine")),
                            (f"acme/fine@{COMMIT}", ("model", "acme/fine")),
                            ("datasets/acme/fine", ("dataset", "acme/fine")),
                            ("hf://datasets/acme/fine@main", ("dataset", "acme/fine"))]:
            with self.subTest(name=name):
                self.assertEqual(self.names(name), [found])
        self.assertEqual(self.names("acme/fine", "--repo-type", "dataset"), [("dataset", "acme/fine")])
        self.assertEqual(self.names("--repo-type=datasets", "--", "acme/fine"), [("dataset", "acme/fine")])
        self.assertEqual(len(self.names("acme/fine", "gpt2")), 2)

    def test_a_revision_with_slashes(self):
        self.add_repo(ref="refs/pr/1")
        self.assertEqual(self.names("acme/fine@refs/pr/1"), [("model", "acme/fine")])
        self.assertEqual(self.names("acme/fine", "--revision", "refs/pr/1"), [("model", "acme/fine")])

    def test_patterns_take_one_value_each_and_may_look_like_lists(self):
        self.add_repo(files={"a": b"1"})
        self.add_repo("models--acme--other")
        self.assertEqual(self.names("--include", "[ab]", "--include", "x,y", "--exclude", "*.bin", "acme/fine"),
                         [("model", "acme/fine")])

    def test_the_last_of_a_repeated_option_counts(self):
        self.add_repo()
        self.assertTrue(self.text("--format", "text", "--format", "json").startswith("{"))

    def test_where_the_cache_is(self):
        other = os.path.join(self.scratch, "other")
        self.add_repo("models--acme--home")
        self.add_repo("models--acme--other", hub=other)
        self.add_repo("models--acme--deep", hub=os.path.join(other, "hub"))
        for args, env, name in [
                ([], {}, "acme/home"),
                ([], {"HF_HUB_CACHE": other}, "acme/other"),
                ([], {"HUGGINGFACE_HUB_CACHE": "$HOME/other"}, "acme/other"),
                ([], {"HF_HOME": "~/other"}, "acme/deep"),
                ([], {"HF_HOME": "other"}, "acme/deep"),
                (["--cache-dir", other], {}, "acme/other"),
                (["--cache-dir=~/other"], {}, "acme/other"),
                (["--hf-home", other], {"HF_HUB_CACHE": self.home + "/hub"}, "acme/deep"),
                (["--hf-home", self.home, "--cache-dir", "other"], {}, "acme/other")]:
            with self.subTest(args=args, env=env):
                self.assertIn(("model", name), self.names(*args, env=env))

    def test_all_streams_closed_is_no_crash(self):
        command = f"exec '{os.environ['HFAUDIT']}' scan --hf-home /nonexistent <&- >&- 2>&-"
        self.assertEqual(os.waitstatus_to_exitcode(os.system(command)), 2)

    def test_the_report_says_what_was_looked_at_and_why(self):
        self.add_repo()
        hub = os.path.join(self.home, "hub")
        looked_at = self.report()["looked_at"]
        self.assertIn({"what": "hub", "path": hub, "because": "HF_HOME", "exists": True}, looked_at)
        looked_at = self.report("--cache-dir", hub, env={"HF_HOME": "/nonexistent"})["looked_at"]
        self.assertEqual(looked_at, [{"what": "hub", "path": hub, "because": "--cache-dir", "exists": True}])
        self.assertIn(f"Cache: {hub} (from HF_HOME)", self.text())


if __name__ == "__main__":
    unittest.main()
