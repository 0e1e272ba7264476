"""What the tests of --online share: caches laid out as a client would from a Repo, and audits of them with a Hub."""

import json
import os
import re

from hub_case import TOKEN, HubCase

SHARD = "model-00001-of-00002.safetensors"  # of SIX
LONG_AGO = 1767225600  # 2026-01-01
TROUBLE_MS = 12_000  # the most that any trouble with the Hub may cost an audit in these tests


def flip_last_byte(path):
    """The same size, another content."""
    with open(path, "r+b") as file:
        file.seek(-1, os.SEEK_END)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_END)
        file.write(bytes([byte ^ 1]))


class OnlineCase(HubCase):
    def lay_out(self, repo, commit=None, *, ref="main", without=(), copies=False, tree=False):
        """A snapshot of a commit, its head's without one: links to blobs, or copies; the cached tree where asked.
        Returns the folder of the repo."""
        commit = commit or repo.head
        folder = os.path.join(self.home, "hub", repo.folder)
        for path, file in commit.files.items():
            if path in without:
                continue
            entry = os.path.join(folder, "snapshots", commit.oid, path)
            blob = entry if copies else os.path.join(folder, "blobs", file.etag)
            self.write(blob, file.content.read())
            if not copies:
                os.makedirs(os.path.dirname(entry), exist_ok=True)
                os.symlink(os.path.relpath(blob, os.path.dirname(entry)), entry)
        if ref:
            self.write(os.path.join(folder, "refs", ref), commit.oid.encode())
        if tree:
            self.write_tree(folder, commit)
        return folder

    def write_tree(self, folder, commit, **changes):
        """The listing that a client of today keeps; `changes` are put into the first shard's."""
        files = {}
        for path, file in commit.files.items():
            files[path] = {"size": file.content.size, "blob_id": file.git_oid}
            if file.lfs:
                files[path] |= {"lfs_sha256": file.content.sha256, "lfs_size": file.content.size}
            if path.startswith("model-00001-"):
                files[path] |= changes
        text = json.dumps({"format_version": 1, "files": files})
        self.write(os.path.join(folder, "trees", commit.oid + ".json"), text.encode())

    def let_settle(self):
        """Nobody has changed anything just now: no audit has to look twice, as it does beside a download."""
        for folder, _, _ in os.walk(self.scratch):
            os.utime(folder, (LONG_AGO, LONG_AGO))

    def audit(self, command, hub, *options, online=True, **environment):
        """Exit code and report. No output ever holds a token."""
        given = {"HF_ENDPOINT": getattr(hub, "url", hub), **environment}
        words = [command, "--format", "json", *(["--online"] if online else []), *options]
        self.let_settle()
        done = self.run_hfaudit(*words, env=given)
        for token in {TOKEN, environment.get("HF_TOKEN") or TOKEN}:
            self.assertNotIn(token.encode(), done.stdout + done.stderr)
        self.assertEqual(done.stderr, b"")
        report = json.loads(done.stdout)
        self.assertEqual(report["exit_code"], done.returncode)
        return done.returncode, report

    def text_of(self, command, hub, *options, **environment):
        """The report as a user reads it."""
        given = {"HF_ENDPOINT": getattr(hub, "url", hub), **environment}
        done = self.run_hfaudit(command, "--online", *options, env=given)
        self.assertNotIn(TOKEN.encode(), done.stdout + done.stderr)
        return done.stdout.decode()

    def both(self, hub, *options, **environment):
        """(command, exit code, report) of a scan and of a verify, each in a subtest."""
        for command in ("scan", "verify"):
            with self.subTest(command):
                yield command, *self.audit(command, hub, *options, **environment)

    def assert_judged(self, report, verdict, basis="hub", flaws=()):
        """The one repo of a report, and the ids of its findings above info."""
        repo = report["repos"][0]
        self.assertEqual((repo["verdict"], repo["basis"]), (verdict, basis), report["findings"])
        found = [finding["id"] for finding in report["findings"] if finding["severity"] != "info"]
        self.assertEqual(found, list(flaws), report["findings"])

    def assert_refused(self, hub, words, *options, **environment):
        """Exit code 4, for a reason that the user can act on, told in one line."""
        for command, code, report in self.both(hub, *options, **environment):
            self.assertEqual((code, report["verdict"]), (4, "unknown"), report)
            self.assertEqual(len(report["blind"]), 1, report["blind"])
            blind = report["blind"][0]
            self.assertTrue(blind["refused"])
            self.assertRegex(blind["cause"], words)
            text = self.text_of(command, hub, *options, **environment)
            self.assertEqual(len(re.findall(words, text)), 1, text)

    def assert_in_the_way(self, words, code, report):
        """Exit code 3 and one line: the Hub did not speak, so nobody may say that it refused."""
        self.assertEqual((code, report["verdict"]), (3, "unknown"), report)
        self.assertEqual(len(report["blind"]), 1, report["blind"])
        self.assertNotIn("refused", report["blind"][0])
        self.assertRegex(report["blind"][0]["cause"], words)
        self.assertNotRegex(json.dumps(report), "(?i)not found|no such repo|not-found")
        self.assertLess(report["duration_ms"], TROUBLE_MS)
