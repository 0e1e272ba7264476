"""--notify: who is told what, and what becomes of it when somebody does not answer as he should."""

import http.server
import json
import os
import subprocess
import tempfile
import threading
import time
import unittest

PROBE = os.path.join(os.environ.get("HFAUDIT_BUILD", ""), "tests", "probes", "hfaudit-notify-probe")
TOKEN, HUB_TOKEN, PASSWORD = "syt_secret", "hf_secret", "pass-secret"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, self.headers, body))
        answers = self.server.answers
        status, headers, text = answers.pop(0) if answers else (200, {}, "{}")
        if status is None:  # silence
            time.sleep(headers)
            return
        self.send_response(status)
        for name, value in {"Content-Length": str(len(text)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *_):
        pass


class NotifyCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        if not os.path.exists(PROBE):
            self.skipTest("HFAUDIT_BUILD has no hfaudit-notify-probe")
        self.server = self.serve()
        self.where = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.where}"
        self.asked, self.answers = self.server.asked, self.server.answers
        scratch = tempfile.TemporaryDirectory(prefix="hfaudit-notify-")
        self.addCleanup(scratch.cleanup)
        self.scratch = scratch.name

    def serve(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.asked, server.answers = [], []
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def notify(self, *targets, says=(), code=1, env=None):
        """Sends, expects these failures and no others, and returns what the commands printed."""
        environment = {"PATH": "/usr/bin:/bin", "HOME": self.scratch, "HF_TOKEN": HUB_TOKEN,
                       "MATRIX_HOMESERVER": self.url, "MATRIX_ACCESS_TOKEN": TOKEN, **(env or {})}
        done = subprocess.run([PROBE, str(code), *targets], env=environment, cwd=self.scratch, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        lines = done.stderr.splitlines()
        failures = [line for line in lines if " failed: " in line]
        self.assertEqual(len(failures), len(says), done.stderr)
        for failure, words in zip(failures, says):
            self.assertIn(words, failure)
        for secret in (TOKEN, HUB_TOKEN, PASSWORD):
            self.assertNotIn(secret, done.stderr)
        for _, _, headers, body in self.asked:
            self.assertNotIn(HUB_TOKEN, str(headers) + body.decode())
        return [line for line in lines if line not in failures]


class WebHook(NotifyCase):
    def test_the_outcome_of_each_repo(self):
        self.assertEqual(self.notify(f"{self.url}/hook?key=1", code=4), [])
        (method, path, headers, body), = self.asked
        self.assertEqual((method, path, headers["Content-Type"], headers["Authorization"]),
                         ("POST", "/hook?key=1", "application/json", None))
        told = json.loads(body)
        self.assertEqual((told["schema"], told["tool"]["name"], told["command"], told["exit_code"], told["host"]),
                         ("hfaudit.notification/1", "hfaudit", "pull", 4, "here"))
        self.assertRegex(told["finished_at"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
        whole, half, gated = told["repos"]
        self.assertEqual([repo["outcome"] for repo in told["repos"]], ["complete", "incomplete", "refused"])
        self.assertEqual((whole["wanted"], whole["left"]["files"], whole["trouble"]),
                         ({"files": 13, "bytes": 22_020_000_000}, 0, None))
        self.assertEqual((half["revision"], half["left"]["files"], half["left"]["bytes"]), ("main", 2, 1510))
        self.assertEqual(half["left"]["first"][0]["path"], "model.safetensors")
        self.assertEqual((gated["commit"], gated["trouble"]), (None, "its licence is not accepted"))

    def test_a_password_in_the_url_is_sent_and_not_shown(self):
        self.answers.append((403, {}, "no"))
        self.notify(f"http://me:{PASSWORD}@{self.where}/hook-secret", says=[f"{self.url} failed: the server returned 403"])
        self.assertEqual(self.asked[0][2]["Authorization"], "Basic bWU6cGFzcy1zZWNyZXQ=")
        self.assertEqual(len(self.asked), 1)

    def test_what_may_pass_is_tried_again(self):
        self.answers += [(503, {}, ""), (429, {"Retry-After": "1"}, "")]
        self.notify(self.url)
        self.assertEqual([method for method, *_ in self.asked], ["POST"] * 3)
        self.answers += [(503, {}, "")] * 3
        self.notify(self.url, says=["the server returned 503"])
        self.assertEqual(len(self.asked), 6)

    def test_a_redirect_is_not_followed(self):
        other = self.serve()
        self.answers.append((307, {"Location": f"http://127.0.0.1:{other.server_port}/"}, ""))
        self.notify(f"http://me:{PASSWORD}@{self.where}/", says=["the server redirects (307)"])
        self.assertEqual((len(self.asked), other.asked), (1, []))

    def test_nobody_there(self):
        started = time.monotonic()
        self.notify("http://127.0.0.1:1/hook-secret", self.url, says=["http://127.0.0.1:1 failed: Connection refused"])
        self.assertLess(time.monotonic() - started, 15)
        self.assertEqual(len(self.asked), 1)  # the next one is told all the same

    def test_an_answer_without_end(self):
        self.answers.append((200, {"Content-Length": str(1 << 40)}, "x"))
        self.notify(self.url, says=["larger than allowed"])


class Room(NotifyCase):
    def test_by_its_id(self):
        self.notify("matrix:!a/b:here")
        (method, path, headers, body), = self.asked
        self.assertEqual((method, headers["Authorization"]), ("PUT", f"Bearer {TOKEN}"))
        self.assertRegex(path, r"\A/_matrix/client/v3/rooms/%21a%2Fb%3Ahere/send/m\.room\.message/[\w-]+\Z")
        message = json.loads(body)
        self.assertEqual((message["msgtype"], message["format"]), ("m.notice", "org.matrix.custom.html"))
        self.assertIn('acme/<half> & "more": incomplete', message["body"])
        self.assertIn("acme/&lt;half&gt; &amp; &quot;more&quot;: incomplete", message["formatted_body"])
        self.assertNotIn("<half>", message["formatted_body"])

    def test_by_its_alias(self):
        self.answers.append((200, {}, '{"room_id": "!found:here", "servers": ["here"]}'))
        self.notify("matrix:#ops:here")
        self.assertEqual([(method, path.rpartition("/send/")[0] or path) for method, path, *_ in self.asked],
                         [("GET", "/_matrix/client/v3/directory/room/%23ops%3Ahere"),
                          ("PUT", "/_matrix/client/v3/rooms/%21found%3Ahere")])

    def test_an_alias_that_leads_nowhere(self):
        self.answers += [(404, {}, '{"errcode": "M_NOT_FOUND", "error": "\\u001b[31m"}'), (200, {}, '{"room_id": "../x"}'),
                         (200, {}, "<html>")]
        self.notify("matrix:#ops:here", says=["matrix:#ops:here failed: the alias is not resolved: the server returned "
                                              "404 M_NOT_FOUND"])
        self.notify("matrix:#ops:here", says=["names no room"])
        self.notify("matrix:#ops:here", says=["names no room"])
        self.assertEqual([method for method, *_ in self.asked], ["GET"] * 3)

    def test_the_same_message_when_it_is_sent_again(self):
        self.answers.append((502, {}, ""))
        self.notify("matrix:!a:here")
        first, second = self.asked
        self.assertEqual((first[1], first[3]), (second[1], second[3]))

    def test_a_homeserver_with_a_path(self):
        self.notify("matrix:!a:here", env={"MATRIX_HOMESERVER": self.url + "/proxy/"})
        self.assertTrue(self.asked[0][1].startswith("/proxy/_matrix/client/"))


class Command(NotifyCase):
    def test_it_gets_the_report(self):
        self.assertEqual(self.notify("exec:cat > report.json; echo told", code=0), ["told"])
        with open(os.path.join(self.scratch, "report.json"), encoding="utf-8") as file:
            report = json.load(file)
        self.assertEqual((report["schema"], report["command"], report["exit_code"]), ("hfaudit.report/1", "pull", 0))

    def test_its_own_end_changes_nothing(self):
        self.notify(f"exec:exit 7 # {PASSWORD}", says=["exec:exit failed: its exit status is 7"])
        self.notify("exec:kill -9 $$", says=["signal 9 ended it"])
        self.notify("exec:/nonexistent/program", says=["its exit status is 127"])
        self.notify("exec:true < /dev/null", "exec:exec <&-")  # nobody reads

    def test_it_starts_with_a_clean_slate(self):
        # Of the child: the shell itself blocks all signals for the moment in which it makes one.
        shown = self.notify("exec:grep -E 'SigIgn|SigBlk' /proc/self/status; ls /proc/$$/fd")
        (_, blocked), (_, ignored), *files = (line.split() for line in shown)
        # glibc keeps two of its own, 32 and 33
        self.assertEqual((int(blocked, 16), int(ignored, 16) & 0x7fffffff, files), (0, 0, [["0"], ["1"], ["2"]]))


class Usage(NotifyCase):
    def refused(self, target, says, **env):
        environment = {"PATH": "/usr/bin:/bin", "MATRIX_HOMESERVER": self.url, "MATRIX_ACCESS_TOKEN": TOKEN, **env}
        environment = {name: value for name, value in environment.items() if value}
        done = subprocess.run([PROBE, "0", target], env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(says, done.stderr)
        self.assertNotIn("secret", done.stderr)

    def test_what_cannot_be_told_is_refused_at_once(self):
        self.refused("ftp://host/secret", "choose https://")
        self.refused("secret", "choose https://")
        self.refused("https://", "not an http or https URL")
        self.refused("exec:  ", "no command is named")
        for room in ("matrix:", "matrix:ops", "matrix:!", "matrix:#ops", "matrix:#:here"):
            self.refused(room, "!id:server or #alias:server")
        self.refused("matrix:!a:here", "set MATRIX_HOMESERVER", MATRIX_HOMESERVER="")
        self.refused("matrix:!a:here", "MATRIX_HOMESERVER is not a URL", MATRIX_HOMESERVER="matrix.example.org")
        self.refused("matrix:!a:here", "set MATRIX_ACCESS_TOKEN", MATRIX_ACCESS_TOKEN="")


if __name__ == "__main__":
    unittest.main()
