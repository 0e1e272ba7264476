"""hfaudit pull REPO FILE..., as `hf download` takes it: a word after the first REPO is a file of it, else a REPO."""

import os
import unittest

from pull_case import SIX, PullCase
from hub import Repo, make_gguf, status

GGUF = make_gguf("acme/gguf")
ODD = Repo("acme/odd").commit({"a[1].txt": "odd", "a1.txt": "other", "acme/gguf": "a file named as a repo", "x/y/z.txt": "deep"})
SHARD = "model-00001-of-00003.safetensors"


class Files(PullCase):
    def test_only_these_files(self):
        hub = self.hub(SIX)
        report = self.pull(hub, "acme/six", "config.json", SHARD, agrees=False)
        self.assert_pulled(SIX, only={"config.json", SHARD})
        self.assertEqual(report["asked"], {"repos": ["acme/six"], "include": ["config.json", SHARD], "exclude": []})
        self.assertEqual([repo["verdict"] for repo in report["repos"]], ["complete"])
        self.assertEqual({finding["id"] for finding in report["findings"]}, {"idle-lock"})
        self.assertEqual(hub.requests(path="*00002*"), [])

    def test_patterns_do_not_narrow_named_files(self):
        """As with `hf download`, and with a word about it."""
        hub = self.hub(SIX)
        done = self.run_hfaudit("pull", "acme/six", "config.json", "--include", "*.md", env=self.settings(hub))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"hfaudit: --include and --exclude are ignored for files that are named\n", done.stderr)
        self.assert_pulled(SIX, only={"config.json"})
        done = self.run_hfaudit("pull", "acme/six", "--include", "*.md", env=self.settings(hub))
        self.assertNotIn(b"ignored", done.stderr)

    def test_a_word_that_is_neither(self):
        for offline, code in (([], 4), (["--offline"], 3)):
            hub = self.hub(SIX)
            self.pull(hub, "acme/six", agrees=False)
            report = self.pull(hub, "acme/six", "config.jsn", *offline, code=code, agrees=False)
            self.assertTrue(report["transfers"][1]["trouble"].endswith("; nor does acme/six have a file of this name"), report)

    def test_words_that_are_no_file_are_repos(self):
        hub = self.hub(SIX, GGUF)
        report = self.pull(hub, "acme/six", "config.json", "acme/gguf", agrees=False)
        self.assert_pulled(SIX, only={"config.json"})
        self.assert_pulled(GGUF)
        self.assertEqual(report["asked"]["repos"], ["acme/six", "acme/gguf"])
        self.assertEqual([transfer["repo_id"] for transfer in report["transfers"]], ["acme/six", "acme/gguf"])

    def test_a_report_of_files_and_a_repo(self):
        """Of the first repo it is about these files, of the other about all."""
        report = self.pull(self.hub(SIX, GGUF), "acme/six", "config.json", SHARD, "acme/gguf", agrees=False)
        self.assertEqual({repo["repo_id"]: repo["verdict"] for repo in report["repos"]},
                         {"acme/six": "complete", "acme/gguf": "complete"})

    def test_a_misspelt_file_downloads_nothing(self):
        for word in ("tokenzier.json", "model.safetensor.bin"):
            report = self.pull(self.hub(SIX), "acme/six", word, code=4, agrees=False)
            self.assertEqual(self.transfer(report)["trouble"], "it has no file " + word)
            self.assertEqual(len(report["transfers"]), 1)
            self.assertFalse(os.path.exists(os.path.join(self.folder(SIX), "snapshots")))

    def test_other_repos_do_not_wait_for_the_first(self):
        hub = self.hub(SIX, GGUF, faults=[status(503, on="api", path="/*six*", times=4)])
        self.pull(hub, "acme/six", "config.json", "acme/gguf", agrees=False)
        asked = [entry.path for entry in hub.requests() if entry.kind == "api"]
        self.assertLess(next(i for i, path in enumerate(asked) if "gguf" in path),
                        max(i for i, path in enumerate(asked) if "six" in path))
        self.assert_pulled(SIX, only={"config.json"})
        self.assert_pulled(GGUF)

    def test_a_file_goes_before_a_repo_of_its_name(self):
        hub = self.hub(ODD, GGUF)
        self.pull(hub, "acme/odd", "acme/gguf", agrees=False)
        self.assert_pulled(ODD, only={"acme/gguf"})
        self.assertFalse(os.path.exists(self.folder(GGUF)))

    def test_a_name_is_no_pattern(self):
        hub = self.hub(ODD)
        report = self.pull(hub, "acme/odd", "x/y/z.txt", "a[1].txt", agrees=False)
        self.assert_pulled(ODD, only={"x/y/z.txt", "a[1].txt"})
        self.assertEqual(report["asked"]["include"], ["x/y/z.txt", "a[[]1].txt"])
        self.assertEqual(report["repos"][0]["verdict"], "complete")
        self.assert_usage("pull", "acme/odd", "*.txt", says="a REPO is no pattern", env=self.settings(hub))

    def test_a_file_that_is_not_there(self):
        """A word that can be no REPO: nothing is downloaded in its place."""
        hub = self.hub(ODD)
        report = self.pull(hub, "acme/odd", "x/y/none.txt", code=4, agrees=False)
        self.assertEqual(self.transfer(report)["trouble"], "it has no file x/y/none.txt")
        self.assertFalse(os.path.exists(os.path.join(self.folder(ODD), "snapshots")))
        for word in ("https://example.com/x", "../x", "/x", "./x", "x/../y", "acme/six:Q4", ""):
            with self.subTest(word=word):
                self.assert_usage("pull", "acme/odd", word, says="cannot use " + (word or '"": no repo is named'),
                                  env=self.settings(hub))

    def test_a_repo_that_is_not_there(self):
        report = self.pull(self.hub(SIX), "acme/six", "acme/none", code=4, agrees=False)
        self.assert_pulled(SIX)
        self.assertEqual([transfer["repo_id"] for transfer in report["transfers"]], ["acme/six", "acme/none"])

    def test_after_a_first_repo_that_is_refused(self):
        report = self.pull(self.hub(GGUF), "acme/none", "acme/gguf", code=4, agrees=False)
        self.assert_pulled(GGUF)
        self.assertEqual([transfer["repo_id"] for transfer in report["transfers"]], ["acme/none", "acme/gguf"])

    def test_after_an_error_of_the_hub(self):
        """The words are settled once the listing is here."""
        hub = self.hub(SIX, faults=[status(503, on="api", times=6)])
        self.pull(hub, "acme/six", "config.json", agrees=False)
        self.assert_pulled(SIX, only={"config.json"})

    def test_in_a_local_dir(self):
        hub, folder = self.hub(SIX, GGUF), os.path.join(self.scratch, "local")
        self.pull(hub, "acme/six", "config.json", "--local-dir", folder, agrees=False)
        self.assertEqual(set(os.listdir(folder)), {".cache", "config.json"})
        report = self.pull(hub, "acme/six", "acme/gguf", "--local-dir", folder, code=4, agrees=False)
        self.assertIn("it has no file acme/gguf; for another repo, leave out --local-dir", self.transfer(report)["trouble"])
        self.assertEqual(set(os.listdir(folder)), {".cache", "config.json"})

    def test_a_plan(self):
        report = self.pull(self.hub(SIX), "acme/six", "config.json", "--dry-run", agrees=False)
        self.assertEqual([file["path"] for file in self.transfer(report)["left"]], ["config.json"])

    def test_offline(self):
        hub = self.hub(SIX)
        self.pull(hub, "acme/six")
        self.pull("http://127.0.0.1:9", "acme/six", "config.json", "--offline", agrees=False)
        self.pull("http://127.0.0.1:9", "acme/six", "x/y/none.txt", "--offline", code=3, agrees=False)


