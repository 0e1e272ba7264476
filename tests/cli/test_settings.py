"""Options by HFAUDIT_* variables and by config.toml: each as on the command line, and who goes before whom."""

import glob
import os
import re
import unittest

from cli_case import SANITIZED, CliCase
from settings_case import SettingsCase, toml

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")


class EveryOption(SettingsCase):
    """Of every row of the table, whatever is in it; under sanitizers of every fifth, because the same lines read them all."""

    def settings(self):
        return super().settings()[::5 if SANITIZED else 1]

    def words(self, row, *more):
        return [row.command, *more, *(["report.json"] if row.command == "merge" else [])]

    def typed(self, row, values):
        flags = [row.name] if row.kind == "flag" else [word for value in values for word in (row.name, value)]
        return self.arguments(*self.words(row, *flags))

    def test_a_variable_and_a_key_do_what_the_option_does(self):
        for row in self.settings():
            base = self.arguments(*self.words(row))
            for sample in row.samples():
                values = [sample, sample] if row.repeatable == "repeatable" else [sample]
                typed = self.typed(row, values)
                if not typed[0].startswith("error"):
                    break
            with self.subTest(command=row.command, option=row.name):
                self.assertFalse(typed[0].startswith("error"), typed)
                self.assertNotEqual(typed, base)
                self.assertEqual(self.arguments(*self.words(row), env={row.variable: "\n".join(values)}), typed)
                value = "[ " + " , ".join(map(toml, values)) + " ]" if len(values) > 1 else toml(values[0])
                value = "true" if row.kind == "flag" else value
                for text in (f"[{row.command}]\n{row.key} = {value}\n", f"{row.key} = {value}\n",
                             f"{row.command}.{row.key} = {value}\n"):
                    self.configure(text)
                    self.assertEqual(self.arguments(*self.words(row)), typed, text)
                os.unlink(self.config)

    def test_a_wrong_value_is_named_by_where_it_stands(self):
        wrong = {"flag": "maybe", "number": "many", "bytes": "much", "duration": "soon", "choice": "nonsense"}
        for row in self.settings():
            if row.kind not in wrong:
                continue
            bad = wrong[row.kind]
            with self.subTest(command=row.command, option=row.name):
                why = f'invalid value "{bad}"'
                self.assertRegex(self.arguments(*self.words(row), env={row.variable: bad})[0],
                                 rf"\Aerror\t{row.variable}: {why}")
                self.configure(f"# one\n[{row.command}]\n{row.key} = '{bad}'\n")
                self.assertIn(f"{self.config}:3: {row.key}: {why}", self.arguments(*self.words(row))[0])
                os.unlink(self.config)

    def test_no_variable_is_one_of_the_test_suite(self):
        used = {"HFAUDIT_SUBSET_OF"}
        for path in glob.glob(os.path.join(ROOT, "tests", "**", "*.py"), recursive=True):
            if os.path.basename(path) not in ("test_settings.py", "settings_case.py"):
                with open(path, encoding="utf-8") as file:
                    used |= set(re.findall(r"environ(?:\.get\(|\[)\"(HFAUDIT\w*)\"", file.read()))
        self.assertIn("HFAUDIT_BUILD", used)
        self.assertEqual(used & {row.variable for row in self.table()}, set())


