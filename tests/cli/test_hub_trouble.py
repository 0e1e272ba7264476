"""The library's Hub client where the network, the Hub, or somebody between them is not as it should be."""

import json
import os
import shutil
import ssl
import subprocess
import time
import unittest

from hub_case import RENAMED, SIX, TOKEN, HubCase, answers
from hub import close, html, oversend, silent, status


class Trouble(HubCase):
    def test_rate_limited(self):
        hub = self.hub(status(429, headers={"Retry-After": "1"}, on="api", times=1))
        began = time.monotonic()
        self.assert_listed(SIX.head, self.ask(hub, "acme/six"))
        self.assertGreaterEqual(time.monotonic() - began, 1)

    def test_rate_limited_for_long(self):
        hub = self.hub(rate_limit={"api": 0}, rate_window=300)
        self.assert_fails(3, "rate-limited", r"again in (299|30\d) s, or log in", self.ask(hub, "acme/six"))
        self.assertEqual(1, len(hub.requests()))

    def test_trouble_that_passes(self):
        hub = self.hub()
        for code in (500, 502, 503, 504, 408):
            with self.subTest(code):
                hub.faults = [status(code, on="api", times=2)]
                self.assert_listed(SIX.head, self.ask(hub, "acme/six"))

    def test_trouble_that_stays(self):
        hub = self.hub(status(503, on="api"))
        self.assert_fails(3, "server-trouble", "503", self.ask(hub, "acme/six", "--attempts", "3"))
        self.assertEqual(3, len(hub.requests()))

    def test_nobody_listens(self):
        hub = self.hub(prefix="/own")
        hub._hub.server_close()
        asked = self.ask(hub, "acme/six", "--attempts", "2")
        self.assert_fails(3, "unreachable", "Connection refused.*HF_ENDPOINT", asked)

    def test_no_such_host(self):
        asked = self.ask("http://user:secret@hub.invalid", "acme/six", "--attempts", "1", HF_HUB_ETAG_TIMEOUT="2")
        self.assert_fails(3, "unreachable", "cannot be resolved|in time", asked)  # as long as the name server takes
        self.assertNotIn("secret", asked[2])

    def test_no_tls(self):
        asked = self.ask(self.hub().url.replace("http:", "https:"), "acme/six", "--attempts", "1")
        self.assert_fails(3, "unreachable", "no secure connection", asked)

    def certified(self, *names):
        """A server's settings with a certificate for these names, and the file that it is in."""
        pem = os.path.join(self.scratch, "hub.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", pem + ".key", "-out", pem, "-days", "2", "-subj", "/CN=hub",
                        "-addext", "subjectAltName=" + ",".join(names)], check=True, capture_output=True)
        settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        settings.load_cert_chain(pem, pem + ".key")
        return settings, pem

    @unittest.skipUnless(shutil.which("openssl"), "no openssl to make a certificate with")
    def test_certificates(self):
        settings, pem = self.certified("IP:127.0.0.1")
        hub = self.hub(tls=settings)
        asked = self.ask(hub, "acme/six", HF_TOKEN=TOKEN)
        self.assert_fails(3, "unreachable", "certificate is not trusted.*SSL_CERT_FILE", asked)
        self.assertEqual([], hub.requests())
        for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
            self.assert_listed(SIX.head, self.ask(hub, "acme/six", **{variable: pem}))
        asked = self.ask(hub, "acme/six", SSL_CERT_FILE="/nowhere")
        self.assert_fails(3, "unreachable", "CA bundle", asked)

    @unittest.skipUnless(shutil.which("openssl"), "no openssl to make a certificate with")
    def test_a_certificate_of_another_host(self):
        settings, pem = self.certified("DNS:huggingface.co", "IP:127.0.0.2")
        asked = self.ask(self.hub(tls=settings), "acme/six", SSL_CERT_FILE=pem)
        self.assert_fails(3, "unreachable", "certificate is not trusted", asked)

    def test_silence(self):
        hub = self.hub(silent(on="api"))
        began = time.monotonic()
        asked = self.ask(hub, "acme/six", "--attempts", "1", HF_HUB_ETAG_TIMEOUT="1")
        self.assert_fails(3, "unreachable", "no answer within the time limit", asked)
        self.assertLess(time.monotonic() - began, 4)

    def test_an_interruption(self):
        for fault in (silent(on="api"), status(503, headers={"Retry-After": "8"}, on="api")):
            began = time.monotonic()
            asked = self.ask(self.hub(fault), "acme/six", "--interrupt-after", "0.3")
            self.assert_fails(3, "interrupted", "interrupted", asked)
            self.assertLess(time.monotonic() - began, 3)

    def test_an_answer_cut_short(self):
        self.assert_listed(SIX.head, self.ask(self.hub(close(20, on="api", times=1)), "acme/six"))
        asked = self.ask(self.hub(close(20, on="api")), "acme/six", "--attempts", "1")
        self.assert_fails(3, "unreachable", "broke off", asked)

    def test_garbage(self):
        hub = self.hub()
        for body in ("", "garbage", "[}", "{}", "null", '[{"type":"file"}]', "[" * 100):
            with self.subTest(body):
                hub.faults = [answers(body, path="/api/models/acme/six/tree/*")]
                self.assert_fails(3, "bad-answer", "HF_ENDPOINT", self.ask(hub, "acme/six"))
        for body in ('{"sha":"main"}', '{"sha":null}', "[]", "{}"):
            with self.subTest(body):
                hub.faults = [answers(body)]
                self.assert_fails(3, "bad-answer", "HF_ENDPOINT", self.ask(hub, "acme/six"))

    def test_a_web_page(self):
        self.assert_fails(3, "bad-answer", "web page", self.ask(self.hub(html(on="api")), "acme/six"))

    def test_no_hub_at_all(self):
        """What some proxy says is never the Hub's no."""
        for code in (401, 403, 404):
            with self.subTest(code):
                self.assert_fails(3, "bad-answer", "not from a Hub", self.ask(self.hub(answers("no", code)), "acme/six"))

    def test_too_much(self):
        for headers in ({}, {"Content-Encoding": "identity"}):  # the second is chunked: it has no length
            with self.subTest(headers):
                hub = self.hub(answers("{}", headers=headers), oversend(70 << 20, on="api"))
                self.assert_fails(3, "bad-answer", "larger than", self.ask(hub, "acme/six"))
        headers = {f"X-{i}": "x" * 30000 for i in range(3)}
        self.assert_fails(3, "bad-answer", "larger than", self.ask(self.hub(answers("", 200, headers)), "acme/six"))


