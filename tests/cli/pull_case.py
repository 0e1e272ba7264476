"""What the tests of pull share: repos on a Hub on the loopback interface, pulls of them, and what must then be on disk."""

import json
import os
import stat as modes
import struct
import subprocess
import sys
import tempfile
import time

for folder in ("support", "testhub"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder))

from cli_case import HFAUDIT, SANITIZED, CliCase  # noqa: E402
from hub import Content, Hub, Repo, make_dataset, make_model  # noqa: E402

TOKEN = "hf_" + "t" * 34
SHARD = "model-00002-of-00003.safetensors"  # of SIX
SIX = make_model("acme/six", shards=3, shard_size=300_000)
DATA = make_dataset("acme/rows", files=2, size=100_000)
SLACK = 64 << 20  # bytes that may come twice after a kill


PULLS_OWN = {"--waits": 1, "--max-attempts": 1, "--timeout": 1, "--connections": 1, "--max-rate": 1, "--models-from": 1,
             "--jobs": 1, "--from": 1, "--offline": 0, "--dry-run": 0, "--validate-only": 0, "--ipv4": 0, "--trust-present": 0}  # values that follow


def for_verify(args):
    """The arguments of a pull, as far as verify has them: the same repos, the same part of them."""
    kept, left_out = [], 0
    for word in args:
        if left_out:
            left_out -= 1
        elif word in PULLS_OWN:
            left_out = PULLS_OWN[word]
        else:
            kept.append(word)
    return kept


def single(size, name="acme/single"):
    """A repo of one large file and two small ones."""
    return Repo(name).commit({"model.bin": Content.generate(name, size), "config.json": "{}\n", "a/b/c.txt": "deep\n"})


def weights(repo):
    """The large files of a repo: path -> file."""
    return {path: file for path, file in repo.head.files.items() if file.lfs}


