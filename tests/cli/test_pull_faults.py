"""hfaudit pull where the network, the Hub or the disk fails: it verifies in the end, or says exactly what is missing."""

import collections
import os
import time
import unittest

from pull_case import SANITIZED, SHARD, SIX, TOKEN, PullCase, single, weights
from hub import (
    Content, Repo, barrier, close, content_range, corrupt, etag_change, gzip, html, ignore_range, make_model, oversend,
    redirect, reset, short, silent, slow, stall, status, throttle,
)

SIZE = 5_000_000
NEVER = 600  # seconds: longer than any test may take, so that what waits for it fails
REPO = make_model("acme/three", shards=3, shard_size=SIZE)
SHARDS = sorted(weights(REPO))
LIMITED = {"RateLimit": '"resolvers";r=0;t=1', "RateLimit-Policy": '"fixed window";"resolvers";q=9;w=1'}

# Each passes after a while; what comes then is right. Functions, since a fault counts what it has met.
PASSING = {
    "throttle": lambda: [throttle(3_000_000)],
    "close": lambda: [close(100_000, times=5)],
    "close before the first byte": lambda: [close(0, times=5)],
    "reset": lambda: [reset(100_000, times=5)],
    "ends early": lambda: [short(1000, times=3)],
    "ends early, every third": lambda: [short(70_000, every=3)],
    "sends more, and says so": lambda: [oversend(1000, times=3)],
    "sends more than promised": lambda: [oversend(1000, declared=False, times=3)],
    "a page of HTML": lambda: [html(times=4)],
    "a page of HTML for the listing": lambda: [html(on="api", times=2)],
    "ignores ranges": lambda: [ignore_range()],
    "ignores ranges, every second": lambda: [ignore_range(every=2)],
    "gzip": lambda: [gzip(times=3)],
    "another file midway": lambda: [etag_change(skip=2, times=1)],
    "416": lambda: [status(416, headers={"Content-Range": "bytes */7"}, on="cdn", times=2)],
    "408": lambda: [status(408, on="cdn", times=2)],
    "429 of the CDN": lambda: [status(429, headers={"Retry-After": "1"}, on="cdn", times=2)],
    "429 of the Hub": lambda: [status(429, headers={"Retry-After": "1"}, on="resolve", times=2)],
    "429 of the API": lambda: [status(429, headers={"Retry-After": "1"}, on="api", times=2)],
    "429 with rate limits": lambda: [status(429, headers=LIMITED, on="resolve", times=3)],
    "5xx of the CDN": lambda: [status(code, on="cdn", times=2, skip=2 * i) for i, code in enumerate((500, 502, 503, 504))],
    "5xx of the Hub": lambda: [status(code, on="resolve", times=2, skip=2 * i) for i, code in enumerate((500, 502, 503, 504))],
    "5xx of the API": lambda: [status(503, on="api", times=2)],
    "answers late": lambda: [slow(0.5, times=6)],
    "never answers": lambda: [silent(times=2)],
    "silent in the middle": lambda: [stall(100_000, NEVER, every=3)],
    "silent before the first byte": lambda: [stall(0, NEVER, every=3)],
    "another range": lambda: [content_range(shift=1000, times=2)],
    "another length": lambda: [content_range(total=1000, times=2)],
    "a circle": lambda: [redirect(on="cdn", times=25)],
    "one wrong bit": lambda: [corrupt(at=SIZE // 2, path=SHARDS[0], times=1)],
    "the address has expired": lambda: [status(403, body="AccessDenied: Request has expired", on="cdn", every=3)],
}


# These last, and meet one file.
LASTING = {
    "html": lambda: html(path="model.bin"), "short": lambda: short(1000, path="model.bin"),
    "gzip": lambda: gzip(path="model.bin"), "reset": lambda: reset(0, path="model.bin"),
    "range": lambda: content_range(shift=10, path="model.bin"), "oversend": lambda: oversend(10, path="model.bin"),
    "circle": lambda: redirect(on="cdn"), "500": lambda: status(500, on="cdn"), "416": lambda: status(416, on="cdn"),
    "403": lambda: status(403, on="cdn"), "404": lambda: status(404, on="cdn"),
}


class EachFault(PullCase):
    """One test a fault (made below)."""

    def passes(self, name):
        hub = self.hub(REPO, faults=PASSING[name]())
        report = self.pull(hub, "acme/three", "--timeout", str(NEVER), "--max-attempts", "10")
        self.assert_pulled(REPO)
        self.assert_tidy(REPO)
        self.assertEqual(self.transfer(report)["left"], [])

    def lasts(self, name):
        """The rest is there, and this file is named with its reason."""
        repo = single(600_000)
        hub = self.hub(repo, faults=[LASTING[name]()])
        report = self.pull(hub, "acme/single", "--max-attempts", "1", code=None)
        if report["exit_code"] == 0:
            self.assert_pulled(repo)  # it found a way
        else:
            self.assert_says_what_is_missing(report, "model.bin")
            self.assertLess(len(hub.requests(file="model.bin")), 60)


def add_each():
    for names, how in ((PASSING, EachFault.passes), (LASTING, EachFault.lasts)):
        for name in names:
            def test(self, name=name, how=how):
                how(self, name)
            words = "".join(c if c.isalnum() else "_" for c in name)
            setattr(EachFault, f"test_{how.__name__}_{words}", test)


add_each()


class Together(PullCase):
    def test_all_at_once(self):
        faults = [
            close(300_000, every=17), reset(200_000, every=19, skip=1), short(5000, every=18, skip=2), html(every=21, skip=3),
            oversend(500, every=20, skip=4), status(503, on="cdn", every=16, skip=5), gzip(every=23, skip=6),
            status(500, on="resolve", every=15, skip=1), ignore_range(every=22, skip=7), stall(100_000, NEVER, every=9, skip=8),
            content_range(shift=512, every=24, skip=9), redirect(on="cdn", every=25, skip=10), throttle(4_000_000),
            corrupt(at=SIZE // 2, path=SHARDS[0], times=1), status(429, headers={"Retry-After": "1"}, on="api", times=1),
            etag_change(every=17, skip=11)]
        hub = self.hub(REPO, faults=faults, signed_url_uses=3, page_size=4)
        self.pull(hub, "acme/three", "--timeout", str(NEVER), "--max-attempts", "40")
        self.assert_pulled(REPO)

    def test_addresses_that_wear_out(self):
        for options in ({"signed_url_uses": 1}, {"signed_url_seconds": 0.3}):
            with self.subTest(options):
                self.home = os.path.join(self.scratch, *options)
                hub = self.hub(REPO, faults=[throttle(5_000_000)], **options)
                self.pull(hub, "acme/three")
                self.assert_pulled(REPO)

    def test_large_files_want_ranges(self):
        self.pull(self.hub(REPO, max_unranged=1 << 20), "acme/three")
        self.assert_pulled(REPO)

    def test_a_quota_is_waited_for(self):
        repo = Repo("acme/many").commit({f"{i}.txt": str(i) for i in range(30)})
        self.pull(self.hub(repo, rate_limit={"resolvers": 25}, rate_window=2), "acme/many", "--max-attempts", "10")
        self.assert_pulled(repo)

    def test_an_address_that_says_nothing(self):
        """IPv6 costs a moment, or nothing where it is not wanted."""
        hub = self.hub(REPO, blackhole_ipv6=True)
        for i, options in enumerate(([], ["--ipv4"])):
            with self.subTest(options):
                self.home = os.path.join(self.scratch, f"home{i}")
                began = time.monotonic()
                self.pull(hub, "acme/three", *options)
                self.assertLess(time.monotonic() - began, 15 if SANITIZED else 5)
                self.assert_pulled(REPO)


class Stalls(PullCase):
    def test_a_silent_range_is_asked_for_again_long_before_the_timeout(self):
        hub = self.hub(REPO, faults=[stall(500_000, NEVER, path=SHARDS[0], times=1)])
        transfer = self.transfer(self.pull(hub, "acme/three", "--timeout", str(NEVER)))
        self.assertEqual(transfer["attempts"], 1)
        self.assert_pulled(REPO)

    def test_an_address_that_wears_out_while_one_answer_is_silent(self):
        """The second request finds it expired: the third asks the Hub anew, and does not wait for the first."""
        hub = self.hub(faults=[stall(100_000, NEVER, path="*-00002-*", times=1)], signed_url_uses=1)
        transfer = self.transfer(self.pull(hub, "acme/six", "--timeout", str(NEVER)))
        self.assertEqual(transfer["attempts"], 1)
        self.assert_pulled(SIX)

    def test_a_silent_answer_of_a_server_that_ignores_ranges(self):
        """Another one begins at zero, and is asked for all the same, if not so soon."""
        hub = self.hub(faults=[ignore_range(), stall(200_000, NEVER, path="*-00002-*", times=1)])
        transfer = self.transfer(self.pull(hub, "acme/six", "--timeout", str(NEVER)))
        self.assertEqual(transfer["attempts"], 1)
        self.assert_pulled(SIX)

    def test_the_timeout_is_the_last_resort(self):
        hub = self.hub(single(1_000_000), faults=[stall(0, 600, path="model.bin")])
        report = self.pull(hub, "acme/single", "--timeout", "2", "--max-attempts", "2", code=None)
        self.assertNotEqual(report["exit_code"], 0)
        self.assert_says_what_is_missing(report, "model.bin")

    def test_a_hub_that_never_answers(self):
        report = self.pull(self.hub(faults=[silent(on="any")]), "acme/six", "--timeout", "2", "--max-attempts", "2", code=3,
                           env={"HF_HUB_ETAG_TIMEOUT": "1"}, agrees=False)
        self.assertTrue(self.transfer(report)["trouble"])

    def test_nobody_listens(self):
        report = self.pull("http://127.0.0.1:9", "acme/six", "--max-attempts", "2", code=3, agrees=False)
        self.assertRegex(self.transfer(report)["trouble"], "127.0.0.1")


class Wrong(PullCase):
    def test_wrong_twice_is_an_error_with_its_evidence(self):
        repo = single(1_000_000)
        file = repo.head.files["model.bin"]
        hub = self.hub(repo, faults=[corrupt(at=700_000, path="model.bin")])
        report = self.pull(hub, "acme/single", code=None)
        self.assertNotEqual(report["exit_code"], 0)
        transfer = self.assert_says_what_is_missing(report, "model.bin")
        trouble = transfer["left"][0]["trouble"]
        wrong = bytearray(file.content.read())
        wrong[700_000] ^= 1
        self.assertIn(file.etag, trouble)
        self.assertIn(Content(bytes(wrong)).sha256, trouble)
        aside = self.blob(repo, "model.bin") + ".hfaudit.wrong"
        with open(aside, "rb") as stream:
            self.assertEqual(stream.read(), wrong)
        self.assertFalse(os.path.lexists(self.blob(repo, "model.bin")))
        asked = [entry for entry in hub.requests(host="cdn") if entry.headers.get("range", "bytes=0-").startswith("bytes=0-")]
        self.assertLessEqual(len(asked), 4)  # twice from zero, not 4 attempts times two
        self.assertTrue(os.path.exists(os.path.join(self.folder(repo), "snapshots", repo.head.oid, "config.json")))
        hub.faults = []
        self.pull(hub, "acme/single")
        self.assert_pulled(repo)

    def test_a_small_file_with_wrong_content(self):
        repo = single(1000)
        report = self.pull(self.hub(repo, faults=[corrupt(at=0, path="config.json")]), "acme/single", code=None)
        self.assertNotEqual(report["exit_code"], 0)
        transfer = self.assert_says_what_is_missing(report, "config.json")
        self.assertIn(repo.head.files["config.json"].etag, transfer["left"][0]["trouble"])

    def test_a_listing_that_leads_out_of_the_snapshot(self):
        for name in ("../../../../outside", "/absolute", "a/../../../x", "a\\..\\b", "nul\0.txt", "a//b", "./x", ".."):
            with self.subTest(name):
                self.home = os.path.join(self.scratch, f"home{abs(hash(name))}")
                repo = Repo("acme/bad").commit({"fine.txt": "1", name: "outside"})
                report = self.pull(self.hub(repo), "acme/bad", code=3, agrees=False)
                self.assertTrue(self.transfer(report)["trouble"])
                self.assertEqual([path for path in self.on_disk() if "outside" in path], [])
                self.assertFalse(os.path.exists(os.path.join(self.scratch, "outside")))

    def test_a_folder_that_is_a_link(self):
        repo = Repo("acme/folder").commit({"sub/a.txt": "a", "sub/b.bin": "b", "c.txt": "c"})
        snapshot = os.path.join(self.folder(repo), "snapshots", repo.head.oid)
        outside = os.path.join(self.scratch, "outside")
        os.makedirs(snapshot)
        os.makedirs(outside)
        os.symlink(outside, os.path.join(snapshot, "sub"))
        report = self.pull(self.hub(repo), "acme/folder", code=None)
        self.assertNotEqual(report["exit_code"], 0)
        self.assertEqual(os.listdir(outside), [])
        self.assert_says_what_is_missing(report, "sub/a.txt", "sub/b.bin")
        local = os.path.join(self.scratch, "local")
        os.makedirs(local)
        os.symlink(outside, os.path.join(local, "sub"))
        self.pull(self.hub(repo), "acme/folder", "--local-dir", local, code=None, agrees=False)
        self.assertEqual(os.listdir(outside), [])


class Facts(PullCase):
    """What no retry changes ends the pull soon, with the host and the file."""

    def test_an_object_that_is_shorter_than_listed(self):
        hub = self.hub(REPO, faults=[content_range(total=-1000, path=SHARDS[1])])
        began = time.monotonic()
        report = self.pull(hub, "acme/three", "--waits", "20,20", "--max-attempts", "25", code=3)
        self.assertLess(time.monotonic() - began, 20)
        transfer = self.assert_says_what_is_missing(report, SHARDS[1])
        self.assertIn(SHARDS[1], transfer["trouble"])
        self.assertIn(f"{SIZE - 1000} bytes", transfer["trouble"])
        self.assertEqual([finding["run"] for finding in report["findings"] if finding["fix"] == "pull"],
                         [None for finding in report["findings"] if finding["fix"] == "pull"])

    def test_a_cdn_that_refuses_is_named(self):
        hub = self.hub(REPO, faults=[status(403, on="cdn", path=SHARDS[1])])
        report = self.pull(hub, "acme/three", "--max-attempts", "1", code=3)
        transfer = self.assert_says_what_is_missing(report, SHARDS[1])
        self.assertIn(hub.cdn_url.partition("//")[2], transfer["trouble"])
        self.assertIn(SHARDS[1], transfer["trouble"])

    def test_a_mirror_without_the_route_of_the_tree(self):
        hub = self.hub(REPO, faults=[status(404, path="/api/*/tree/*", on="api")])
        self.pull(hub, "acme/three")
        self.assert_pulled(REPO)


class Refused(PullCase):
    """Told apart at once, with what to do, and not tried again."""

    def refused(self, words, *repos, faults=(), asked="acme/x", token=None, most=2, **options):
        hub = self.hub(*repos, faults=faults, **options)
        report = self.pull(hub, asked, env={"HF_TOKEN": token}, code=4, agrees=False)
        transfer = self.transfer(report)
        self.assertRegex(transfer["trouble"], words)
        self.assertLessEqual(transfer["attempts"], 1)
        times = collections.Counter((entry.method, entry.path, entry.query, "authorization" in entry.headers)
                                    for entry in hub.requests(host="hub"))
        self.assertLessEqual(max(times.values()), most, times)
        return report, hub

    def test_no_such_repo(self):
        self.refused("not found, or private", SIX)
        self.refused("not found, or this token has no access", SIX, token=TOKEN, tokens={TOKEN: []})

    def test_a_private_repo(self):
        self.refused("private", make_model("acme/x", shards=1, shard_size=1000, private=True))

    def test_no_such_revision(self):
        self.refused("no such branch, tag or commit", make_model("acme/x", shards=1, shard_size=1000), asked="acme/x@nowhere")

    def test_a_disabled_repo(self):
        self.refused("disabled", make_model("acme/x", shards=1, shard_size=1000, disabled=True))

    def test_gated(self):
        gated = make_model("acme/x", shards=2, shard_size=1000, gated=True)
        report, hub = self.refused("gated.*/acme/x", gated)
        self.assertEqual(hub.requests(host="cdn"), [])
        self.assertEqual(len(self.transfer(report)["left"]), len(gated.head.files))
        self.refused("acme/x", gated, token=TOKEN, tokens={TOKEN: []})

    def test_a_file_that_the_hub_does_not_have(self):
        repo = single(1000)
        report, _ = self.refused("model.bin", repo, asked="acme/single", faults=[
            status(404, "EntryNotFound", "Entry not found", on="resolve", path="model.bin")])
        self.assertEqual([file["path"] for file in self.transfer(report)["left"]], ["model.bin"])
        snapshot = os.path.join(self.folder(repo), "snapshots", repo.head.oid)
        self.assertEqual(sorted(os.listdir(snapshot)), ["a", "config.json"])

    def test_one_repo_does_not_stop_the_others(self):
        gated = make_model("acme/gated", shards=1, shard_size=1000, gated=True)
        bad = single(200_000, "acme/bad")
        hub = self.hub(SIX, gated, bad, faults=[status(500, on="cdn", repo="acme/bad")])
        report = self.pull(hub, "acme/gated", "acme/nowhere", "acme/bad", "acme/six", "--max-attempts", "2", code=4, agrees=False)
        self.assert_pulled(SIX)
        troubled = {transfer["repo_id"]: bool(transfer["trouble"]) for transfer in report["transfers"]}
        self.assertEqual(troubled, {"acme/gated": True, "acme/nowhere": True, "acme/bad": True, "acme/six": False})

    def test_no_token_goes_to_another_host(self):
        """Whatever a redirect of the Hub says."""
        gated = make_model("acme/x", shards=1, shard_size=100_000, gated=True)
        other = self.hub(SIX)
        hub = self.hub(gated, tokens={TOKEN: ["acme/x"]})
        self.pull(hub, "acme/x", env={"HF_TOKEN": TOKEN})
        self.assertTrue(hub.requests(host="hub", header="authorization"))
        for on in ("resolve", "api"):
            with self.subTest(on):
                self.home = os.path.join(self.scratch, on)
                hub.faults = [redirect(other.cdn_url + "/elsewhere", on=on)]
                self.pull(hub, "acme/x", "--max-attempts", "2", env={"HF_TOKEN": TOKEN}, code=None, agrees=False)
                self.assertEqual(other.requests(header="authorization"), [])
        self.assertTrue(other.requests())

    def test_nothing_that_is_said_or_passed_on_holds_the_token(self):
        hub = self.hub(SIX, tokens={TOKEN: []}, faults=[barrier("held", 1000, path=SHARD)])
        process = self.start(hub, "acme/six", "-v", env={"HF_TOKEN": TOKEN})
        hub.wait_held("held")
        with open(f"/proc/{process.pid}/cmdline", "rb") as stream:
            self.assertNotIn(TOKEN.encode(), stream.read())
        hub.release("held")
        self.finish(hub, process)


if __name__ == "__main__":
    unittest.main()