class Precedence(SettingsCase):
    def value(self, name, *words, env=None):
        found = [line.split("\t")[2:] for line in self.arguments(*words, env=env) if line.startswith(name + "\t")]
        return found[0] if found else None

    def test_option_then_environment_then_section_then_top_then_default(self):
        self.configure("jobs = 2\n[scan]\njobs = 3\n")
        env = {"HFAUDIT_JOBS": "4"}
        self.assertEqual(self.value("--jobs", "scan", "--jobs", "5", env=env), ["5"])
        self.assertEqual(self.value("--jobs", "scan", env=env), ["4"])
        self.assertEqual(self.value("--jobs", "scan"), ["3"])
        self.assertEqual(self.value("--jobs", "verify"), ["2"])
        os.unlink(self.config)
        self.assertEqual(self.value("--jobs", "verify"), ["0"])

    def test_an_empty_variable_counts_as_not_set(self):
        self.configure("jobs = 2\n")
        self.assertEqual(self.value("--jobs", "scan", env={"HFAUDIT_JOBS": ""}), ["2"])
        self.assertIsNone(self.value("--include", "scan", env={"HFAUDIT_INCLUDE": "\n\n"}))

    def test_a_list_replaces_a_weaker_one(self):
        self.configure("include = ['a', 'b']\n[verify]\ninclude = []\n")
        self.assertEqual(self.value("--include", "scan", "--include", "c"), ["c"])
        self.assertEqual(self.value("--include", "scan", env={"HFAUDIT_INCLUDE": "x y\nz,#\n"}), ["x y", "z,#"])
        self.assertEqual(self.value("--include", "scan"), ["a", "b"])
        self.assertEqual(self.value("--include", "verify"), [""])

    def test_lists_with_a_sign_between_and_of_blanks(self):
        self.assertEqual(self.value("--only", "repair", env={"HFAUDIT_ONLY": "locks,refs\nentries"}), ["locks", "refs", "entries"])
        self.assertEqual(self.value("REPO", "preflight", env={"HFAUDIT_REPO": "a/b c/d\ne/f"}), ["a/b", "c/d", "e/f"])
        self.assertIsNone(self.value("REPO", "scan", env={"HFAUDIT_REPO": "a/b"}))

    def test_a_flag_is_switched_off_again(self):
        self.configure("quiet = true\n")
        self.assertEqual(self.value("--quiet", "scan"), ["true"])
        self.assertEqual(self.value("--quiet", "scan", env={"HFAUDIT_QUIET": "No"}), ["false"])
        self.assertEqual(self.value("--quiet", "scan", "--quiet=false", env={"HFAUDIT_QUIET": "1"}), ["false"])

    def test_what_excludes_each_other(self):
        self.configure("verbose = true\n")
        self.assertIsNone(self.value("--verbose", "scan", "-q"))
        self.assertIsNone(self.value("--verbose", "scan", env={"HFAUDIT_QUIET": "1"}))
        self.assertEqual(self.value("--verbose", "scan", env={"HFAUDIT_QUIET": "0"}), ["true"])
        both = {"HFAUDIT_QUIET": "1", "HFAUDIT_VERBOSE": "1"}
        self.assertEqual(self.arguments("scan", env=both), ["error\tHFAUDIT_VERBOSE: --verbose excludes --quiet"])

    def test_a_format_of_other_commands_says_nothing_of_lock_files(self):
        self.assertEqual(self.value("--format", "lock", env={"HFAUDIT_FORMAT": "ndjson"}), ["json"])
        self.configure("format = 'ndjson'\n")
        self.assertEqual(self.value("--format", "lock"), ["json"])
        self.assertEqual(self.value("--format", "scan"), ["ndjson"])

    def test_a_variable_of_another_command_is_not_read(self):
        self.assertEqual(self.arguments("scan", env={"HFAUDIT_MAX_RATE": "much", "HFAUDIT_VERSION": "1", "HFAUDIT_HELP": "1",
                                                     "HFAUDIT_CHECK": "deep"}), self.arguments("scan"))


