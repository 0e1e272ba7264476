"""hfaudit merge: parts and machines into one report, and what must not pass for clean."""

import copy
import json
import os
import subprocess
import unittest

from cli_case import COMMIT, HFAUDIT, CliCase

MISMATCH = {"id": "digest-mismatch", "severity": "error", "repo_id": "acme/fine", "repo_type": "model",
            "revision": COMMIT, "path": "hub/models--acme--fine/blobs/x", "message": "not what it should be",
            "fix": "pull", "run": "hfaudit repair --verify acme/fine", "bytes": 5, "details": {"file": "a.bin"}}


OTHER_COMMIT = "f" * 40


class MergeCase(CliCase):
    def setUp(self):
        super().setUp()
        self.add_repo()
        self.base = self.report()

    def save(self, name, report):
        path = os.path.join(self.scratch, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(report if isinstance(report, str) else json.dumps(report))
        return path

    def scan_of(self, host, **changes):
        return {**copy.deepcopy(self.base), "host": host, **changes}

    def part(self, number, of, host="node1", listing="L", **changes):
        """As verify writes it; what it reads is not real."""
        subset = {"asked": f"{number}/{of}", "part": number, "of": of, "listing": listing}
        nothing = {"files": 0, "bytes": 0}
        return self.scan_of(host, command="verify", verified={
            "files": 1, "bytes": 10, "seconds": 0.5, "unverifiable": nothing, "left": nothing,
            "total": {"files": of, "bytes": 10 * of}, "subset": subset}, **changes)

    def damaged(self, report):
        report = copy.deepcopy(report)
        report.update(verdict="damaged", exit_code=1, findings=[MISMATCH])
        report["summary"]["findings"]["error"] = 1
        report["repos"][0]["verdict"] = report["repos"][0]["revisions"][0]["verdict"] = "corrupt"
        return report

    def run_merge(self, *reports, code, options=(), stdin=b""):
        """What merge prints for reports: objects and texts become files, names stay."""
        names = [one if isinstance(one, str) and not one.startswith("{") else self.save(f"r{at}.json", one)
                 for at, one in enumerate(reports)]
        done = subprocess.run([HFAUDIT, "merge", *names, *options], env=self.environment(), cwd=self.scratch,
                              input=stdin, capture_output=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (code, b""), done.stdout)
        return done.stdout.decode()

    def merge(self, *reports, code=0, options=(), **more):
        merged = json.loads(self.run_merge(*reports, code=code, options=["--format", "json", *options], **more))
        self.assertEqual((merged["command"], merged["exit_code"]), ("merge", code))
        return merged


class Parts(MergeCase):
    def test_all_parts_are_the_cache(self):
        merged = self.merge(*[self.part(n, 3, f"node{n}") for n in (3, 1, 2)])
        self.assertEqual(merged["verdict"], "clean")
        self.assertEqual(merged["summary"], self.base["summary"])
        self.assertEqual(merged["cache"]["hub_cache"], os.path.join(self.home, "hub"))
        self.assertEqual(merged["verified"]["total"], {"files": 3, "bytes": 30})
        self.assertEqual((merged["verified"]["files"], merged["verified"]["seconds"]), (3, 1.5))
        self.assertEqual(merged["caches"][0]["hosts"], ["node1", "node2", "node3"])
        self.assertNotIn("host", merged["repos"][0])

    def test_a_missing_part_is_named_and_what_to_run(self):
        text = self.run_merge(self.part(1, 4), self.part(4, 4), code=3)
        self.assertIn("merge: parts 2-3 of 4 are missing\n", text)
        hub = os.path.join(self.home, "hub")
        self.assertIn(f"run: hfaudit verify --subset 2/4 --hf-home {self.home} --format json --output part-2.json\n",
                      text)
        self.assertNotIn("--subset 1/4", text)
        self.assertRegex(text, r"\nunknown: 1 repo ")
        merged = self.merge(self.part(1, 4), self.part(4, 4), code=3, options=["--fail-on", "never"])
        self.assertEqual(merged["caches"][0]["partitions"], [{"of": 4, "listing": "L", "missing": "2-3"}])
        self.assertEqual(merged["blind"][0]["path"], hub)

    def test_the_verdict_of_one_part_is_that_of_the_revision(self):
        merged = self.merge(self.part(1, 2), self.damaged(self.part(2, 2)), code=1)
        self.assertEqual((merged["verdict"], merged["repos"][0]["revisions"][0]["verdict"]), ("damaged", "corrupt"))
        self.assertEqual(merged["findings"], [MISMATCH])
        self.merge(self.part(1, 2), self.damaged(self.part(2, 2)), options=["--fail-on", "never"])
        self.merge(self.damaged(self.part(2, 2)), code=3)

    def test_the_same_part_twice_counts_once(self):
        self.assertEqual(self.merge(self.part(1, 2), self.part(1, 2), self.part(2, 2))["verified"]["files"], 2)
        self.merge(self.part(1, 2), self.part(1, 2), code=3)

    def test_parts_of_another_state_do_not_fill_the_gap(self):
        text = self.run_merge(self.part(1, 2), self.part(2, 2, listing="M"), code=3)
        self.assertIn("the cache changed", text)
        self.assertIn("--subset 1/2", text)
        self.assertIn("--subset 2/2", text)

    def test_an_interrupted_part_is_missing_until_it_is_read_again(self):
        broken = self.part(2, 2, exit_code=130, verdict="unknown")
        broken["verified"]["left"] = {"files": 1, "bytes": 10}
        text = self.run_merge(self.part(1, 2), broken, code=3)
        self.assertIn("part 2 of 2 was not read to its end", text)
        self.merge(self.part(1, 2), broken, self.part(2, 2))

    def test_merged_reports_are_merged_again(self):
        first = self.save("first.json", self.merge(self.part(1, 4), self.part(2, 4), code=3))
        second = self.save("second.json", self.merge(self.part(4, 4), self.scan_of("other"), code=3))
        self.assertIn("part 3 of 4 is missing", self.run_merge(first, second, code=3))
        whole = self.merge(first, second, self.part(3, 4))
        self.assertEqual((len(whole["caches"]), len(whole["sources"]), whole["verified"]["files"]), (2, 5, 4))

    def test_a_sample_says_how_much_it_was(self):
        sample = self.part(1, 10)
        sample["verified"]["subset"] = {"asked": "10%"}
        self.assertIn("of its content a sample was read (10%): 1 of 10 files, 10 B of 100 B",
                      self.run_merge(sample, code=0))


class Machines(MergeCase):
    def test_the_same_path_on_two_machines_is_two_caches(self):
        merged = self.merge(self.damaged(self.scan_of("node1")), self.scan_of("node2"), code=1)
        self.assertEqual(merged["cache"], {"hf_home": None, "hub_cache": None, "xet_cache": None})
        self.assertEqual([repo["host"] for repo in merged["repos"]], ["node1", "node2"])
        self.assertEqual(merged["findings"][0]["host"], "node1")
        self.assertEqual(merged["findings"][0]["cache"], os.path.join(self.home, "hub"))
        self.assertEqual(merged["summary"]["repos"], 2)
        text = self.run_merge(self.damaged(self.scan_of("node1")), self.scan_of("node2"), code=1)
        hub = os.path.join(self.home, "hub")
        self.assertIn(f"\n{hub} on node1\n", text)
        self.assertIn(f"\nclean  {hub} on node2: 1 repo, ", text)

    def test_real_scans_of_real_caches(self):
        self.add_broken()
        good, bad, local = (os.path.join(self.scratch, name) for name in ("good", "bad", "local"))
        self.add_repo(hub=os.path.join(good, "hub"))
        os.makedirs(local)
        names = []
        for args in (["--hf-home", self.home], ["--hf-home", good], ["--local-dir", local]):
            names.append(os.path.join(self.scratch, f"scan-{len(names)}.json"))
            kind = "ndjson" if len(names) == 2 else "json"
            self.run_hfaudit("scan", *args, "--format", kind, "--output", names[-1])
        merged = self.merge(*names, code=3)  # nothing says what the empty folder should have
        self.assertEqual(len(merged["caches"]), 3)
        self.assertEqual([repo["cache"] for repo in merged["repos"] if repo["repo_id"] == "acme/broken"],
                         [os.path.join(self.home, "hub")])
        # One scan merged is that scan.
        alone = self.merge(names[0], code=1)
        with open(names[0], encoding="utf-8") as file:
            scan = json.load(file)
        for key in ("host", "cache", "started_at", "summary", "repos", "findings", "blind", "verdict", "looked_at"):
            self.assertEqual(alone[key], scan[key], key)
        text = self.run_merge(names[0], code=1)
        self.assertIn(f"run: hfaudit repair acme/broken --hf-home {self.home}\n", text)

    def test_many_healthy_machines_are_counted(self):
        names = [self.save(f"m{n}.json", self.scan_of(f"m{n}")) for n in range(30)]
        self.assertIn("\n30 more caches with nothing wrong (-v lists them)\n", self.run_merge(*names, code=0))
        self.assertIn(" on m17\n", self.run_merge(*names, code=0, options=["-v"]))
        self.assertEqual(self.run_merge(*names, code=0, options=["-q"]), "")

    def test_names_from_reports_do_not_reach_the_terminal_as_they_are(self):
        hostile = self.damaged(self.scan_of("n\x1b[2J\n"))
        hostile["findings"][0]["message"] = "\x1b]0;x\x07"
        hostile["repos"][0]["repo_id"] = "a/\x1b[31m"
        text = self.run_merge(hostile, self.scan_of("\u202ename"), code=1, options=["-v"])
        self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")


class Files(MergeCase):
    def test_a_report_that_cannot_be_read_makes_3_and_the_rest_is_merged(self):
        whole = json.dumps(self.base)
        cases = {"": "it is empty", "{": "not valid JSON", whole[:-9]: "not valid JSON",
                 json.dumps({**self.base, "schema": "hfaudit.report/2"}): "its schema is hfaudit.report/2",
                 json.dumps({"a": 1}): "it is not an hfaudit report",
                 json.dumps({**self.base, "exit_code": 10**30}): "exit_code: not a whole number",
                 json.dumps({**self.base, "repos": []}): "summary.repos: does not fit the list"}
        for text, cause in cases.items():
            with self.subTest(cause):
                damaged = self.save("damaged.json", text)
                merged = self.merge(self.base, damaged, code=3)
                self.assertEqual(merged["blind"][0]["path"], damaged)
                self.assertIn(cause, merged["blind"][0]["cause"])
                self.assertEqual(len(merged["repos"]), 1)
                self.assertIn(cause, self.run_merge(damaged, code=3, options=["-q"]))

    def test_a_file_that_is_not_there_is_a_part_that_is_missing(self):
        self.assertIn("No such file", self.merge(self.base, "nope.json", code=3)["blind"][0]["cause"])
        self.assertIn("Is a directory", self.merge(self.base, self.home, code=3)["blind"][0]["cause"])

    def test_no_file_at_all_is_usage(self):
        self.assert_usage("merge", says="REPORT is missing: hfaudit merge REPORT...")
        self.assert_usage("merge", "nope.json", "*.json", says="cannot open nope.json: No such file or directory")
        self.assert_usage("merge", "-", "-", says="twice")
        self.assert_usage("merge", "--jobs", "3", "x", says="unknown option --jobs")

    def test_standard_input_and_pipes(self):
        merged = self.merge("-", code=0, stdin=json.dumps(self.base).encode())
        self.assertEqual(merged["sources"][0]["file"], "-")
        ndjson = self.text("--format", "ndjson").encode()
        self.merge("-", self.scan_of("other"), stdin=ndjson)
        self.merge("/dev/stdin", stdin=ndjson)

    def test_ndjson_that_breaks_off_is_kept_and_makes_3(self):
        ndjson = self.text("--format", "ndjson").encode()
        for cut in (1, 30, len(ndjson.splitlines()[-1]) + 1):
            merged = self.merge("-", code=3, stdin=ndjson[:-cut - 1])
            self.assertEqual((len(merged["repos"]), merged["sources"][0]["exit_code"]), (1, None))

    def test_the_merged_ndjson_reads_back(self):
        ndjson = self.run_merge(self.part(1, 1), self.scan_of("other"), code=0, options=["--format", "ndjson"])
        merged = self.merge("-", stdin=ndjson.encode())
        self.assertEqual((len(merged["caches"]), merged["verdict"]), (2, "clean"))
        cut = ndjson[:ndjson.rindex('{"type"')]
        self.merge("-", code=3, stdin=cut.encode())

    def test_the_output_file(self):
        out = os.path.join(self.scratch, "out.json")
        text = self.run_merge(self.base, code=0, options=["--format", "json", "--output", out])
        self.assertRegex(text, r"\AMerged 1 report of 1 cache, made .*\n")
        with open(out, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["command"], "merge")


class Proofs(MergeCase):
    def trusting(self, number, **changes):
        report = self.part(number, 2, **changes)
        report["verified"].update(files=0, bytes=0, proven={"files": 1, "bytes": 10}, oldest_proof_s=number * 100)
        return report

    def test_parts_whose_files_were_proven_earlier_make_a_whole(self):
        merged = self.merge(self.trusting(1), self.trusting(2))
        self.assertEqual(merged["verified"]["proven"], {"files": 2, "bytes": 20})
        self.assertEqual(merged["verified"]["oldest_proof_s"], 200)
        self.merge(self.trusting(1), code=3)
        mixed = self.merge(self.trusting(1), self.part(2, 2))
        self.assertEqual((mixed["verified"]["files"], mixed["verified"]["proven"]["files"]), (1, 1))
        self.assertIsNone(mixed["verified"]["oldest_proof_s"])


class Differences(MergeCase):
    def other_commit(self, host):
        report = self.scan_of(host)
        report["repos"][0]["revisions"][0]["commit"] = OTHER_COMMIT
        return report

    def fewer_files(self, host):
        report = self.scan_of(host)
        revision = report["repos"][0]["revisions"][0]
        revision["files"]["present"] -= 1
        revision["bytes"]["present"] -= 1
        revision["verdict"] = "subset"
        return report

    def differing(self, *reports, code=0, options=()):
        merged = self.merge(*reports, code=code, options=options)
        return [finding for finding in merged["findings"] if finding["id"] == "node-differs"]

    def test_nodes_that_hold_the_same_do_not_differ(self):
        self.assertEqual(self.differing(self.scan_of("a"), self.scan_of("b"), self.scan_of("c")), [])
        self.assertEqual(self.differing(self.scan_of("a"), self.other_commit("a")), [])  # one cache, at two times

    def test_other_commits_and_other_files_are_named(self):
        for other in (self.other_commit, self.fewer_files):
            with self.subTest(other=other.__name__):
                (finding,) = self.differing(self.scan_of("a"), self.scan_of("b"), other("c"))
                self.assertEqual((finding["severity"], finding["repo_id"], finding["host"]), ("warning", "acme/fine", "c"))
                self.assertIn("a has commit", finding["message"])
                self.assertIn("c has commit", finding["message"])
        (finding,) = self.differing(self.scan_of("a"), self.other_commit("b"), self.other_commit("c"),
                                    code=1, options=["--fail-on", "warning"])
        self.assertIn("2 nodes differ", finding["message"])

    def test_damage_is_no_difference(self):
        self.assertEqual(self.differing(self.scan_of("a"), self.damaged(self.fewer_files("b")), code=1), [])

    def test_a_merged_report_that_is_merged_again_says_it_once(self):
        merged = self.merge(self.scan_of("a"), self.other_commit("b"))
        self.assertEqual(len(self.differing(merged, self.scan_of("c"))), 1)


if __name__ == "__main__":
    unittest.main()
