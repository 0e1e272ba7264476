"""hfaudit pull: what its options refuse, before anything is asked of a Hub."""

import os
import subprocess
import unittest

from cli_case import HFAUDIT, CliCase

NO_HUB = "http://127.0.0.1:9"  # discard: refused at once

OPTIONS = ["--models-from", "--include", "--exclude", "--revision", "--repo-type", "--cache-dir", "--hf-home", "--local-dir",
           "--owner", "--dry-run", "--validate-only", "--max-attempts", "--timeout", "--waits", "--max-rate",
           "--connections", "--jobs", "--ipv4", "--trust-present", "--notify", "--format", "--output", "--quiet", "--verbose",
           "--color", "--fail-on", "--version", "--help"]


class PullCase(CliCase):
    def environment(self, **more):
        return super().environment(HF_ENDPOINT=NO_HUB, **more)

    def listed(self, *lines, name="models.txt"):
        path = os.path.join(self.scratch, name)
        self.write(path, "\n".join(lines).encode())
        return path


class Help(PullCase):
    def test_it_names_every_option_and_no_other_way_to_the_hub(self):
        text = self.run_hfaudit("pull", "--help").stdout.decode()
        for option in OPTIONS:
            self.assertIn(option, text)
        self.assertNotIn("--online", text)

    def test_hf_pull_is_another_name(self):
        link = os.path.join(self.scratch, "hf-pull")
        os.symlink(HFAUDIT, link)

        def run(*args):
            done = subprocess.run([link, *args], env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True, timeout=60, check=False)
            return done.returncode, done.stdout, done.stderr

        code, out, err = run("--help")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("Usage: hfaudit pull ", out)
        self.assertIn("hf-pull is an alias", out)
        self.assertRegex(run("--version")[1], r"\Ahfaudit \d+\.\d+\.\d+\n\Z")
        self.assertEqual(run()[0::2], (2, "hfaudit: no repo given: hfaudit pull org/name, or --models-from FILE\n"))
        self.assertEqual(run("--dry-rnu", "a/b")[0::2],
                         (2, "hfaudit: unknown option --dry-rnu (did you mean --dry-run?)\n"))
        self.assertEqual(run("--include")[0::2], (2, "hfaudit: --include needs a value\n"))


class Mistakes(PullCase):
    def test_each_costs_one_line(self):
        for args, says in [
                ([], "no repo given"),
                (["--dry-run"], "no repo given"),
                (["a/b/c"], "a/b/c"),
                (["acme/*"], "a REPO is no pattern"),
                (["acme/a", "--online"], "unknown option --online"),
                (["acme/a", "--revision", "v1", "acme/b@v2"], "acme/b@v2 names another one"),
                (["acme/a", "--local-dir", "x", "--cache-dir", "y"], "--local-dir"),
                (["acme/a", "--repo-type", "bucket"], "bucket"),
                (["acme/a", "--dry-run", "--validate-only"], "excludes"),
                (["acme/a", "--max-attempts", "0"], 'invalid value "0" for --max-attempts (a number from 1 to 1000000)'),
                (["acme/a", "--max-attempts", "often"], 'invalid value "often" for --max-attempts (a number'),
                (["acme/a", "--timeout", "0"], 'invalid value "0" for --timeout (a number from 1 to 86400)'),
                (["acme/a", "--timeout", "1.5"], 'invalid value "1.5" for --timeout (a number'),
                (["acme/a", "--timeout=-1"], 'invalid value "-1" for --timeout (a number'),
                (["acme/a", "--connections", "0"], 'invalid value "0" for --connections (a number from 1 to 256)'),
                (["acme/a", "--connections", "257"], 'invalid value "257" for --connections (a number from 1 to 256)'),
                (["acme/a", "--jobs", "0"], 'invalid value "0" for --jobs (a number from 1 to 256)'),
                (["acme/a", "--max-rate", "0"], 'invalid value "0" for --max-rate (a rate'),
                (["acme/a", "--max-rate", "fast"], 'invalid value "fast" for --max-rate (a rate such as 200M)'),
                (["acme/a", "--include", "*.json", "*.txt"], "a REPO is no pattern"),
                (["acme/a", "--format", "xml"], 'invalid value "xml" for --format (choose text, json, ndjson'),
                (["acme/a", "-q", "-v"], "excludes"),
                (["acme/a", "--notify", "pigeon:home"], "cannot use --notify pigeon:"),
                (["acme/a", "--models-from"], "--models-from needs a value"),
                (["acme/a", "--models-from="], "--models-from: the value is empty"),
        ]:
            with self.subTest(args=args):
                self.assert_usage("pull", *args, says=says)

    def test_waits_are_seconds_with_commas_between(self):
        for waits in ("10,,30", ",10", "10,", "10;30", "10 30", "-1", "1e3", "soon", "nan", "inf", "86401"):
            with self.subTest(waits=waits):
                self.assert_usage("pull", "acme/a", f"--waits={waits}", says=f'invalid value "{waits}" for --waits (seconds with commas')
        for waits in ("0", "10,30.5,0.1", "300"):
            with self.subTest(waits=waits):  # the next mistake is told
                self.assert_usage("pull", "acme/a", "--waits", waits, "--jobs", "0", says='invalid value "0" for --jobs')


class Lists(PullCase):
    def test_a_line_that_is_none_is_named(self):
        path = self.listed("# two good ones, and a bad one", "", "acme/a  # the first", "acme/b@refs/pr/1", "a/b/c")
        self.assert_usage("pull", "--models-from", path, says=f"{path}:5: a/b/c is no REPO")
        self.assert_usage("pull", "--models-from", self.listed("acme/*"), says="models.txt:1: acme/* is no REPO")
        self.assert_usage("pull", "--models-from", self.listed("acme/a acme/b"), says="models.txt:1: acme/a acme/b is no REPO")
        self.assert_usage("pull", "--models-from", self.listed("a\x1b[2J/b/c"), says="a\\x1b[2J/b/c")

    def test_standard_input_is_one(self):
        done = subprocess.run([HFAUDIT, "pull", "--models-from", "-"], env=self.environment(), input=b"acme/a\n..\n",
                              capture_output=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"standard input:2: .. is no REPO", done.stderr)
        self.assert_usage("pull", "--models-from", "-", "--models-from", "-", says="it is given twice")

    def test_one_that_is_not_there_or_empty(self):
        self.assert_usage("pull", "--models-from", "/nonexistent/list", says="/nonexistent/list")
        self.assert_usage("pull", "--models-from", self.listed("# nothing", " \t", ""), says="no repo given")

    def test_it_adds_to_the_command_line_and_each_counts_once(self):
        # A --local-dir holds one repo; where there is no second one, the next mistake is told.
        mistaken = ["pull", "--local-dir", "x", "--revision", "v1", "acme/a@v2"]
        same = self.listed("\ufeffacme/a@v2", "models/acme/a@v2 # again\r", "\thf://acme/a@v2\t", name="same.txt")
        other = self.listed("acme/a@fix#1", name="other.txt")
        self.assert_usage(*mistaken, "--models-from", same, says="acme/a@v2 names another one")
        self.assert_usage(*mistaken, "--models-from", other, says="it holds one REPO")
        self.assert_usage(*mistaken, "--models-from", same, "--models-from", other, says="it holds one REPO")


if __name__ == "__main__":
    unittest.main()
