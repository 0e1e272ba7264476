"""--online where the Hub refuses, or something stands in the way: only the Hub's own no is a no."""

import json
import os
import unittest
from concurrent.futures import ThreadPoolExecutor

from hub_case import GATED, PRIVATE, SIX, TAGGED, TOKEN, answers
from hub import make_model, silent, status
from online_case import SHARD, OnlineCase, flip_last_byte


class Access(OnlineCase):
    def test_a_repo_that_is_gone(self):
        self.lay_out(make_model("acme/gone", shards=1, shard_size=1000))
        self.assert_refused(self.hub(), "not found, or private")
        self.assert_refused(self.hub(), "not found, or this token has no access", HF_TOKEN=TOKEN)

    def test_the_rest_is_audited_all_the_same(self):
        self.lay_out(make_model("acme/gone", shards=1, shard_size=1000))
        self.lay_out(SIX, without=[SHARD])
        for _, code, report in self.both(self.hub()):
            self.assertEqual(code, 4)
            bases = {repo["repo_id"]: (repo["verdict"], repo["basis"]) for repo in report["repos"]}
            self.assertEqual(bases["acme/six"], ("incomplete", "hub"))
            self.assertEqual(bases["acme/gone"][0], "complete")
            self.assertEqual([finding["id"] for finding in report["findings"]], ["missing-shard"])
            gone = next(repo for repo in report["repos"] if repo["repo_id"] == "acme/gone")
            place = f"{gone['path']}/snapshots/{gone['revisions'][0]['commit']}"
            self.assertEqual([blind["path"] for blind in report["blind"]], [place])

    def test_a_private_repo(self):
        self.lay_out(PRIVATE)
        hub = self.hub()
        self.assert_refused(hub, "private.*HF_TOKEN")
        for _, code, report in self.both(hub, HF_TOKEN=TOKEN):
            self.assertEqual(code, 0)
            self.assert_judged(report, "complete")
        self.write(os.path.join(self.home, "token"), TOKEN.encode())
        os.chmod(os.path.join(self.home, "token"), 0o600)
        self.assertEqual(self.audit("verify", hub)[0], 0)

    def test_a_token_that_the_hub_does_not_accept(self):
        self.lay_out(PRIVATE)
        self.assert_refused(self.hub(), "does not accept the token of HF_TOKEN", HF_TOKEN="hf_" + "o" * 34)

    def test_such_a_token_does_not_hide_a_public_repo(self):
        self.lay_out(SIX)
        for _, code, report in self.both(self.hub(), HF_TOKEN="hf_" + "o" * 34):
            self.assertEqual(code, 0)
            self.assert_judged(report, "complete")

    def test_a_gated_repo_is_listed_to_everybody(self):
        self.lay_out(GATED)
        for _, code, report in self.both(self.hub(xet=True)):
            self.assertEqual(code, 0)
            self.assert_judged(report, "complete")

    def test_a_gated_repo_that_is_not(self):
        self.lay_out(GATED)
        gate = "Access to model acme/gated is restricted."
        self.assert_refused(self.hub(status(401, "GatedRepo", gate, on="api")), "gated repo. Accept the terms at")
        hub = self.hub(status(403, "GatedRepo", gate, on="api"))
        self.assert_refused(hub, "the token has no access", HF_TOKEN=TOKEN)

    def test_without_online_nobody_is_asked(self):
        self.lay_out(SIX)
        self.lay_out(PRIVATE)
        hub = self.hub()
        for command in ("scan", "verify"):
            self.assertEqual(self.audit(command, hub, online=False, HF_TOKEN=TOKEN)[0], 0)
            self.assertEqual(self.audit(command, hub, "acme/six", online=False, HF_TOKEN=TOKEN)[0], 0)
        self.assertEqual(hub.log, [])

    def test_offline_and_online_contradict_each_other(self):
        self.lay_out(SIX)
        hub = self.hub()
        for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
            for command in ("scan", "verify"):
                self.assert_usage(command, "--online", says=name, env={"HF_ENDPOINT": hub.url, name: "1"})
        self.assertEqual(hub.log, [])

    def test_settings_that_make_no_sense(self):
        self.lay_out(SIX)
        self.assert_usage("verify", "--online", says="HF_ENDPOINT", env={"HF_ENDPOINT": "huggingface.co"})
        self.assert_usage("verify", "--online", says="HF_TOKEN", env={"HF_TOKEN": "a\nX-Evil: b"})


class InTheWay(OnlineCase):
    """No answer, or none of the Hub's. Whatever else is known of the cache is said all the same."""

    def test_many_repos(self):
        """Fifty of them cost no more patience than one, and one line says what stood in the way."""
        for number in range(50):
            self.lay_out(make_model(f"acme/r{number}", shards=1, shard_size=1000))
        self.lay_out(SIX, without=[SHARD])
        page = answers("<html>Welcome to our hotel</html>", headers={"Content-Type": "text/html"})
        own = {"page_size": 10}  # a Hub of its own for each, since they are asked at the same time
        hubs = {
            "Connection refused": "http://user:secret@127.0.0.1:9",
            "no answer within the time limit": self.hub(silent(on="api"), **own),
            "503": self.hub(status(503, on="api"), **own),
            "429": self.hub(rate_limit={"api": 0}, rate_window=300),
            "is a web page": self.hub(page, **own),
        }
        with ThreadPoolExecutor(len(hubs)) as pool:
            audits = {words: pool.submit(self.audit, "verify", hub, HF_HUB_ETAG_TIMEOUT="1")
                      for words, hub in hubs.items()}
        for words, audit in audits.items():
            with self.subTest(words):
                code, report = audit.result()
                self.assert_in_the_way(words, code, report)
                self.assertEqual([finding["id"] for finding in report["findings"]], ["missing-shard"])
                self.assertNotIn("secret", json.dumps(report))

    def test_what_is_no_hub_says_no(self):
        self.lay_out(SIX)
        for code in (401, 403, 404):
            for command in ("scan", "verify"):
                with self.subTest(command, code=code):
                    audit = self.audit(command, self.hub(answers("no", code)))
                    self.assert_in_the_way("is not from a Hub", *audit)

    def test_one_listing_that_makes_no_sense(self):
        """It is of that repo alone: the others are compared all the same."""
        self.lay_out(SIX)
        self.lay_out(TAGGED)
        page = json.dumps([{"type": "file", "oid": "a" * 40, "size": 1, "path": "../x"}])
        code, report = self.audit("verify", self.hub(answers(page, path="/api/models/acme/six/*")))
        self.assert_in_the_way("outside the repo", code, report)
        self.assertEqual({repo["repo_id"]: repo["basis"] for repo in report["repos"]},
                         {"acme/six": "index", "acme/tagged": "hub"})

    def test_trouble_that_passes(self):
        self.lay_out(SIX)
        code, report = self.audit("verify", self.hub(status(503, on="api", times=1)))
        self.assertEqual((code, report.get("blind", [])), (0, []))
        self.assert_judged(report, "complete")

    def test_trouble_after_the_content_was_read(self):
        """What was proven wrong by what the Hub said before stays proven."""
        folder = self.lay_out(SIX, copies=True)
        flip_last_byte(os.path.join(folder, "snapshots", SIX.head.oid, SHARD))
        hub = self.hub(status(503, on="api", skip=1))
        code, report = self.audit("verify", hub)
        self.assertEqual((code, report.get("blind", [])), (1, []))
        self.assert_judged(report, "corrupt", flaws=["digest-mismatch"])
        self.assertEqual(len(hub.requests()), 1)


if __name__ == "__main__":
    unittest.main()
