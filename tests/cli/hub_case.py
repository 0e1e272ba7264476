"""What the tests of the Hub client share: repos on a Hub on the loopback interface, and the probe that asks it."""

import os
import subprocess
import sys
import unittest

for folder in ("support", "testhub"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder))

from cli_case import CliCase  # noqa: E402
from hub import Content, Hub, Repo, make_model, status  # noqa: E402

PROBE = os.path.join(os.environ.get("HFAUDIT_BUILD", ""), "tests", "probes", "hfaudit-hub-probe")
TOKEN = "hf_" + "t" * 34
SIX = make_model("acme/six", shards=2, shard_size=1000)
TAGGED = Repo("acme/tagged").commit({"a.txt": "1"}).commit({"b.txt": "2"})
TAGGED.tag("v 1/ü", TAGGED.history[0].oid)
RENAMED = Repo("acme/new", old_ids=("acme/old",)).commit({f"{i}.txt": str(i) for i in range(5)})
PRIVATE = Repo("acme/private", private=True).commit({"a.txt": "1"})
GATED = Repo("acme/gated", gated=True).commit({"a.bin": Content.generate("a", 100)})
DISABLED = Repo("acme/disabled", disabled=True).commit({"a.txt": "1"})
DATA = Repo("acme/data", repo_type="dataset").commit({"data/ü é.csv": "1"})
KERNEL = Repo("acme/kernel", repo_type="kernel").commit({"build/a.py": "1"})
REPOS = (SIX, TAGGED, RENAMED, PRIVATE, GATED, DISABLED, DATA, KERNEL)


def listing(commit):
    """What the probe prints of a commit."""
    files = [f"{file.content.size} {file.etag} - {path}" for path, file in commit.files.items()]
    return "\n".join([f"commit {commit.oid}", *sorted(files, key=lambda line: line.split(" ", 3)[3].encode())]) + "\n"


def answers(body, code=200, headers=None, **where):
    """An answer in place of the Hub's own."""
    return status(code, body=body, headers=headers or {}, on="api", **where)


@unittest.skipUnless(os.path.exists(PROBE), "HFAUDIT_BUILD names no build with the probe")
class HubCase(CliCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = Hub(*REPOS, tokens={TOKEN: ["acme/private"]}).__enter__()
        cls.addClassCleanup(cls.plain.__exit__)

    def hub(self, *faults, tls=None, **options):
        """One for all that want nothing special, cleared of what was before; else one of its own."""
        if not tls and not options:
            self.plain.faults = list(faults)
            self.plain.log.clear()
            self.addCleanup(lambda: self.assertEqual(self.plain.errors, []))
            return self.plain
        hub = Hub(*REPOS, faults=faults, tokens={TOKEN: ["acme/private"]}, **options)
        if tls:
            hub._hub.socket = tls.wrap_socket(hub._hub.socket, server_side=True)
            hub.url = hub.url.replace("http:", "https:")
        hub.__enter__()
        self.addCleanup(hub.__exit__)
        self.addCleanup(lambda: self.assertEqual(hub.errors, []))
        return hub

    def ask(self, hub, repo, *options, **environment):
        """Exit code, output and message of the probe; no message ever holds the token."""
        given = {"HF_ENDPOINT": getattr(hub, "url", hub), "HF_TOKEN": None, **environment}
        done = subprocess.run([PROBE, *options, repo], env=self.environment(**given), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertNotIn(TOKEN, done.stdout + done.stderr)
        return done.returncode, done.stdout, done.stderr

    def assert_listed(self, commit, asked, warning=""):
        self.assertEqual((0, listing(commit), warning), asked)

    def assert_fails(self, code, trouble, words, asked):
        """`words`: what the message must say, so that the user knows what to do."""
        self.assertEqual((code, ""), asked[:2], asked[2])
        self.assertRegex(asked[2], rf"\A{trouble} [^\n]+\n\Z")
        self.assertRegex(asked[2], words)