class Listings(HubCase):
    """Pages that lie, and where they send us."""

    def setUp(self):
        super().setUp()
        self.one = self.hub()

    def pages(self, *faults):
        """Faults for the tree's requests alone."""
        for fault in faults:
            fault.path = "/api/models/acme/*/tree/*"
        return self.hub(*faults, page_size=2)

    def page(self, path, **more):
        entry = {"type": "file", "oid": "a" * 40, "size": 1, "path": path, **more}
        self.one.faults = [answers(json.dumps([entry]), path="/api/models/acme/six/tree/*")]
        return self.ask(self.one, "acme/six")

    def test_paths_that_leave_the_snapshot(self):
        self.assertEqual(0, self.page("a/b c")[0])
        for path in ("../x", "/x", "a/../x", "a//x", "a\\..\\x", "\\x", "a\0", "", ".", "a/"):
            with self.subTest(path):
                self.assert_fails(3, "bad-answer", "outside the repo", self.page(path))

    def test_other_lies(self):
        self.assert_fails(3, "bad-answer", "without a size", self.page("a", size=-1))
        self.assert_fails(3, "bad-answer", "git oid", self.page("a", oid="../x"))
        self.assert_fails(3, "bad-answer", "sha256", self.page("a", lfs={"oid": "x", "size": 1}))

    def test_a_listing_without_end(self):
        hub = self.pages(answers("[]", headers={"Link": '<?cursor=1>; rel="next"'}))
        self.assert_fails(3, "bad-answer", "listing does not end", self.ask(hub, "acme/six"))
        self.assertEqual(2, len(hub.requests(path="*/tree/*")))

    def test_a_page_that_comes_twice(self):
        page = json.dumps([{"type": "file", "oid": "a" * 40, "size": 1, "path": "a"}])
        hub = self.pages(answers(page, headers={"Link": '<?cursor=1>; rel="next"'}, times=1),
                         answers(page, skip=1))
        self.assert_fails(3, "bad-answer", "listed twice", self.ask(hub, "acme/six"))

    def test_a_link_to_another_host(self):
        """Mirrors pass on the Hub's links: the cursor counts, and not the host."""
        hub = self.pages(answers("[]", times=1))
        hub.faults[0].with_["headers"] = {"Link": f'<{hub.cdn_url}/x?recursive=true&cursor=0>; rel="next"'}
        self.assert_listed(SIX.head, self.ask(hub, "acme/six", HF_TOKEN=TOKEN))
        self.assertEqual([], hub.requests(host="cdn"))


class Redirects(HubCase):
    def test_a_renamed_repo_keeps_the_token(self):
        hub = self.hub(page_size=2)
        self.assert_listed(RENAMED.head, self.ask(hub, "acme/old", HF_TOKEN=TOKEN))
        self.assertEqual(len(hub.requests()), len(hub.requests(header="authorization")))

    def to_cdn(self, *cdn_faults):
        hub = self.hub(status(307, on="api", path="/api/models/acme/six/*"), *cdn_faults)
        hub.faults[0].with_["headers"] = {"Location": f"{hub.cdn_url}/elsewhere"}
        return hub, self.ask(hub, "acme/six", HF_TOKEN=TOKEN)

    def test_another_host_never_gets_the_token(self):
        commit = json.dumps({"sha": "c" * 40})
        page = json.dumps([{"type": "file", "oid": "a" * 40, "size": 1, "path": "a"}])
        more = {"Link": '<?cursor=2>; rel="next"'}
        hub, asked = self.to_cdn(status(200, body=commit, on="cdn", times=1),
                                 status(200, body="[]", headers=more, on="cdn", skip=1, times=1),
                                 status(200, body=page, on="cdn", skip=2))
        self.assertEqual((0, f"commit {'c' * 40}\n1 {'a' * 40} - a\n", ""), asked)
        self.assertEqual(3, len(hub.requests(host="cdn")))
        self.assertEqual([], hub.requests(host="cdn", header="authorization"))
        self.assertTrue(hub.requests(host="hub", header="authorization"))

    def test_another_host_cannot_speak_for_the_hub(self):
        _, asked = self.to_cdn(status(404, "RepoNotFound", on="cdn"))
        self.assert_fails(3, "bad-answer", "not from a Hub", asked)

    def test_a_circle(self):
        hub = self.hub(answers("", 302, {"Location": "/api/models/acme/six/revision/main"}))
        self.assert_fails(3, "bad-answer", "circle", self.ask(hub, "acme/six"))
        self.assertLess(len(hub.requests()), 10)

    def test_nowhere(self):
        for location in ("file:///etc/passwd", "gopher://127.0.0.1/", "", "http://"):
            with self.subTest(location):
                hub = self.hub(answers("", 302, {"Location": location}))
                self.assert_fails(3, "bad-answer", "no URL", self.ask(hub, "acme/six"))


if __name__ == "__main__":
    unittest.main()
