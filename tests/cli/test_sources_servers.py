"""Sources that are servers: web servers and sftp, and their failures."""

import json
import os
import shutil
import subprocess
import sys
import unittest

from pull_case import SIX, TOKEN, single
from source_case import LARGE, WEIGHTS, SourceCase
import ssh_server

STATIC = "static" in os.environ.get("HFAUDIT_BUILD", "")
WEB_FAULTS = ("absent", "wrong", "short", "stall", "dies", "no-ranges", "busy")


class Servers(SourceCase):
    def test_a_server_with_ranges(self):
        hub = self.hub(SIX)
        self.fill(hub, "acme/six")
        server = self.serve()
        report = self.pull(hub, "acme/six", "--from", server.url)
        self.assert_pulled(SIX)
        self.assert_tidy(SIX)
        self.assertLess(self.of_hub(hub), WEIGHTS // 10)  # a busy machine may take the server for stalled
        self.assertEqual(set(self.shares(report)), {server.url})

    def test_a_server_of_a_home(self):
        hub = self.hub(SIX)
        self.fill(hub, "acme/six")
        report = self.pull(hub, "acme/six", "--from", self.serve(folder="").url)
        self.assert_pulled(SIX)
        self.assertLess(self.of_hub(hub), WEIGHTS // 10)

    def test_faults(self):
        for fault in WEB_FAULTS:
            with self.subTest(fault):
                shutil.rmtree(self.home, ignore_errors=True)
                shutil.rmtree(self.other, ignore_errors=True)
                hub = self.hub(LARGE)
                self.fill(hub, "acme/large")
                server = self.serve(faults={fault}, dies_after=1_000_000)
                self.pull(hub, "acme/large", "--from", server.url)
                self.assert_pulled(LARGE)
                self.assert_tidy(LARGE)
                if fault == "no-ranges":
                    self.assertEqual(self.of_hub(hub), 0)
                if fault == "dies":
                    self.assertLess(self.of_hub(hub), 2_600_000)

    def test_of_two_servers_one_lies(self):
        hub = self.hub(LARGE)
        self.fill(hub, "acme/large")
        for faults in ({"wrong"}, {"absent"}, {"stall"}):
            with self.subTest(faults):
                shutil.rmtree(self.home, ignore_errors=True)
                liar, good = self.serve(faults=faults), self.serve()
                report = self.pull("http://127.0.0.1:9", "acme/large", "--offline", "--from", liar.url, "--from", good.url)
                self.assert_pulled(LARGE)
                self.assertIn(good.url, self.shares(report))

    def test_two_servers_share_the_work(self):
        huge = single(48_000_000, "acme/huge")
        hub = self.hub(huge)
        self.fill(hub, "acme/huge")
        servers = [self.serve(rate=8 << 20) for _ in range(2)]
        self.pull(hub, "acme/huge", *(word for server in servers for word in ("--from", server.url)))
        self.assert_pulled(huge)
        for server in servers:
            self.assertGreater(server.content_bytes(), 5_000_000)

    def test_no_token_and_no_password_is_shown(self):
        hub = self.hub(SIX)
        self.fill(hub, "acme/six")
        server = self.serve()
        url = server.url.replace("http://", "http://user:secretword@")
        report = self.pull(hub, "acme/six", "--from", url, env={"HF_TOKEN": TOKEN})
        self.assertNotIn("secretword", json.dumps(report))
        for headers in server.headers:
            self.assertNotIn(TOKEN, json.dumps(headers))
            self.assertTrue(headers["Authorization"].startswith("Basic "))

    def test_the_simplest_server(self):
        """`python3 -m http.server` knows no ranges."""
        hub = self.hub(SIX)
        other = self.fill(hub, "acme/six")
        process = subprocess.Popen([sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"],
                                   cwd=os.path.join(other, "hub"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(process.stdout.close)
        self.addCleanup(lambda: (process.kill(), process.wait()))
        port = process.stdout.readline().split()[5].decode()
        self.pull("http://127.0.0.1:9", "acme/six", "--offline", "--from", f"http://127.0.0.1:{port}")
        self.assert_pulled(SIX)


@unittest.skipUnless(ssh_server.is_here(), "there is no OpenSSH server")
@unittest.skipIf(STATIC, "the static program's libcurl has no sftp")
class Sftp(SourceCase):
    def setUp(self):
        super().setUp()
        self.server = ssh_server.SshServer(os.path.join(self.scratch, "ssh")).__enter__()
        self.addCleanup(self.server.__exit__)
        self.env = {"HOME": self.server.home}

    def test_with_the_users_key(self):
        hub = self.hub(LARGE)
        other = self.fill(hub, "acme/large")
        url = self.server.url(os.path.join(other, "hub"))
        report = self.pull("http://127.0.0.1:9", "acme/large", "--offline", "--from", url, env=self.env)
        self.assert_pulled(LARGE)
        self.assertEqual(len(self.shares(report)), 1)

    def test_an_unknown_host_and_an_unknown_key(self):
        hub = self.hub(LARGE)
        url = self.server.url(os.path.join(self.fill(hub, "acme/large"), "hub"))
        for name, words in ((self.server.known_hosts, "known_hosts"), (os.path.join(self.server.home, ".ssh", "id_ed25519"), "key")):
            with self.subTest(words):
                os.rename(name, name + ".away")
                report = self.pull("http://127.0.0.1:9", "acme/large", "--offline", "--from", url, env=self.env, code=3, agrees=False)
                self.assertIn(words, self.transfer(report)["trouble"])
                os.rename(name + ".away", name)

    def test_what_it_lacks_comes_from_the_hub(self):
        for how in ("absent", "truncated", "wrong"):
            with self.subTest(how):
                shutil.rmtree(self.home, ignore_errors=True)
                shutil.rmtree(self.other, ignore_errors=True)
                hub = self.hub(LARGE)
                url = self.server.url(os.path.join(self.fill(hub, "acme/large"), "hub"))
                self.damage(LARGE, how)
                self.pull(hub, "acme/large", "--from", url, env=self.env)
                self.assert_pulled(LARGE)
                self.assert_tidy(LARGE)


if __name__ == "__main__":
    unittest.main()