class ConfigFile(SettingsCase):
    def setUp(self):
        super().setUp()
        self.add_repo()

    def test_errors_name_the_file_and_the_line(self):
        for text, line, says in [
                ("formt = 'json'", 1, "unknown option formt (did you mean format?)"),
                ("\n[scna]\njobs = 1", 3, "unknown command scna (did you mean scan?)"),
                ("[scan]\nmax-rate = '1M'", 2, "unknown option max-rate"),
                ("[scan]\nREPO = 'a/b'", 2, "unknown option REPO"),
                ("version = true", 1, "unknown option version"),
                ("jobs = 'x\x1b'", 1, 'jobs: invalid value "x\\x1b" (a number'),
                ("jobs = [1]", 1, "it has one value, not a list"),
                ("quiet = [true]", 1, "quiet: it is true or false"),
                ("revision = ''", 1, "revision: the value is empty"),
                ("jobs = 1\njobs = 2", 2, "jobs is set in line 1, too"),
                ("[scan]\njobs = 1\n[verify]\n[scan]\njobs = 2", 5, "jobs is set in line 2, too"),
                ("jobs", 1, "expected key = value"),
                ("jobs =", 1, "expected a value"),
                ("color = never", 1, "a text needs quotes"),
                ("color = 'never", 1, "the closing quote is missing"),
                ("color = \"a\\q\"", 1, "unknown escape"),
                ("color = \"\\ud800\"", 1, "unknown escape"),
                ("color = '''never'''", 1, "several lines"),
                ("color = 'never' x", 1, "more on the line"),
                ("include = ['a' 'b']", 1, "a comma or ]"),
                ("include = ['a',\n", 2, "the list does not end"),
                ("[[scan]]", 1, "is no section"),
                ("[scan", 1, "expected the name of a command"),
                ("[scan]\na.b = 1", 2, "a section has no sections"),
                ("= 1", 1, "expected a key"),
                ("\0", 1, "expected a key")]:
            with self.subTest(text=text):
                self.configure(text)
                self.assert_usage("scan", says=f"{self.config}:{line}: ")
                self.assert_usage("scan", says=says)

    def test_the_whole_file_is_checked_whichever_command_runs(self):
        self.configure("[pull]\nmax-rate = 'much'\n")
        self.assert_usage("scan", says=f'{self.config}:2: max-rate: invalid value "much" (a rate')

    def test_a_number_beyond_the_bounds_of_the_command_is_an_error(self):
        self.configure("\njobs = 1000\n")
        self.assertIn("--jobs\t1\t1000", self.arguments("scan"))
        self.assert_usage("pull", "acme/a", says=f'{self.config}:2: jobs: invalid value "1000" (a number from 1 to 256)')
        self.configure("jobs = 1000\n[pull]\njobs = 5\n")
        self.assertIn("--jobs\t1\t5", self.arguments("pull", "acme/a"))
        self.configure("jobs = 1000\n")
        self.assertIn("--jobs\t1\t6", self.arguments("pull", "acme/a", "--jobs", "6"))
        self.configure("jobs = 2000\n")
        for command in ("scan", "pull", "preflight"):
            self.assert_usage(command, "acme/a", says=f'{self.config}:1: jobs: invalid value "2000" (a number from ')

    def test_what_toml_means(self):
        self.configure('\ufeff# top\n"include" = [ # of these\n  "a#b" , \'c\\d\',\n  "e\\"f\\u00e4\\\\", # and\n]\r\n'
                       "  [ scan ]  # here\njobs=1_0\nonline = true# so\n")
        self.assertEqual([line for line in self.arguments("scan") if line.startswith(("--include", "--jobs", "--online"))],
                         ["--include\t4\ta#b\tc\\d\te\"fä\\", "--jobs\t1\t10", "--online\t0\ttrue"])

    def test_help_version_explain_and_mistakes_do_not_read_it(self):
        self.configure("nonsense")
        for words in (["--help"], ["scan", "--help"], ["--version"], ["explain", "lfs-pointer"], ["completion", "bash", "--version"]):
            self.assertEqual(self.run_hfaudit(*words).returncode, 0, words)

    def test_where_it_is(self):
        elsewhere = os.path.join(self.scratch, "xdg")
        self.write(os.path.join(elsewhere, "hfaudit", "config.toml"), b"jobs = 7\n")
        self.configure("jobs = 8\n")
        self.assertIn("--jobs\t1\t7", self.arguments("scan", env={"XDG_CONFIG_HOME": elsewhere}))
        self.assertIn("--jobs\t1\t8", self.arguments("scan", env={"XDG_CONFIG_HOME": "xdg"}))  # relative: no such variable
        self.assertIn("--jobs\t1\t8", self.arguments("scan", env={"XDG_CONFIG_HOME": ""}))
        self.assertIn("--jobs\t1\t0", self.arguments("scan", env={"HOME": "/nonexistent"}))

    def ignored(self, why):
        done = self.run_hfaudit("scan", "--quiet")
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        self.assertRegex(done.stderr.decode(), rf"\Ahfaudit: {re.escape(self.config)} is ignored: .*{why}.*\n\Z")

    def test_one_that_others_may_write_is_ignored(self):
        self.configure("format = 'json'\n", mode=0o646)
        self.ignored("another user may write it")

    def test_one_in_a_folder_that_others_may_write_is_ignored(self):
        self.configure("format = 'json'\n")
        os.chmod(os.path.dirname(self.config), 0o777)
        self.ignored(f"another user may write {re.escape(os.path.dirname(self.config))} ")

    def test_a_message_names_where_a_link_leads(self):
        target = os.path.join(self.scratch, "dotfiles", "c.toml")
        self.write(target, b"jobs = 9\n")
        os.chmod(target, 0o666)
        os.makedirs(os.path.dirname(self.config))
        for link in ("../../dotfiles/./c.toml", target):
            os.symlink(link, self.config)
            self.ignored(f"it leads to {re.escape(target)}, which another user may write ")
            os.unlink(self.config)
        os.symlink("../../dotfiles", self.config)
        self.ignored(f"it leads to {re.escape(os.path.dirname(target))}: Is a directory")

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_a_group_that_is_not_private_counts_as_others(self):
        self.configure("jobs = 9\n", mode=0o660)
        os.chown(self.config, 0, 54321)
        self.ignored("another user may write it .owner root, mode 0660, group 54321.")

    def test_one_that_is_no_file_or_too_large_is_ignored(self):
        os.makedirs(self.config)
        self.ignored("")
        os.rmdir(self.config)
        os.mkfifo(self.config)
        self.ignored("")
        os.unlink(self.config)
        self.configure("#" * 2_000_000)
        self.ignored("too large")

    def test_one_by_a_link_of_our_own_counts(self):
        self.write(os.path.join(self.scratch, "dotfiles", "c.toml"), b"jobs = 9\n")
        os.makedirs(os.path.dirname(self.config))
        os.symlink("../../dotfiles/c.toml", self.config)
        self.assertIn("--jobs\t1\t9", self.arguments("scan"))

    def test_a_private_group_counts_as_its_user(self):
        if os.getuid() != os.getgid():
            self.skipTest("the user has no private group")
        self.configure("jobs = 9\n", mode=0o664)
        self.assertIn("--jobs\t1\t9", self.arguments("scan"))