class PullCase(CliCase):
    """`pull` runs the program to its end and checks what holds of every run; `start` only starts it."""

    def hub(self, *repos, faults=(), **options):
        hub = Hub(*(repos or (SIX,)), faults=faults, **options).__enter__()
        self.addCleanup(hub.__exit__)
        self.addCleanup(lambda: self.assertEqual(hub.errors, []))
        return hub

    def settings(self, hub, **more):
        """The environment of a run; no variable of the caller's."""
        return self.environment(**{"HF_ENDPOINT": getattr(hub, "url", hub), **more})

    def command(self, *args):
        """Quick to give up: no test waits for the usual ten seconds."""
        usual = ["--waits", "0.05,0.1", "--max-attempts", "4", "--timeout", "20"]
        given = [word for pair in zip(usual[::2], usual[1::2]) if pair[0] not in args for word in pair]
        return [HFAUDIT, "pull", "--format", "json", *given, *args]

    def pull(self, hub, *args, code=0, env=None, agrees=True, umask=-1, timeout=100):
        """The report. `code` None: any; `agrees`: verify says the same right after."""
        done = subprocess.run(self.command(*args), env=self.settings(hub, **(env or {})), cwd=self.scratch, umask=umask,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False)
        return self.judge(hub, done.args, done.returncode, done.stdout, done.stderr, code, agrees)

    def judge(self, hub, command, returned, out, err, code=0, agrees=True):
        said = out.decode(errors="replace") + err.decode(errors="replace")
        self.assertNotIn(TOKEN, said)
        if hasattr(hub, "requests"):
            self.assertEqual(hub.requests(host="cdn", header="authorization"), [])
            self.assertEqual(hub.requests(host="cdn", header="cookie"), [])
        if code is not None:
            self.assertEqual(returned, code, said)
        report = json.loads(out)
        self.assertEqual(report["exit_code"], returned)
        self.assertEqual(report["command"], "pull")
        for transfer in report["transfers"]:  # what it put on disk came over the network, or from another repo
            here = sum(share["bytes"] for share in transfer["sources"] if "://" not in share["source"])
            self.assertGreaterEqual(transfer["received"] + here, transfer["pulled"]["bytes"], transfer)
        if agrees:
            verify = self.run_hfaudit("verify", *for_verify(command[2:]))
            self.assertEqual(verify.returncode == 0, returned == 0, verify.stdout.decode() + said)
        return report

    def start(self, hub, *args, env=None):
        """A run under way; what it says goes into files, so that it never waits for a reader."""
        out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.addCleanup(out.close)
        self.addCleanup(err.close)
        process = subprocess.Popen(self.command(*args), env=self.settings(hub, **(env or {})), cwd=self.scratch,
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        process.files = out, err
        self.addCleanup(lambda: process.poll() is None and (process.kill(), process.wait()))
        return process

    def finish(self, hub, process, timeout=100, **how):
        """Waits for it; its report."""
        returned = process.wait(timeout)
        texts = []
        for file in process.files:
            file.seek(0)
            texts.append(file.read())
        return self.judge(hub, process.args, returned, *texts, **how)

    # --- what is on disk ---

    def folder(self, repo):
        return os.path.join(self.home, "hub", repo.folder)

    def blob(self, repo, path):
        return os.path.join(self.folder(repo), "blobs", repo.head.files[path].etag)

    def draft(self, repo, path):
        return self.blob(repo, path) + ".hfaudit.incomplete"

    def on_disk(self):
        """Bytes of all regular files that hold content or a part of it: name -> size."""
        found = {}
        for folder, folders, names in os.walk(self.home):
            folders[:] = [name for name in folders if name not in ("refs", "trees", ".locks")]
            for name in names:
                path = os.path.join(folder, name)
                try:
                    status = os.lstat(path)
                except FileNotFoundError:  # it has just got its name
                    continue
                if modes.S_ISREG(status.st_mode) and name != "CACHEDIR.TAG":
                    found[path] = pieces_in(path) if name.endswith(".hfaudit.pieces") else status.st_size
        return found

    def wait_on_disk(self, count, process=None, timeout=60):
        until = time.monotonic() + timeout
        while sum(self.on_disk().values()) < count:
            self.assertLess(time.monotonic(), until, f"never {count} bytes on disk: {self.on_disk()}")
            if process:
                self.assertIsNone(process.poll(), "the pull has ended early")
            time.sleep(0.005)

    def assert_content(self, path, file):
        with open(path, "rb") as stream:
            self.assertTrue(stream.read() == file.content.read(), f"{path} has another content")

    def assert_pulled(self, repo, commit=None, ref="main", only=None):
        """The layout of the Hub's clients, every file with its content, and nothing else."""
        commit, folder = commit or repo.head, self.folder(repo)
        wanted = {path: file for path, file in commit.files.items() if only is None or path in only}
        snapshot = os.path.join(folder, "snapshots", commit.oid)
        entries = {os.path.relpath(os.path.join(place, name), snapshot)
                   for place, _, names in os.walk(snapshot) for name in names}
        self.assertEqual(entries, set(wanted))
        for path, file in wanted.items():
            self.assertEqual(os.readlink(os.path.join(snapshot, path)), "../" * (2 + path.count("/")) + "blobs/" + file.etag)
            self.assert_content(os.path.join(snapshot, path), file)
        if ref:
            with open(os.path.join(folder, "refs", ref), encoding="ascii") as stream:
                self.assertEqual(stream.read(), commit.oid)
        with open(os.path.join(folder, "trees", commit.oid + ".json"), encoding="utf-8") as stream:
            self.assertEqual(json.load(stream), {"format_version": 1, "files": tree_of(commit)})

    def assert_tidy(self, repo, commits=None):
        """Nothing but the blobs of these commits (of the head) lies in blobs/."""
        etags = {file.etag for commit in commits or [repo.head] for file in commit.files.values()}
        self.assertEqual(set(os.listdir(os.path.join(self.folder(repo), "blobs"))), etags)

    def transfer(self, report, repo=None):
        """The one transfer of a report, or that of a repo."""
        found = [t for t in report["transfers"] if repo is None or t["repo_id"] == repo.repo_id]
        self.assertEqual(len(found), 1, report["transfers"])
        return found[0]

    def assert_says_what_is_missing(self, report, *paths):
        """Exactly these files are left, each with its reason, and the repo with one as well."""
        transfer = self.transfer(report)
        self.assertEqual(sorted(file["path"] for file in transfer["left"]), sorted(paths), transfer)
        for file in transfer["left"]:
            self.assertTrue(file["trouble"] or transfer["trouble"], transfer)
            self.assertNotIn("\n", file["trouble"] or "")
        self.assertTrue(transfer["trouble"], transfer)
        self.assertNotIn("\n", transfer["trouble"])
        return transfer


def pieces_in(path):
    """Bytes of a file of pieces that its draft has not: libaudit/download/piece_file.hpp has the format."""
    try:
        at = os.path.getsize(path.removesuffix("pieces") + "incomplete")
    except FileNotFoundError:
        at = 0
    found = []
    with open(path, "rb") as file:
        for slot in range(192):
            file.seek(slot * (4096 + (1 << 20)))
            header = file.read(48)
            if header.startswith(b"hfpiece1") and len(header) == 48:
                _, offset, length, *_ = struct.unpack("<QQQQQ", header[8:])
                found.append((offset, offset + length))
    total = 0
    for begin, end in sorted(found):
        total += max(end - max(begin, at), 0)
        at = max(at, end)
    return total


def tree_of(commit):
    """The listing that a client of today keeps of a commit."""
    files = {}
    for path, file in commit.files.items():
        files[path] = {"size": file.content.size, "blob_id": file.git_oid}
        if file.lfs:
            files[path] |= {"lfs_sha256": file.content.sha256, "lfs_size": file.content.size}
    return files
