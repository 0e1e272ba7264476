"""Base of the tests of shared caches: a cache of two members of a group, and commands as each of them.

A = 2001 owns the cache, B = 2002 is another member, C = 2003 is not in the group. Needs root.
"""

import contextlib
import json
import os
import stat
import subprocess

from cli_case import HFAUDIT, CliCase
from system import reachable

A, B, C, GROUP = 2001, 2002, 2003, 3000
FOLDER = "models--acme--fine"
CLEAN = {"idle-lock"}


def mode_of(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


class SharedCase(CliCase):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("needs root")
        files = {"README.md": b"# Fine", "vocab.txt": b"a\nb\n", "deep/notes.md": b"deep"}
        self.repo = os.fsdecode(self.add_repo(FOLDER, files))
        self.locks = self.path("hub/.locks", FOLDER)
        self.lock_names = []
        os.makedirs(self.locks)
        for name in os.listdir(os.path.join(self.repo, "blobs")):
            self.lock_names.append(self.made(os.path.join(self.locks, name + ".lock")))
        self.share()

    def path(self, *parts):
        return os.path.join(self.home, *parts)

    def made(self, path, content=b"", uid=None, gid=GROUP, mode=None):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        if uid is not None:
            os.chown(path, uid, gid)
        if mode is not None:
            os.chmod(path, mode)
        return path

    def share(self, uid=A, gid=GROUP, folder=0o2775, file=0o664, root=None):
        for place, _, names in os.walk(root or self.home):
            os.chown(place, uid, gid)
            os.chmod(place, folder)
            for name in names:
                path = os.path.join(place, name)
                os.lchown(path, uid, gid)
                if not os.path.islink(path):
                    os.chmod(path, file)

    def tree(self, mode=0o600, uid=A):
        text = json.dumps({"format_version": 1, "files": {}}, indent=1).encode()
        return self.made(os.path.join(self.repo, "trees", "f" * 40 + ".json"), text, uid, GROUP, mode)

    def run_as(self, uid, *words, env=None, groups=(GROUP,), umask=0o022):
        identity = {"user": uid, "group": uid, "extra_groups": list(groups), "umask": umask} if uid else {}
        return subprocess.run([reachable(HFAUDIT), *words], env=self.environment(HF_HUB_OFFLINE="1", **(env or {})),
                              cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                              check=False, **identity)

    def ids(self, uid, *words, **options):
        """finding -> how often, as `uid` sees it."""
        done = self.run_as(uid, "scan", "--format", "json", *words, **options)
        found = {}
        for finding in json.loads(done.stdout)["findings"]:
            found[finding["id"]] = found.get(finding["id"], 0) + 1
        return found

    def assert_clean(self, *uids, **options):
        for uid in uids:
            self.assertLessEqual(set(self.ids(uid, **options)), CLEAN, f"uid {uid}")

    def repair(self, uid, code=0, *words):
        done = self.run_as(uid, "repair", "--only", "ownership", "--format", "json", *words)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        if "--dry-run" not in words:
            self.assertEqual([(a["action"], a["path"]) for a in report["plan"]],
                             [(r["action"], r["path"]) for r in report["results"]])
        return report

    @contextlib.contextmanager
    def as_member(self, uid):
        """The calls in the block run with the rights of that user."""
        groups = os.getgroups()
        os.setgroups([GROUP])
        os.setegid(uid)
        os.seteuid(uid)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(0)
            os.setgroups(groups)
