"""--since and --only-new: what is new, worse, better, gone; and that nothing is hidden by it."""

import json
import os
import unittest

from cli_case import COMMIT
from test_merge import MergeCase
from verify_case import VerifyCase, flip


class SinceCase(VerifyCase):
    def night(self, *args, command="scan", code=0, output=True):
        """One night of cron: compares with the last report and replaces it. Returns what it prints."""
        last = os.path.join(self.scratch, "last.json")
        keep = ["--format", "json", "--output", last] if output else []
        done = self.run_hfaudit(command, "--since", last, *keep, *args)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout.decode()

    def last(self):
        with open(os.path.join(self.scratch, "last.json"), encoding="utf-8") as file:
            return json.load(file)

    def since(self, *args, code=0, command="scan"):
        done = self.run_hfaudit(command, "--since", os.path.join(self.scratch, "last.json"), "--format", "json", *args)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)["since"]


class Nights(SinceCase):
    def test_cron_mails_once_for_one_damage(self):
        self.add_repo()
        self.assertIn("everything counts as new", self.night("--only-new"))
        self.assertEqual(self.night("-q", "--only-new"), "")
        broken = self.add_broken()
        text = self.night("-q", "--only-new", code=1)
        self.assertRegex(text, r"\ANew since \d{4}-\d\d-\d\dT[^ ]+ \(.*last\.json\): 1 new\n")
        self.assertIn("new     error    acme/broken", text)
        self.assertIn("run: hfaudit repair", text)
        self.assertRegex(text, r"\ndamaged: 2 repos ")
        self.assertEqual(self.night("-q", "--only-new"), "")
        self.assertEqual(self.last()["exit_code"], 0)
        self.assertEqual(self.last()["verdict"], "damaged")
        blob = os.path.join(os.fsdecode(broken), "snapshots", COMMIT, "vocab.txt")
        target = os.path.join(os.path.dirname(blob), os.readlink(blob))
        self.write(target, b"gone")
        self.assertIn("1 gone", self.night("--only-new"))

    def test_weights_that_vanish_without_a_trace_are_news(self):
        repo = os.fsdecode(self.add_repo())
        self.night("-q", "--only-new")
        snapshot = os.path.join(repo, "snapshots", COMMIT)
        for name in os.listdir(snapshot):
            os.unlink(os.path.join(snapshot, name))
        self.write(os.path.join(snapshot, "README.md"), b"# left\n")
        text = self.night("-q", "--only-new")
        self.assertRegex(text, r"\n  worse   repo     [^ ]+  subset, was complete\n")
        self.assertEqual(self.night("-q", "--only-new"), "")

    def test_without_only_new_the_exit_code_is_that_of_the_report(self):
        self.add_broken()
        self.night(code=1)
        text = self.night(code=1)
        self.assertIn(": nothing\n", text)
        self.assertIn("error", text)

    def test_old_damage_beside_new_damage_is_not_in_the_mail(self):
        self.add_broken()
        self.night(code=1)
        self.add_broken("models--acme--second", "merges.txt")
        text = self.night("-q", "--only-new", code=1)
        self.assertIn("acme/second", text)
        self.assertNotIn("acme/broken", text)

    def test_the_json_report_says_what_became_of_each_finding(self):
        self.add_broken()
        self.night(code=1)
        self.add_broken("models--acme--second")
        self.night(code=1)
        report = self.last()
        self.assertEqual({f["repo_id"]: f["since"] for f in report["findings"] if f["severity"] == "error"},
                         {"acme/broken": "same", "acme/second": "new"})
        since = report["since"]
        self.assertEqual((since["found"], since["only_new"], since["command"]), (True, False, "scan"))
        self.assertEqual([f["repo_id"] for f in since["new"]], ["acme/second"])
        self.assertEqual((since["worse"], since["better"], since["gone"]), ([], [], []))
        self.assertEqual(since["findings"]["new"], 1)
        self.assertEqual([(r["change"], r["repo_id"], r["was"]) for r in since["repos"]],
                         [("new", "acme/second", None)])

    def test_ndjson_has_it_in_lines(self):
        self.add_repo()
        self.add_broken()
        self.night(code=1)
        os.rename(os.path.join(self.home, "hub", "models--acme--broken"), os.path.join(self.scratch, "away"))
        done = self.run_hfaudit("scan", "--since", os.path.join(self.scratch, "last.json"), "--format", "ndjson")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([line["repo_id"] for line in lines if line["type"] == "gone"], ["acme/broken"])
        self.assertEqual([line["change"] for line in lines if line["type"] == "repo-change"], ["gone"])
        self.assertEqual(lines[-1]["since"]["findings"]["gone"], 1)
        # and is an earlier report itself
        path = os.path.join(self.scratch, "last.ndjson")
        with open(path, "wb") as file:
            file.write(done.stdout)
        again = self.run_hfaudit("scan", "--since", path, "--format", "json")
        self.assertEqual(json.loads(again.stdout)["since"]["findings"]["new"], 0)

    def test_an_empty_cache_is_no_repair(self):
        """As that of a disk that is not mounted: the earlier report stays."""
        self.add_broken()
        self.night(code=1)
        before = self.last()
        hub = os.path.join(self.home, "hub")
        os.rename(hub, os.path.join(self.scratch, "away"))
        os.mkdir(hub)
        self.night("-q", "--only-new", code=2)
        self.assertEqual(self.last(), before)

    def test_bytes_that_went_make_it_worse(self):
        repo = self.add_files({"a.bin": 5000, "b.bin": 4000})
        partial = os.path.join(repo, "blobs", os.path.basename(self.blob(repo, "a.bin")))
        os.rename(partial, partial + ".incomplete")
        os.utime(partial + ".incomplete", (1, 1))
        self.night(code=1)
        os.truncate(partial + ".incomplete", 100)
        os.utime(partial + ".incomplete", (1, 1))
        self.assertIn("1 worse", self.night("--only-new", code=1))


