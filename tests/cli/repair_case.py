"""What the tests of repair share: caches that a pull has made, damage, the repair, and what must hold after each."""

import json
import os
import subprocess

from cli_case import HFAUDIT
from pull_case import PullCase


class RepairCase(PullCase):
    """`repair` runs the program to its end and checks what holds of every run."""

    def repair(self, hub, *args, code=0, env=None, timeout=100):
        """The report."""
        usual = ["--waits", "0.05,0.1", "--max-attempts", "2", "--timeout", "20"]
        command = [HFAUDIT, "repair", "--format", "json", *usual, *args]
        done = subprocess.run(command, env=self.settings(hub, **(env or {})), cwd=self.scratch,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False)
        said = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        if code is not None:
            self.assertEqual(done.returncode, code, said)
        report = json.loads(done.stdout)
        self.assertEqual((report["exit_code"], report["command"]), (done.returncode, "repair"))
        if "--dry-run" in args:
            self.assertEqual(report["results"], [])
        else:
            self.assertEqual([(a["action"], a["path"]) for a in report["plan"]],
                             [(r["action"], r["path"]) for r in report["results"]])
        return report

    def verify(self, *args, code=0):
        done = self.run_hfaudit("verify", "--format", "json", *args)
        self.assertEqual(done.returncode, code, done.stdout.decode() + done.stderr.decode())
        return json.loads(done.stdout)

    @staticmethod
    def outcomes(report):
        """(action, outcome) -> how often."""
        counts = {}
        for result in report["results"]:
            key = result["action"], result["outcome"]
            counts[key] = counts.get(key, 0) + 1
        return counts

    def good_files(self, but=()):
        """What no repair may touch: path -> inode, mtime, bytes."""
        found = {}
        for folder, _, names in os.walk(os.path.join(self.home, "hub")):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.islink(path) or any(path.startswith(bad) for bad in but):
                    continue
                status = os.lstat(path)
                with open(path, "rb") as file:
                    found[path] = status.st_ino, status.st_mtime_ns, file.read()
        return found


def overwrite(path, at, data):
    """Silent corruption: the size stays."""
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(data)


def write(path, data=b""):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def dead_pid():
    """Of a process that has just ended."""
    process = subprocess.Popen(["/bin/true"])
    process.wait()
    return process.pid


def soft_lock_text(pid):
    return f"{pid}\n{os.uname().nodename}\n".encode()


def damage_all(case, repo):
    """A repo of three shards as a pull leaves it: one damage of each kind that a repo can have at once."""
    folder, head = case.folder(repo), repo.head
    snapshot = os.path.join(folder, "snapshots", head.oid)
    first, second, third = (f"model-0000{i}-of-00003.safetensors" for i in (1, 2, 3))
    overwrite(case.blob(repo, first), 150_000, b"damage")            # digest-mismatch
    os.truncate(case.blob(repo, second), 1000)                       # truncated-file
    half = case.blob(repo, third)
    os.rename(half, half + ".0badcafe.incomplete")                   # incomplete-download
    os.truncate(half + ".0badcafe.incomplete", 100_000)
    os.unlink(os.path.join(snapshot, "config.json"))                 # missing-file: its blob is here
    entry = os.path.join(snapshot, "generation_config.json")
    target = os.path.basename(os.readlink(entry))
    os.unlink(entry)
    os.symlink("../blobs/" + target, entry)                          # dangling-entry with the wrong depth
    entry = os.path.join(snapshot, "tokenizer_config.json")
    os.unlink(entry)
    os.symlink("/etc/hostname", entry)                               # escaping-entry
    write(case.blob(repo, "tokenizer.json"), b"<!DOCTYPE html><html><body>502</body></html>")  # not-the-content
    write(os.path.join(folder, ".no_exist", head.oid, "README.md"))  # stale-no-exist
    write(os.path.join(folder, "refs", "main"), head.oid.encode() + b"\n")  # ref-malformed
    os.makedirs(os.path.join(folder, "snapshots", "e" * 40))         # empty-snapshot
    write(case.blob(repo, "README.md") + ".0badcafe.incomplete", b"---")    # orphan-partial
    locks = os.path.join(case.home, "hub", ".locks", os.path.basename(folder))
    write(os.path.join(locks, head.files[first].etag + ".lock"), soft_lock_text(dead_pid()))  # stale-lock
    write(os.path.join(locks, head.files[second].etag + ".lock"))   # idle-lock
    write(os.path.join(case.home, "hub", "tmpa1b2c3d4"))                     # temp-debris
    write(os.path.join(folder, "trees", "f" * 40 + ".json"), b"{")   # tree-malformed
    write(os.path.join(case.home, "token"), b"hf_" + b"t" * 34)
    os.chmod(os.path.join(case.home, "token"), 0o644)                # exposed-token