class RealEffect(CliCase):
    def test_of_variables_and_of_a_file(self):
        self.add_broken()
        report = os.path.join(self.scratch, "report.json")
        self.write(os.path.join(self.scratch, ".config/hfaudit/config.toml"), b"fail-on = 'never'\n[scan]\nformat = 'json'\n")
        done = self.run_hfaudit("scan", env={"HFAUDIT_OUTPUT": report})
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        with open(report, encoding="utf-8") as file:
            self.assertIn('"hfaudit.report/1"', file.read())
        self.assertEqual(self.run_hfaudit("scan", env={"HFAUDIT_FAIL_ON": "error"}).returncode, 1)


@unittest.skipUnless(os.geteuid() == 0, "needs root")
class RootInAnotherUsersCache(SettingsCase):
    USER = 12345

    def setUp(self):
        super().setUp()
        self.add_repo()
        for place, folders, files in os.walk(self.home):
            for name in [place, *(os.path.join(place, name) for name in folders + files)]:
                os.lchown(name, self.USER, self.USER)

    def test_each_location_is_refused_from_a_variable_and_from_a_file(self):
        for row in self.settings():
            if row.location != "location" or row.command in ("merge", "completion"):
                continue
            path = os.path.join(self.scratch, "named")
            value = "https://127.0.0.1:1/" if row.kind == "target" else str(self.USER) if row.kind == "user" else path
            says = f"as root in another user's cache, only the command line may set {row.name}"
            with self.subTest(command=row.command, option=row.name):
                self.assert_usage(row.command, says=f"{row.variable}: {says}", env={row.variable: value})
                self.configure(f"[{row.command}]\n{row.key} = '{value}'\n")
                self.assert_usage(row.command, says=f"{self.config}:2: {row.key}: {says}")
                os.unlink(self.config)
                self.assertFalse(os.path.exists(path))

    def test_the_command_line_may(self):
        path = os.path.join(self.scratch, "report")
        done = self.run_hfaudit("scan", "--output", path, env={"HFAUDIT_OUTPUT": path + ".other"})
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual((os.path.exists(path), os.path.exists(path + ".other")), (True, False))

    def test_what_decides_no_location_still_counts(self):
        done = self.run_hfaudit("scan", env={"HFAUDIT_QUIET": "1"})
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_a_variable_that_leads_to_that_cache(self):
        env = {"HF_HOME": None, "HFAUDIT_CACHE_DIR": self.home + "/hub"}
        self.assert_usage("scan", says="HFAUDIT_CACHE_DIR: as root", env=env)
        self.assert_usage("scan", says="HFAUDIT_LOCAL_DIR: as root", env={"HF_HOME": None, "HFAUDIT_LOCAL_DIR": self.home + "/new/x"})

    def test_in_its_own_cache_root_has_its_variables(self):
        os.chown(self.home, 0, 0)
        os.chown(self.home + "/hub", 0, 0)
        path = os.path.join(self.scratch, "report")
        self.assertEqual(self.run_hfaudit("scan", env={"HFAUDIT_OUTPUT": path}).stderr, b"")
        self.assertTrue(os.path.exists(path))

    def test_a_users_file_is_never_read(self):
        self.configure("quiet = true\n")
        os.chown(self.config, self.USER, self.USER)
        done = self.run_hfaudit("scan", env={"HF_HOME": self.scratch + "/none"})
        self.assertIn(b"is ignored: another user may write it (owner 12345", done.stderr)
        os.chown(self.config, 0, 0)
        os.chown(os.path.dirname(self.config), self.USER, self.USER)
        self.assertIn(b"is ignored: ", self.run_hfaudit("scan").stderr)

    def test_a_link_of_a_user_is_not_followed(self):
        self.write(os.path.join(self.scratch, "roots.toml"), b"quiet = true\n")
        os.makedirs(os.path.dirname(self.config))
        os.symlink("../../roots.toml", self.config)
        os.lchown(self.config, self.USER, self.USER)
        self.assertIn(b"is ignored: ", self.run_hfaudit("scan").stderr)


if __name__ == "__main__":
    unittest.main()
