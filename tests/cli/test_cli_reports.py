"""The reports: where each goes, what it is made of, and the exit codes."""

import json
import os
import re
import stat
import subprocess
import threading
import unittest

from cli_case import COMMIT, HFAUDIT, CliCase


class Formats(CliCase):
    def setUp(self):
        super().setUp()
        self.add_repo()

    def test_json_is_one_object_of_the_schema_and_nothing_else(self):
        self.add_broken()
        report = self.report(code=1)
        self.assertEqual(report["schema"], "hfaudit.report/1")
        self.assertEqual((report["command"], report["verdict"], report["exit_code"]), ("scan", "damaged", 1))
        self.assertEqual(report["cache"]["hf_home"], self.home)
        self.assertRegex(report["started_at"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
        self.assertEqual(report["summary"]["by_verdict"], {"complete": 1, "incomplete": 1})
        self.assertEqual([repo["repo_id"] for repo in report["repos"]], ["acme/broken", "acme/fine"])
        finding = report["findings"][0]
        self.assertEqual((finding["id"], finding["severity"], finding["fix"]), ("dangling-entry", "error", "pull"))
        self.assertEqual(finding["path"], f"hub/models--acme--broken/snapshots/{COMMIT}/vocab.txt")

    def test_ndjson_is_an_object_a_line(self):
        self.add_broken()
        objects = [json.loads(line) for line in self.text("--format", "ndjson", code=1).splitlines()]
        self.assertEqual([one["type"] for one in objects], ["start", "repo", "repo", "finding", "end"])
        self.assertEqual(objects[-1]["exit_code"], 1)

    def test_text_of_a_damaged_cache_says_what_to_run_next(self):
        self.add_broken()
        text = self.text(code=1)
        self.assertRegex(text, r"(?m)^incomplete  acme/broken .* missing vocab\.txt$")
        self.assertRegex(text, r"(?m)^complete    acme/fine ")
        self.assertIn("run: hfaudit repair acme/broken\n", text)
        self.assertRegex(text, r"\ndamaged: 2 repos \(1 incomplete, 1 complete\); 1 error; .*\n\Z")

    def test_the_command_to_run_next_names_the_cache_that_was_audited(self):
        self.add_broken()
        hub = os.path.join(self.home, "hub")
        text = self.text("--cache-dir", hub, code=1, env={"HF_HOME": None})
        self.assertIn(f"run: hfaudit repair acme/broken --cache-dir {hub}\n", text)

    def test_quiet_says_nothing_where_all_is_well(self):
        self.assertEqual(self.text("-q"), "")
        self.add_broken()
        text = self.text("--quiet", code=1)
        self.assertIn("acme/broken", text)
        self.assertNotIn("acme/fine", text)

    def test_many_healthy_repos_are_counted_and_with_v_listed(self):
        for number in range(30):
            self.add_repo(f"models--acme--r{number}")
        self.assertIn("\n31 complete (-v lists them)\n", self.text())
        self.assertNotIn("acme/r7", self.text())
        self.assertIn("acme/r7", self.text("-v"))

    def test_a_folder_without_a_cache_is_not_clean(self):
        done = self.run_hfaudit("scan", "--cache-dir", os.path.join(self.scratch, "hf", "hub", "models--acme--fine", "refs"))
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"nothing was downloaded yet", done.stderr)

    def test_names_that_are_no_utf8(self):
        self.add_broken(os.fsdecode(b"models--acme--\xff\x1b[2J\n"), os.fsdecode(b"\xfe\n"))
        finding = self.report(code=1)["findings"][0]
        self.assertIn("path_b64", finding)
        text = self.text(code=1)
        self.assertIn("acme/\\xff\\x1b[2J\\n", text)
        self.assertIsNone(re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text))

    def test_the_home_is_looked_at_but_for_a_hub_cache_by_itself(self):
        token = os.path.join(self.home, "token")
        self.write(token, b"hf_secret")
        os.chmod(token, 0o644)
        hub = os.path.join(self.home, "hub")
        self.assertEqual([one["id"] for one in self.report()["findings"]], ["exposed-token"])
        self.assertEqual(self.report("--cache-dir", hub)["findings"], [])
        self.assertEqual(self.report("acme/fine")["findings"], [])
        for args in ([], ["--format", "json"], ["-v"]):
            self.assertNotIn("hf_secret", self.text(*args))


