"""The static program in a root of its own: nothing beside it, no /proc, no /etc, read-only, as process 1, as anybody."""

import contextlib
import os
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import unittest

from jail import HFAUDIT, NOBODY, JailCase  # first: it knows where the others are
from hub import Hub, make_model

SIX = make_model("acme/six", shards=2, shard_size=100_000)

# Every distribution has them elsewhere.
BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
           "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/var/lib/ca-certificates/ca-bundle.pem",
           "/etc/ssl/cert.pem")


@contextlib.contextmanager
def name_server(address, name, answer):
    """A DNS server that knows one name, and for no other type than A."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))
        server.settimeout(0.1)
        over = threading.Event()

        def serve():
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    query, peer = server.recvfrom(512)
                    end = query.index(b"\0", 12) + 5
                    known = query[12:end - 5] == b"".join(bytes([len(p)]) + p for p in name.encode().split(b"."))
                    is_a = known and query[end - 4:end] == b"\0\1\0\1"
                    head = query[:2] + struct.pack("!5H", 0x8180 if known else 0x8183, 1, int(is_a), 0, 0)
                    record = b"\xc0\x0c" + struct.pack("!2HIH", 1, 1, 60, 4) + socket.inet_aton(answer)
                    server.sendto(head + query[12:end] + (record if is_a else b""), peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


class TheFile(unittest.TestCase):
    def test_it_asks_for_no_library(self):
        said = subprocess.run(["readelf", "--wide", "--program-headers", "--dynamic", HFAUDIT], check=True,
                              capture_output=True, text=True).stdout
        self.assertIn("LOAD", said)
        for word in ("INTERP", "NEEDED"):
            self.assertNotIn(word, said)
        self.assertIn("DYN", subprocess.run(["readelf", "-h", HFAUDIT], check=True, capture_output=True, text=True).stdout,
                      "not position-independent")

    def test_it_is_small_enough_to_copy(self):
        self.assertLess(os.path.getsize(HFAUDIT), 12_000_000)


class Alone(JailCase):
    def test_scan(self):
        self.add_repo()
        for uid in (None, NOBODY):
            self.assertRegex(self.jailed("scan", "--hf-home", "/cache", uid=uid), r"complete +acme/fine")
        self.add_broken()
        self.assertIn("dangling-entry", self.jailed("scan", "--hf-home", "/cache", uid=NOBODY, code=1))
        self.assertIn("complete", self.jailed("scan", "acme/fine", HF_HOME="/cache"))

    def test_verify_has_its_sha1(self):
        repo = os.fsdecode(self.add_repo())
        self.assertIn("Verified 2 files", self.jailed("verify", "--hf-home", "/cache", uid=NOBODY))
        blob = os.path.join(repo, "blobs", os.listdir(os.path.join(repo, "blobs"))[0])
        with open(blob, "r+b") as file:
            file.write(b"X")
        self.assertIn("digest-mismatch", self.jailed("verify", "--hf-home", "/cache", uid=NOBODY, code=1))

    def test_openssl_settings_of_the_system_do_not_count(self):
        self.add_repo()
        self.forbid_openssl_everything()
        self.assertIn("Verified 2 files", self.jailed("verify", "--hf-home", "/cache"))

    def test_names_of_users_come_from_the_file(self):
        self.add_repo()
        self.assertIn("no such user", self.jailed("scan", "--hf-home", "/cache", "--owner", "alice", code=2))
        self.put("/etc/passwd", "root:x:0:0::/:/none\nalice:x:54321:54321::/:/none\n")
        self.put("/etc/nsswitch.conf", "passwd: sss systemd\n")  # plugins that are not for us
        said = self.jailed("scan", "--hf-home", "/cache", "--owner", "54321", code=1)
        self.assertIn("alice cannot use it", said)


class WithAHub(JailCase):
    def hub(self, tls=None):
        hub = Hub(SIX)
        if tls:
            hub._hub.socket = tls.wrap_socket(hub._hub.socket, server_side=True)
            hub.url = hub.url.replace("http:", "https:")
        hub.__enter__()
        self.addCleanup(hub.__exit__)
        return hub

    def certified(self, *names):
        """A server's settings, and the certificate of the authority that vouches for it."""
        def openssl(*args):
            subprocess.run(["openssl", *args], check=True, capture_output=True, cwd=self.scratch)
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=our authority")
        openssl("req", *key, "-keyout", "hub.key", "-out", "hub.csr", "-subj", "/CN=hub")
        self.write(os.path.join(self.scratch, "names"), b"subjectAltName=" + ",".join(names).encode())
        openssl("x509", "-req", "-in", "hub.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", "names", "-out", "hub.pem")
        settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        settings.load_cert_chain(os.path.join(self.scratch, "hub.pem"), os.path.join(self.scratch, "hub.key"))
        with open(os.path.join(self.scratch, "ca.pem"), encoding="ascii") as file:
            return settings, file.read()

    def pull(self, url, code=0, **environment):
        return self.jailed("pull", "acme/six", "--timeout", "20", "--max-attempts", "1", writable=True, code=code,
                           HF_HOME="/cache", HF_ENDPOINT=url, **environment)

    def empty_the_cache(self):
        shutil.rmtree(self.cache)
        os.makedirs(os.path.join(self.cache, "hub"))

    def test_pull_and_compare(self):
        hub = self.hub()
        self.pull(hub.url)
        said = self.jailed("verify", "--online", "acme/six", HF_HOME="/cache", HF_ENDPOINT=hub.url, uid=NOBODY)
        self.assertRegex(said, r"complete +acme/six")

    def test_a_name_from_the_hosts_file(self):
        url = self.hub().url.replace("127.0.0.1", "hub.test")
        self.assertIn("cannot be resolved", self.pull(url, code=3))
        self.put("/etc/hosts", "127.0.0.1 hub.test\n")
        self.pull(url)
        self.put("/etc/nsswitch.conf", "hosts: mymachines [!UNAVAIL=return] resolve\n")
        self.empty_the_cache()
        self.pull(url)

    @unittest.skipUnless(os.geteuid() == 0, "only root may listen on port 53")
    def test_a_name_from_a_name_server(self):
        url = self.hub().url.replace("127.0.0.1", "hub.test")
        self.put("/etc/resolv.conf", "nameserver 127.0.0.53\noptions timeout:1 attempts:2\n")
        with name_server("127.0.0.53", "hub.test", "127.0.0.1"):
            self.pull(url)

    def online(self, hub, code=0, **environment):
        return self.jailed("scan", "--online", "acme/six", code=code, HF_HOME="/cache", HF_ENDPOINT=hub.url, **environment)

    def test_authorities_where_each_distribution_has_them(self):
        self.pull(self.hub().url)
        settings, authority = self.certified("IP:127.0.0.1")
        hub = self.hub(settings)
        self.assertRegex(self.online(hub, 3), "not trusted.*no certificates of authorities are installed.*SSL_CERT_FILE")
        for place in BUNDLES:
            self.put(place, authority)
            with self.subTest(place):
                self.online(hub)
            os.unlink(self.root + place)

    def test_authorities_by_variable(self):
        self.pull(self.hub().url)
        settings, authority = self.certified("IP:127.0.0.1")
        hub = self.hub(settings)
        self.put("/ca/ours.pem", authority)
        subprocess.run(["openssl", "rehash", self.root + "/ca"], check=True)
        for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
            self.online(hub, **{variable: "/ca/ours.pem"})
        self.online(hub, SSL_CERT_DIR="/ca")
        self.put("/etc/ssl/cert.pem", authority)
        self.online(hub, 3, SSL_CERT_FILE="/nowhere")

    def test_an_authority_vouches_for_its_own_hosts_alone(self):
        self.pull(self.hub().url)
        settings, authority = self.certified("DNS:huggingface.co")
        self.put(BUNDLES[0], authority)
        self.assertIn("not trusted", self.online(self.hub(settings), 3))

    def test_the_systems_openssl_settings_are_not_ours(self):
        settings, authority = self.certified("IP:127.0.0.1")
        self.put(BUNDLES[0], authority)
        self.forbid_openssl_everything()
        self.pull(self.hub(settings).url)


if __name__ == "__main__":
    unittest.main()
