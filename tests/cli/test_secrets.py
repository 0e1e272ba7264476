"""Secrets stay secret: passwords and tokens in no output, whatever fails; private files of the members of a shared cache;
no core dump, no key log; names that no repo can have are not asked for."""

import os
import resource
import shutil
import socket
import ssl
import stat
import subprocess
import threading
import unittest

from cli_case import each
from pull_case import HFAUDIT, SANITIZED, TOKEN, PullCase
from hub import Content, Repo, close, html, redirect, reset, silent, status, throttle
from system import reachable

PASSWORD, USER = "s3cr3tpw", "proxyuser"
REPO = Repo("acme/plain").commit({"config.json": "{}\n", "model.bin": Content.generate("m", 50_000)})
OWNER, MEMBER, GROUP = 2001, 2002, 3000
LONG = bool(os.environ.get("HFAUDIT_LONG"))  # what is tried again takes seconds


def listener(answer):
    """A server that answers each connection with these bytes; its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(answer)
    threading.Thread(target=serve, daemon=True).start()
    return server, server.getsockname()[1]


class ForeignWords(PullCase):
    """Every way in which a request fails; all that is printed, written and sent on is searched for the secrets."""

    hook = False

    def setUp(self):
        super().setUp()
        self.served = self.hub(REPO, tokens={TOKEN: ["acme/plain"]})

    def outputs(self, *words, **env):
        """All that a run tells anybody, and its exit code."""
        told = os.path.join(self.scratch, "told")
        report = os.path.join(self.scratch, "report.json")
        for path in (told, report):
            if os.path.exists(path):
                os.unlink(path)
        given = {"HF_TOKEN": TOKEN, "HF_ENDPOINT": self.served.url, "NO_PROXY": "", **env}
        usual = ["--waits", "0.05", "--max-attempts", "1", "--timeout", "1"]
        notify = ["--notify", f"exec:cat >{told}"]
        if LONG or self.hook:  # it is tried again for seconds
            notify += ["--notify", f"http://{USER}:{PASSWORD}@127.0.0.1:9/hook"]
        done = subprocess.run([HFAUDIT, words[0], "--format", "json", "--output", report, *usual,
                               *(notify if words[0] == "pull" else []), *words[1:]],
                              env=self.environment(**given), cwd=self.scratch, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)
        texts = {"stdout": done.stdout, "stderr": done.stderr}
        for name, path in (("--output", report), ("--notify", told)):
            if os.path.exists(path):
                with open(path, encoding="utf-8") as file:
                    texts[name] = file.read()
        return done.returncode, texts

    def assert_kept(self, *words, fails=True, secrets=(PASSWORD, TOKEN), **env):
        code, texts = self.outputs(*words, **env)
        if fails:
            self.assertNotEqual(code, 0)
        self.assertGreater(len("".join(texts.values())), 20)
        for name, text in texts.items():
            for secret in secrets:
                for part in (secret, secret[:-1], secret[1:]):
                    self.assertNotIn(part, text, name)
        return texts

    def test_proxies(self):
        """What libcurl makes of each proxy that it cannot use; its words quote it."""
        credentials = (f"{USER}:{PASSWORD}", f"{USER}:{PASSWORD}@", f"{USER}:{PASSWORD}/x", f"{USER}:{PASSWORD} y",
                       f"{USER}:{PASSWORD}'q", f'{USER}:{PASSWORD}"q', f"{USER}:{PASSWORD}#", f"{USER}:{PASSWORD}?", f"{USER}:{PASSWORD}://z",
                       f":{PASSWORD}", PASSWORD, f"{USER}%3A{PASSWORD}", f"{USER}:{PASSWORD}%", f"{USER}:{PASSWORD}\\")
        schemes = ("http://", "https://", "sock5://", "socks5://", "socks4a://", "ftp://", "", "x://", "http:/")
        hosts = ("127.0.0.1:9", "nowhere.invalid:80", "127.0.0.1:99999", "127.0.0.1:x", "[::1", "[::1%25]:9", "", "a b:1")
        for number, credential in enumerate(credentials):
            for scheme in schemes if LONG or number == 0 else (schemes[number % len(schemes)],):
                host = hosts[(number + schemes.index(scheme)) % len(hosts)]
                with self.subTest(proxy=f"{scheme}{credential}@{host}"):
                    self.assert_kept("pull", "acme/plain", http_proxy=f"{scheme}{credential}@{host}")

    def test_proxies_that_answer(self):
        self.hook = True
        for answer in (b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n",
                       b"HTTP/1.1 403 Forbidden\r\nX-Error-Message: no " + PASSWORD.encode() + b"@x\r\nContent-Length: 0\r\n\r\n",
                       b"SSH-2.0-x\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<html>"):
            server, port = listener(answer)
            with self.subTest(answer=answer), server:
                self.assert_kept("pull", "acme/plain", http_proxy=f"http://{USER}:{PASSWORD}@127.0.0.1:{port}")
                self.assert_kept("pull", "acme/plain", HF_ENDPOINT="https://127.0.0.1:1",
                                 https_proxy=f"http://{USER}:{PASSWORD}@127.0.0.1:{port}")

    def test_endpoints(self):
        credentials, schemes = (f"{USER}:{PASSWORD}", f"{USER}:{PASSWORD}@", f"{USER}:{PASSWORD}/", PASSWORD), ("http", "https", "ftp")
        ends = ("127.0.0.1:9", "nowhere.invalid", "127.0.0.1:99999", "[::1", "127.0.0.1:9/?q", "127.0.0.1:9/#f", "a b", "")
        for number, end in enumerate(ends):
            for credential in credentials if LONG or number < 2 else (credentials[number % 4],):
                for scheme in schemes if LONG else (schemes[number % 3],):
                    with self.subTest(end=end, credential=credential, scheme=scheme):
                        self.assert_kept("pull", "acme/plain", HF_ENDPOINT=f"{scheme}://{credential}@{end}")

    def test_faults_of_the_hub(self):
        """A mirror that repeats what it was sent, and redirects to URLs with passwords in them."""
        echo = {"X-Error-Message": f"bad token {TOKEN} of http://{USER}:{PASSWORD}@host", "X-Request-Id": "1"}
        away = [f"http://{USER}:{PASSWORD}@127.0.0.1:9/x", f"http://{USER}:{PASSWORD}@nowhere.invalid/x", f"ftp://{USER}:{PASSWORD}@h/",
                f"http://{USER}:{PASSWORD}@[::1", f"http://127.0.0.1:9/?sig={PASSWORD}"]
        if LONG:
            away += [f"//{USER}:{PASSWORD}@127.0.0.1:9/", f"http://127.0.0.1:9@{USER}:{PASSWORD}@127.0.0.1:9/"]
        faults = [status(code, headers=echo, on=on) for code in (400, 401, 403, 404, *((418, 429, 500, 503) if LONG else ()))
                  for on in ("api", "resolve")]
        faults += [redirect(to, on=on) for to in away for on in (("api", "resolve") if LONG else ("api",))]
        faults.append(redirect(away[0], on="resolve"))
        faults += [close(100, times=3), reset(100, times=3), silent(times=3), html(), close(0, on="api"), silent(on="api")]
        for fault in faults:
            shutil.rmtree(os.path.join(self.home, "hub"), ignore_errors=True)
            self.served.faults = [fault]
            with self.subTest(fault=fault):
                self.assert_kept("pull", "acme/plain", fails=fault.times is None)
        self.served.faults = [faults[1]]
        for words in (("repair", "acme/plain"), ("preflight", "--repair", "acme/plain"), ("preflight", "--online", "acme/plain"),
                      ("scan", "--online"), ("verify", "--online")):
            usual = ["--waits", "0.05", "--max-attempts", "1"] if words[0] in ("repair", "preflight") else []
            done = subprocess.run([HFAUDIT, *words, *usual], env=self.settings(self.served, HF_TOKEN=TOKEN), cwd=self.scratch,
                                  capture_output=True, text=True, timeout=100, check=False)
            for secret in (TOKEN, PASSWORD):
                self.assertNotIn(secret, done.stdout + done.stderr, words)

    def test_what_is_typed(self):
        """A REPO with a password, as `git clone` takes it; a token file that is none."""
        for repo in (f"https://{USER}:{TOKEN}@example.org/acme/plain",
                     f"http://{TOKEN}@huggingface.co/docs", f"https://{USER}:{TOKEN}@huggingface.co/acme/pl ain"):
            code, texts = self.outputs("pull", repo)
            self.assertEqual(code, 2)
            self.assertNotIn(TOKEN, "".join(texts.values()), repo)
        self.pull(self.served, f"http://{USER}:{TOKEN}@" + self.served.url.removeprefix("http://") + "/acme/plain",
                  env={"HF_TOKEN": TOKEN}, agrees=False)
        for text in (TOKEN + "\x01", "a b " + TOKEN, TOKEN * 400):
            self.write(os.path.join(self.home, "token"), text.encode())
            self.assert_kept("pull", "acme/plain", HF_TOKEN=None)


class Names(PullCase):
    def test_names_that_no_repo_can_have(self):
        hub = self.hub(REPO)
        for name in ("acme/pl ain", "acme/pl%20ain", "acme%2Fplain", "acme/plain%", "acme/pla\tin", "acme/pla\nin", "acme/pla\x7fin",
                     "acme/pla\\in", "acme/plain?x", "acme/plain#x", "acme/plain&x", "acme/'plain'", "acme/pl;ain", "acme/*",
                     "acme-/plain", "-acme/plain", ".acme/plain", "acme/plain.", "hf://acme/pl%20ain", "acme/plain@a\x01b",
                     "models--acme--pl ain", "https://huggingface.co/acme/pl%20ain"):
            for command in ("pull", "scan", "preflight", "repair", "verify", "watch"):
                done = self.run_hfaudit(command, "--", name, env=self.settings(hub)) if name.startswith("-") else \
                    self.run_hfaudit(command, name, env=self.settings(hub))
                with self.subTest(name=name, command=command):
                    self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                    self.assertRegex(done.stderr, rb"\A[^\x00-\x09\x0b-\x1f\x7f]+\Z")
        self.assertEqual(hub.requests(), [])

    def test_lists(self):
        hub = self.hub(REPO)
        for text in (b"acme/plain\0/other\n", b"acme/plain\0\n", b"\0acme/plain\n", b"acme/pl ain\n", b"acme/plain@main\0x\n"):
            self.write(os.path.join(self.scratch, "list"), text)
            done = self.run_hfaudit("pull", "--models-from", "list", env=self.settings(hub))
            self.assertEqual(done.returncode, 2, (text, done.stderr))
        self.assertEqual(hub.requests(), [])

    def test_a_folder_with_such_a_name(self):
        """A repair of a whole cache does not ask for it."""
        hub = self.hub(REPO)
        for folder in ("models--acme--pl ain", "models--acme--pl%20ain"):
            self.add_broken(folder)
        done = self.run_hfaudit("repair", env=self.settings(hub))
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(hub.requests(), [])

    def test_files_that_are_called_like_notes(self):
        local = os.path.join(self.scratch, "local")
        for names in (("a.bin", "a.bin.aria2"), ("a.bin.aria2", "a.bin.aria2.aria2")):
            repo = Repo("acme/aria").commit({name: name for name in names} | {"config.json": "{}\n"})
            hub = self.hub(repo)
            for _ in range(2):
                self.pull(hub, "acme/aria", "--local-dir", local, "--exclude", ".x")
            for name in names:
                with open(os.path.join(local, name), encoding="utf-8") as file:
                    self.assertEqual(file.read(), name)
            shutil.rmtree(local)
        self.write(os.path.join(local, "config.json.aria2"), b"mine")
        self.pull(self.hub(repo), "acme/aria", "--local-dir", local)
        kept = [os.path.join(folder, name) for folder, _, names in os.walk(local) for name in names if ".aria2.hfaudit" in name]
        self.assertEqual(len(kept), 1)
        with open(kept[0], "rb") as file:
            self.assertEqual(file.read(), b"mine")


class Members(PullCase):
    """Files of 0600 of each member, under every name of the cache: no command of another one, of root or of their own opens
    them wider."""

    NAMES = ("token", "stored_tokens", "hub/token", "hub/{}/refs/main2", "hub/{}/blobs/" + "1" * 64, "hub/{}/blobs/" + "2" * 64 + ".lock",
             "hub/{}/blobs/" + "3" * 40 + ".incomplete", "hub/{}/blobs/{etag}.incomplete", "hub/{}/blobs/{etag}.hfaudit.incomplete",
             "hub/{}/trees/" + "e" * 40 + ".json", "hub/{}/snapshots/{commit}/id_rsa", "hub/{}/.no_exist/{commit}/x", "hub/{}/secret",
             "hub/.locks/{}/{etag}.lock", "hub/.locks/{}/" + "4" * 64 + ".lock", "hub/.locks/{}/.hfaudit-preflight.lock", "hub/x.lock",
             "hub/{}/.hfaudit-quarantine/a/x", "xet/secret", "xet/logs/x.log", "hub/{}/blobs/tmp_" + "5" * 8, "hub/CACHEDIR.TAG")

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("needs root")
        self.served = self.hub(REPO)

    def test_every_name(self):
        for owner, mode in each(((OWNER, 0o600), (OWNER, 0o400), (MEMBER, 0o400), (MEMBER, 0o600))):
            with self.subTest(owner=owner, mode=oct(mode)):
                self.run_all(owner, mode)

    def run_all(self, owner, mode):
        shutil.rmtree(self.home)
        os.makedirs(os.path.join(self.home, "hub"))
        self.pull(self.served, "acme/plain")
        etag = REPO.head.files["model.bin"].etag
        os.unlink(self.blob(REPO, "model.bin"))
        paths = [os.path.join(self.home, name.format(REPO.folder, etag=etag, commit=REPO.head.oid)) for name in self.NAMES]
        for path in paths:
            if os.path.lexists(path):
                os.unlink(path)
            self.write(path, b"-----BEGIN PRIVATE KEY-----\n" + b"k" * 100)
        for folder, _, names in os.walk(self.home):
            os.chown(folder, OWNER, GROUP)
            os.chmod(folder, 0o2775)
            for name in names:
                path = os.path.join(folder, name)
                os.lchown(path, OWNER, GROUP)
                if not os.path.islink(path):
                    os.chmod(path, 0o664)
        # By their inodes: a name may be another file's by the end.
        held = {}
        for path in paths:
            os.chown(path, owner, GROUP)
            os.chmod(path, mode)
            held[path] = os.open(path, os.O_RDONLY)
        os.chmod(os.path.join(self.home, "hub", REPO.folder, "snapshots"), 0o2755)
        for uid in (owner, OWNER, MEMBER, 0):
            for words in (("repair", "--only", "ownership"), ("preflight", "--repair", "acme/plain"), ("repair",),
                          ("pull", "acme/plain"), ("scan",)):
                identity = {"user": uid, "group": uid, "extra_groups": [GROUP]} if uid else {}
                usual = ["--waits", "0.05", "--max-attempts", "1", "--timeout", "5"] if words[0] != "scan" else []
                subprocess.run([reachable(HFAUDIT), words[0], *usual, *words[1:]], env=self.settings(self.served), cwd="/",
                               stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False, umask=0o002, **identity)
                for path, fd in held.items():
                    status_now = os.fstat(fd)
                    private = b"PRIVATE KEY" in os.pread(fd, 200, 0)
                    opened = stat.S_IMODE(status_now.st_mode) & 0o077
                    self.assertFalse(private and opened, (uid, words, path, oct(status_now.st_mode)))
                    self.assertEqual(status_now.st_uid, owner, (uid, words, path))
        for fd in held.values():
            os.close(fd)


class Hardening(PullCase):
    def limits_of(self, process):
        with open(f"/proc/{process.pid}/limits", encoding="ascii") as file:
            line = next(line for line in file if line.startswith("Max core file size"))
        return line.split()[4]

    @unittest.skipIf(SANITIZED, "a sanitizer sets the limit on cores itself")
    def test_no_core_where_a_token_is_held(self):
        hub = self.hub(REPO, faults=[throttle(20_000, path="model.bin")], tokens={TOKEN: []})
        before = resource.getrlimit(resource.RLIMIT_CORE)
        if before[1] not in (resource.RLIM_INFINITY,) and before[1] < 4096:
            self.skipTest("no core dumps here anyway")
        resource.setrlimit(resource.RLIMIT_CORE, (4096, before[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, before)
        for token, limit in ((TOKEN, "1"), (None, "4096")):
            process = self.start(hub, "acme/plain", env={"HF_TOKEN": token})
            self.wait_until(lambda: hub.requests(host="cdn"), process)
            self.assertEqual(self.limits_of(process), limit)
            process.kill()
            process.wait()
            hub.log.clear()
            shutil.rmtree(os.path.join(self.home, "hub"))

    @unittest.skipIf(SANITIZED, "a sanitizer sets the limit on cores itself")
    def test_a_command_gets_what_was_given(self):
        self.add_repo("models--acme--fine", {"config.json": b"{}", "model.bin": b"weights"})
        before = resource.getrlimit(resource.RLIMIT_CORE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, before)
        resource.setrlimit(resource.RLIMIT_CORE, (min(4096, before[1]) if before[1] >= 0 else 4096, before[1]))
        done = self.run_hfaudit("preflight", "acme/fine", "--", "sh", "-c", "ulimit -c; echo $SSLKEYLOGFILE; echo $HF_TOKEN",
                                env={"SSLKEYLOGFILE": "/nowhere/keys", "HF_TOKEN": TOKEN})
        self.assertEqual(done.stdout.decode().splitlines()[1:], ["/nowhere/keys", TOKEN], done.stderr)
        self.assertNotEqual(done.stdout.decode().splitlines()[0], "0")

    @unittest.skipUnless(shutil.which("openssl"), "no openssl to make a certificate with")
    def test_no_keys_are_written(self):
        pem, keys = os.path.join(self.scratch, "hub.pem"), os.path.join(self.scratch, "keys")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", pem + ".key", "-out", pem, "-days", "2", "-subj", "/CN=hub",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        settings.load_cert_chain(pem, pem + ".key")
        hub = self.hub(REPO)
        hub._hub.socket = settings.wrap_socket(hub._hub.socket, server_side=True)
        hub.url = hub.url.replace("http:", "https:")
        env = {"SSL_CERT_FILE": pem, "SSLKEYLOGFILE": keys, "HF_TOKEN": TOKEN}
        self.pull(hub, "acme/plain", "--include", "*.json", env=env)
        self.assertFalse(os.path.exists(keys))


if __name__ == "__main__":
    unittest.main()