class Text(PullCase):
    """What a run says to a person."""

    def said(self, hub, *args, code=0):
        done = self.run_hfaudit("pull", "--waits", "0", "--max-attempts", "1", *args, env=self.settings(hub))
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout.decode()

    def test_the_last_line_counts_the_repos(self):
        text = self.said(self.hub(SIX), "acme/six", "acme/none", code=4)
        self.assertRegex(text.splitlines()[-1], r"\Aunknown: 1 of 2 repos complete, 1 refused; no findings; ")
        self.assertIn("\n  acme/none: not found, or private: ", text)

    def test_a_plan_names_the_cache(self):
        hub = self.hub(SIX)
        self.assertIn(f"Cache: {self.home}/hub (from HF_HOME)\n", self.said(hub, "acme/six", "--dry-run"))
        os.rmdir(os.path.join(self.home, "hub"))
        self.assertIn(f"Cache: {self.home}/hub (from HF_HOME), not there\n", self.said(hub, "acme/six", "--dry-run"))

    def test_a_second_run_downloads_nothing(self):
        hub = self.hub(SIX)
        self.assertIn("\nVerified while downloading: 11 files, ", self.said(hub, "acme/six"))
        self.assertIn("\nVerified 11 files, ", self.said(hub, "acme/six"))


if __name__ == "__main__":
    unittest.main()