class ExitCodes(CliCase):
    def test_an_error_makes_1_and_fail_on_moves_the_bar(self):
        self.add_broken()
        self.text(code=1)
        self.text("--fail-on", "never", code=0)
        self.assertEqual(self.report("--fail-on", "never")["verdict"], "damaged")

    def test_a_warning_makes_0_unless_asked_for(self):
        self.write(os.path.join(self.home, "token"), b"hf_x")
        os.chmod(os.path.join(self.home, "token"), 0o644)
        self.text(code=0)
        self.text("--fail-on", "warning", code=1)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to be somebody else")
    def test_a_folder_that_cannot_be_read_makes_3_whatever_the_bar(self):
        self.add_repo()
        os.chmod(os.path.join(self.home, "hub", "models--acme--fine", "snapshots"), 0)
        nobody = {"user": 54321, "group": 54321, "extra_groups": []}
        for args in ([], ["--fail-on", "never"]):
            report = self.report(*args, code=3, **nobody)
            self.assertEqual(report["verdict"], "unknown")
            self.assertTrue(report["blind"])
        self.assertIn("Not everything could be checked", self.text(code=3, **nobody))


class Output(CliCase):
    def setUp(self):
        super().setUp()
        self.add_repo()
        self.path = os.path.join(self.scratch, "out", "report.json")
        os.mkdir(os.path.dirname(self.path))

    def read(self):
        with open(self.path, encoding="utf-8") as file:
            return json.load(file)

    def test_the_file_gets_the_format_and_standard_output_the_text(self):
        text = self.text("--format", "json", "--output", self.path)
        self.assertIn("\nclean: ", text)
        self.assertEqual(self.read()["verdict"], "clean")
        self.assertEqual(os.listdir(os.path.dirname(self.path)), ["report.json"])

    def test_the_file_is_plain_text_whatever_the_terminal(self):
        self.text("--color", "always", "--output", self.path)
        with open(self.path, encoding="utf-8") as file:
            self.assertNotIn("\x1b", file.read())

    def test_the_file_is_replaced_in_one_step_and_keeps_its_mode(self):
        self.write(self.path, b"old")
        os.chmod(self.path, 0o640)
        with open(self.path, encoding="utf-8") as old:
            self.text("--format", "json", "--output", self.path)
            self.assertEqual(old.read(), "old")
        self.assertEqual(self.read()["verdict"], "clean")
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o640)

    def test_a_link_stays_and_its_target_is_replaced(self):
        real = os.path.join(self.scratch, "real.json")
        self.write(real, b"old")
        os.symlink(real, self.path)
        self.text("--format", "json", "--output", self.path)
        self.assertTrue(os.path.islink(self.path))
        self.assertEqual(self.read()["verdict"], "clean")

    def test_a_new_file_has_the_mode_of_the_umask(self):
        self.text("--output", self.path, umask=0o027)
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o640)

    def test_a_device_is_written_to_and_not_replaced(self):
        before = os.stat("/dev/null")
        self.text("--output", "/dev/null")
        self.assertEqual((os.stat("/dev/null").st_ino, os.stat("/dev/null").st_rdev), (before.st_ino, before.st_rdev))

    def test_a_fifo_is_written_to(self):
        os.mkfifo(self.path)
        got = []
        reader = threading.Thread(target=lambda: got.append(self.read()))
        reader.start()
        self.text("--format", "json", "--output", self.path)
        reader.join(timeout=30)
        self.assertEqual(got[0]["verdict"], "clean")

    def test_a_file_that_cannot_be_written_makes_3_and_the_text_is_there_all_the_same(self):
        for path in (os.path.join(self.scratch, "no", "such", "x"), self.scratch, "/dev/full"):
            with self.subTest(path=path):
                done = self.run_hfaudit("scan", "--output", path)
                self.assertEqual(done.returncode, 3)
                self.assertRegex(done.stderr.decode(), r"\Ahfaudit: cannot write to [^\n]+\n\Z")
                self.assertIn(b"\nclean: ", done.stdout)

    def test_a_dash_is_standard_output(self):
        self.assertEqual(json.loads(self.text("--format", "json", "--output", "-"))["verdict"], "clean")

    def test_a_full_disk_behind_standard_output_makes_3(self):
        for args in (["scan"], ["scan", "--format", "json"], ["explain"], ["--help"], ["--version"]):
            with self.subTest(args=args), open("/dev/full", "wb") as full:
                done = self.run_hfaudit(*args, stdout=full)
                self.assertEqual(done.returncode, 3)
                self.assertIn(b"No space left on device", done.stderr)

    def test_a_reader_that_went_away_makes_3_without_a_word(self):
        reading, writing = os.pipe()
        os.close(reading)
        done = self.run_hfaudit("scan", stdout=writing)
        os.close(writing)
        self.assertEqual((done.returncode, done.stderr), (3, b""))

    def test_no_standard_output_at_all_makes_3(self):
        command = ["/bin/sh", "-c", 'exec "$0" scan >&-', HFAUDIT]
        done = subprocess.run(command, env=self.environment(), stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual(done.returncode, 3)


class ManyRepos(CliCase):
    """The same error in many repos is a few of them, a count and one command."""

    def test_lines(self):
        for number in range(30):
            self.add_broken(f"models--acme--m{number:02}")
        self.add_repo()
        # a scan takes a second look at what has just changed: once for all of them
        text = self.text(code=1)
        self.assertLess(len(text.splitlines()), 40, text)
        self.assertIn("and 10 more damaged repos (-v lists them)\ncomplete", text)
        self.assertIn("25 more dangling-entry  A file of the snapshot", text)
        self.assertEqual([line.strip() for line in text.splitlines() if "run:" in line], ["run: hfaudit repair"])
        self.assertIn("31 repos (30 incomplete, 1 complete); 30 errors", text)
        self.assertEqual(self.text("-v", code=1).count("run: hfaudit repair acme/m"), 30)
        self.assertEqual(self.text("-q", code=1).count("run: hfaudit repair"), 1)
        named = [f"acme/m{number:02}" for number in range(25)]
        self.assertEqual(self.text(*named, code=1).count("run: hfaudit repair acme/m"), 25)


class NoReport(CliCase):
    def test_an_unknown_verdict_has_a_reason(self):
        """Beside the locks of a finished download, too."""
        blob = os.fsdecode(os.listdir(os.path.join(self.add_repo(), b"blobs"))[0])
        self.write(os.path.join(self.home, "hub", ".locks", "models--acme--fine", blob + ".lock"), b"")
        report = json.loads(self.run_hfaudit("scan", "acme/fine", "--include", "none*", "--format", "json").stdout)
        self.assertEqual((report["exit_code"], report["repos"][0]["verdict"]), (3, "unknown"))
        self.assertEqual([place["cause"] for place in report["blind"]], ["no file matches --include none*"])

    def test_programs_get_an_object_in_its_place(self):
        where = os.path.join(self.scratch, "none.json")
        for args in (("scan", "acme/none"), ("verify", "a b"), ("preflight", "a b")):
            for form in ("json", "ndjson"):
                with self.subTest(args=args, form=form):
                    done = self.run_hfaudit(*args, "--format", form)
                    said = json.loads(done.stdout)
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertEqual(sorted(said), ["error", "exit_code", "schema", "type"])
                    self.assertEqual((said["schema"], said["exit_code"]), ("hfaudit.error/1", 2))
                    self.assertIn(said["error"], done.stderr.decode())
        done = self.run_hfaudit("scan", "acme/none", "--format", "json", "--output", where)
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertFalse(os.path.exists(where))


if __name__ == "__main__":
    unittest.main()