class Verifying(SinceCase):
    def test_a_scan_does_not_say_that_damage_of_content_is_gone(self):
        repo = self.add_files({"a.bin": 5000})
        flip(self.blob(repo, "a.bin"), 17)
        self.night(command="verify", code=1)
        since = self.since()
        self.assertEqual((since["gone"], since["findings"]["unchecked"]), ([], 1))
        since = self.since(command="verify", code=1)
        self.assertEqual((since["findings"]["same"], since["findings"]["unchecked"]), (1, 0))
        flip(self.blob(repo, "a.bin"), 17)
        self.assertEqual(self.since(command="verify")["gone"][0]["id"], "digest-mismatch")

    def test_scrub_takes_it_too(self):
        self.add_files({"a.bin": 5000})
        self.night(command="scrub")
        self.assertEqual(self.since(command="scrub")["findings"]["new"], 0)

    def test_a_part_of_the_repos(self):
        self.add_broken()
        self.add_broken("models--acme--second")
        self.night(code=1)
        since = self.since("acme/broken", code=1)
        self.assertEqual((since["findings"]["same"], since["findings"]["gone"], since["findings"]["unchecked"]), (1, 0, 1))


class Refused(SinceCase):
    def refused(self, content, says, code=2):
        path = os.path.join(self.scratch, "earlier.json")
        self.write(path, content)
        done = self.run_hfaudit("scan", "--since", path)
        self.assertEqual((done.returncode, done.stdout), (code, b""), done.stderr)
        self.assertIn(says, done.stderr.decode())
        self.assertEqual(done.stderr.count(b"\n"), 1)

    def test_what_is_no_report(self):
        self.add_repo()
        self.refused(b"", "a shell empties the file")
        self.refused(b"hello", "not valid JSON")
        self.refused(b"{}", "not an hfaudit report")
        self.refused(b'{"schema": "hfaudit.report/2"}', "its schema is hfaudit.report/2")
        self.refused(b'{"schema": "hfaudit.error/1", "error": "x", "exit_code": 2}', "not an hfaudit report")
        self.refused(b"\0\xff\x1b[31m", "not valid JSON")

    def test_another_cache(self):
        self.add_repo()
        report = self.report()
        report["cache"]["hub_cache"] = "/somewhere/else"
        self.refused(json.dumps(report).encode(), "it is of another cache: /somewhere/else on ")

    def test_a_newer_finding(self):
        self.add_broken()
        report = self.report(code=1)
        report["findings"][0]["id"] = "of-the-future"
        self.refused(json.dumps(report).encode(), "of-the-future")

    def test_a_folder_and_a_file_that_may_not_be_read(self):
        self.add_repo()
        self.assert_usage("scan", "--since", self.home, says="directory")
        loop = os.path.join(self.scratch, "loop")
        os.symlink(loop, loop)
        done = self.run_hfaudit("scan", "--since", loop)
        self.assertEqual((done.returncode, done.stdout), (3, b""), done.stderr)

    def test_the_work_does_not_begin(self):
        """A night of reading for a usage error would be too much."""
        repo = self.add_files({"a.bin": 5000})
        os.utime(self.blob(repo, "a.bin"), (1, 1))
        before = os.stat(self.blob(repo, "a.bin")).st_atime_ns
        self.write(os.path.join(self.scratch, "earlier.json"), b"{")
        self.assertEqual(self.run_hfaudit("verify", "--since", "earlier.json").returncode, 2)
        self.assertEqual(os.stat(self.blob(repo, "a.bin")).st_atime_ns, before)

    def test_only_new_needs_since(self):
        self.assert_usage("scan", "--only-new", says="it needs --since")

    def test_hostile_names_of_an_earlier_report(self):
        self.add_broken()
        report = self.report(code=1)
        report["findings"][0]["path"] = "hub/\x1b[31m\u202egnp"
        report["findings"][0]["details"] = {"file": "other\x07"}
        report["findings"][0]["message"] = "evil \x1b]0;title\x07"
        path = os.path.join(self.scratch, "earlier.json")
        self.write(path, json.dumps(report).encode())
        done = self.run_hfaudit("scan", "--since", path)
        self.assertEqual(done.returncode, 1, done.stderr)
        for byte in (b"\x1b", b"\x07", "\u202e".encode()):
            self.assertNotIn(byte, done.stdout)

    def test_code_3_is_never_hidden(self):
        self.add_broken()
        self.night(code=1)
        loop = os.path.join(self.home, "hub", "models--acme--loop")
        os.symlink(loop, loop)
        text = self.night("-q", "--only-new", code=3)
        self.assertIn("models--acme--loop", text)


class Merging(MergeCase):
    def test_merged_reports_are_compared_node_by_node(self):
        first = self.save("first.json", self.merge(self.scan_of("node1"), self.scan_of("node2")))
        worse = [self.scan_of("node1"), self.damaged(self.scan_of("node2"))]
        merged = self.merge(*worse, code=1, options=["--since", first])
        self.assertEqual([(f["host"], f["id"]) for f in merged["since"]["new"]], [("node2", "digest-mismatch")])
        second = self.save("second.json", merged)
        self.merge(*worse, options=["--since", second, "--only-new"])
        text = self.run_merge(*worse, code=0, options=["--since", second, "--only-new", "-q"])
        self.assertEqual(text, "")

    def test_another_fleet(self):
        first = self.save("first.json", self.merge(self.scan_of("node1", cache={
            "hf_home": "/a", "hub_cache": "/a/hub", "xet_cache": None})))
        path = self.save("now.json", self.scan_of("node1"))
        self.assert_usage("merge", path, "--since", first, says="it is of another cache")

    def test_standard_input_holds_one_report(self):
        self.assert_usage("merge", "-", "--since", "-", says="standard input has one report")


if __name__ == "__main__":
    unittest.main()
