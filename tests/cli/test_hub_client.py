"""The library's Hub client against a Hub on the loopback interface: what it asks, and what it makes of every no."""

import os
import unittest

from hub_case import DATA, GATED, KERNEL, PRIVATE, RENAMED, SIX, TAGGED, TOKEN, HubCase
from hub import status


class Answers(HubCase):
    def test_a_model(self):
        self.assert_listed(SIX.head, self.ask(self.hub(), "acme/six"))

    def test_other_types(self):
        hub = self.hub()
        self.assert_listed(DATA.head, self.ask(hub, "datasets/acme/data"))
        self.assert_listed(KERNEL.head, self.ask(hub, "kernels/acme/kernel"))

    def test_a_revision_with_slashes_and_more(self):
        self.assert_listed(TAGGED.history[0], self.ask(self.hub(), "acme/tagged@v 1/ü"))

    def test_a_commit(self):
        oid = TAGGED.history[0].oid
        self.assert_listed(TAGGED.history[0], self.ask(self.hub(), f"acme/tagged@{oid}"))

    def test_many_pages(self):
        hub = self.hub(page_size=2)
        self.assert_listed(SIX.head, self.ask(hub, "acme/six"))
        self.assertGreater(len(hub.requests(path="*/tree/*")), 2)

    def test_one_connection_serves_all_pages(self):
        hub = self.hub(page_size=2)
        self.ask(hub, "acme/six")
        self.assertEqual(1, len({entry.peer for entry in hub.requests()}))

    def test_several_threads(self):
        self.assert_listed(SIX.head, self.ask(self.hub(page_size=2), "acme/six", "--threads", "8"))

    def test_a_mirror_with_a_path(self):
        hub = self.hub(prefix="/hf/mirror", page_size=2)
        self.assert_listed(RENAMED.head, self.ask(hub.url + "/", "acme/old"))

    def test_nothing_compressed_is_asked_for(self):
        hub = self.hub()
        self.ask(hub, "acme/six")
        self.assertEqual({"identity"}, {entry.headers.get("accept-encoding") for entry in hub.requests()})

    def test_xet_hashes(self):
        code, out, _ = self.ask(self.hub(xet=True), "acme/six")
        xet = SIX.head.files["model-00001-of-00002.safetensors"].content.xet_hash
        self.assertIn(f" {xet} model-00001", out, code)

    def test_masked_xet_hashes(self):
        self.assert_listed(GATED.head, self.ask(self.hub(xet=True), "acme/gated"))

    def test_only_ipv4(self):
        self.assert_listed(SIX.head, self.ask(self.hub(), "acme/six", "--ipv4"))

    def test_by_a_proxy(self):
        # The test Hub as a proxy answers 404 to whole URLs; without it the name could not be resolved.
        proxy = self.hub().url
        self.assert_fails(3, "bad-answer", "not from a Hub", self.ask("http://hub.invalid", "acme/six", http_proxy=proxy))


class Refusals(HubCase):
    def test_an_unknown_repo(self):
        self.assert_fails(4, "repo-not-found", "hf auth login", self.ask(self.hub(), "acme/none"))
        self.assert_fails(4, "repo-not-found", "this token", self.ask(self.hub(), "acme/none", HF_TOKEN=TOKEN))

    def test_an_unknown_revision(self):
        self.assert_fails(4, "revision-not-found", "acme/six/commits", self.ask(self.hub(), "acme/six@none"))

    def test_a_private_repo(self):
        hub = self.hub()
        self.assert_fails(4, "repo-not-found", "private.*HF_TOKEN", self.ask(hub, "acme/private"))
        self.assert_listed(PRIVATE.head, self.ask(hub, "acme/private", HF_TOKEN=f" {TOKEN}\n"))

    def test_the_token_file(self):
        self.write(os.path.join(self.home, "token"), TOKEN.encode() + b"\n")
        hub = self.hub()
        self.assert_listed(PRIVATE.head, self.ask(hub, "acme/private"))
        asked = self.ask(hub, "acme/private", HF_HUB_DISABLE_IMPLICIT_TOKEN="1")
        self.assert_fails(4, "repo-not-found", "private", asked)

    def test_a_gated_repo(self):
        hub = self.hub(status(401, "GatedRepo", "Access to model acme/six is restricted.", on="api"))
        self.assert_fails(4, "gated", f"Accept the terms at {hub.url}/acme/six, then log in", self.ask(hub, "acme/six"))
        hub = self.hub(status(403, "GatedRepo", "Access to model acme/six is restricted.", on="api"))
        asked = self.ask(hub, "acme/six", HF_TOKEN=TOKEN)
        self.assert_fails(4, "gated", f"Accept the terms at {hub.url}/acme/six", asked)

    def test_a_disabled_repo(self):
        self.assert_fails(4, "disabled", "acme/disabled", self.ask(self.hub(), "acme/disabled"))

    def test_a_token_without_the_right(self):
        hub = self.hub(status(403, message="Your token has no read rights", on="api"))
        asked = self.ask(hub, "acme/six", HF_TOKEN=TOKEN)
        self.assert_fails(4, "forbidden", "Your token has no read rights", asked)

    def test_a_bad_token_does_not_hide_a_public_repo(self):
        hub = self.hub()
        self.assert_listed(SIX.head, self.ask(hub, "acme/six", HF_TOKEN="hf_old"), "token-refused\n")
        self.assertEqual(1, len(hub.requests(header="authorization")))

    def test_a_bad_token_and_a_private_repo(self):
        asked = self.ask(self.hub(), "acme/private", HF_TOKEN="hf_old")
        self.assert_fails(4, "bad-token", "token of HF_TOKEN.*hf auth login", asked)

    def test_offline(self):
        hub = self.hub()
        for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
            self.assert_fails(3, "offline", f"{name} is set", self.ask(hub, "acme/six", **{name: "1"}))
        self.assertEqual([], hub.requests())

    def test_what_makes_no_sense(self):
        for variables in ({"HF_ENDPOINT": "huggingface.co"}, {"HF_TOKEN": "a\nX-Evil: b"}, {"HF_HUB_ETAG_TIMEOUT": "x"}):
            with self.subTest(variables):
                self.assert_fails(2, "usage", next(iter(variables)), self.ask(self.hub(), "acme/six", **variables))


if __name__ == "__main__":
    unittest.main()
