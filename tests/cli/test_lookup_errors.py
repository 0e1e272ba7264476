"""Absent repos: exit codes, unreadable folders of other users, a failing disk."""

import json
import os
import re
import shutil
import subprocess
import unittest

from cli_case import COMMIT, HFAUDIT
from fixture_case import OTHER, USER
from lookup_case import NEW, LookupCase
from system import as_user

# LeakSanitizer does not work under strace.
LEAKS_IGNORED = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}


class ExitCodes(LookupCase):
    def test_one_wrong_name_among_several(self):
        self.add_repo("models--acme--fine")
        self.add_broken("models--acme--broken")
        for command in ("scan", "verify"):
            report = self.json(command, "acme/nope", "acme/fine", code=2)
            self.assertEqual((self.verdicts(report), report["verdict"]), ({"acme/fine": "complete"}, "unknown"))
            self.assertEqual([one["repo"] for one in report["not_found"]], ["acme/nope"])
            report = self.json(command, "acme/nope", "acme/broken", code=2)  # 2 before 1
            self.assertEqual(report["verdict"], "damaged")
        self.says("repair", "--offline", "--dry-run", "acme/nope", "acme/fine", code=2, says="acme/nope")
        self.says("scan", "acme/fine@v9", "acme/fine", code=2, says=("acme/fine@v9", "complete"))
        self.says("preflight", "acme/fine", "acme/nope", code=2, says="acme/nope", not_says=())
        self.says("preflight", "acme/broken", "acme/nope", code=2, says=("acme/nope", "acme/broken"), not_says=())
        self.says("scan", "acme/nope", "acme/nada", code=2, says=("acme/nope", "acme/nada"))

    def test_a_name_that_no_repo_can_have_among_several(self):
        self.add_repo("models--acme--fine")
        self.add_broken("models--acme--broken")
        for command in ("scan", "verify"):
            report = self.json(command, "a/b/c", "acme/fine", "acme*", "acme/nope", code=2)
            self.assertEqual((self.verdicts(report), report["verdict"]), ({"acme/fine": "complete"}, "unknown"))
            self.assertEqual(sorted(one["repo"] for one in report["not_found"]), ["a/b/c", "acme*", "acme/nope"])
            self.assertEqual(self.json(command, "a/b/c", "acme/broken", code=2)["verdict"], "damaged")
        self.says("scan", "acme/fine", "a/b/c", code=2, says=("a/b/c  expected org/name", "(1 complete), 1 not found;"))
        self.says("repair", "--offline", "--dry-run", "a/b/c", "acme/fine", code=2, says="a/b/c")
        self.says("repair", "--list-quarantine", "a/b/c", "acme/fine", code=2, says=("a/b/c", "is empty"))
        self.says("scan", "a/b/c", "acme/nope", code=2, says=("a/b/c", "acme/nope"))
        self.says("preflight", "acme/fine", "a/b/c", "--", "echo", "started", code=2, says="a/b/c", not_says=("started",))
        self.says("preflight", "a/b/c", "acme/broken", code=2, says=("a/b/c", "acme/broken"), not_says=())
        # half of what is to be written is refused, and so is a word that may have been a file
        for command in (["lock"], ["export", "--output", "x.tar"], ["pull", "--offline"]):
            self.says(*command, "acme/fine", "*.json", code=2, says="cannot use *.json: ", not_says=())

    def test_a_repo_and_its_revision_are_one(self):
        self.add_broken("models--acme--broken")
        for names in (["acme/broken", "acme/broken@main"], ["acme/broken@main", "acme/broken"]):
            for command in ("scan", "verify"):
                both, one = (self.json(command, *given, code=1) for given in (names, names[-1:]))
                self.assertEqual((both["repos"], both["summary"]), (one["repos"], one["summary"]))
                self.assertEqual(self.found(both), self.found(one))

    def test_the_first_of_three_and_two_wins(self):
        self.add_broken("models--acme--broken")
        os.symlink("/mnt/not-mounted/x", os.path.join(self.hub, "models--acme--gone"))
        self.says("scan", "acme/nope", "acme/gone", "acme/broken", code=3)
        self.says("preflight", "acme/nope", "acme/gone", "acme/broken", code=3, not_says=())

    def test_a_named_repo_without_a_verdict(self):
        self.add_repo("models--acme--fine")
        self.says("scan", "acme/fine", "--include", "*.gguf", code=3, says="no file matches")
        self.says("scan", "--include", "*.gguf", "--exclude", "x", code=0,
                  says="No file in the cache matches --include *.gguf --exclude x")
        self.says("scan", "--include", "*.json", code=0, says="clean", not_says=("No file in the cache",))

    def test_a_merged_report_is_no_cleaner(self):
        os.makedirs(os.path.join(self.hub, "models--acme--empty", "snapshots"))
        for name in ("acme/empty", "acme/nope"):
            path = os.path.join(self.scratch, name.replace("/", "-") + ".json")
            done = self.run_hfaudit("scan", name, "models--acme--empty", "--format", "json", "--output", path)
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertEqual(self.run_hfaudit("merge", path).returncode, 3)


class OtherUsers(LookupCase):
    """What another user closed is neither absent nor broken. Root gives it away, an ordinary user looks."""

    def setUp(self):
        super().setUp()
        self.prefix = as_user(self, OTHER)
        self.repo = os.fsdecode(self.add_repo("models--acme--six"))

    def close(self, path, mode=0o700):
        for folder, folders, files in os.walk(self.home):
            for name in folders + files:
                os.lchown(os.path.join(folder, name), USER, USER)
        os.lchown(self.home, USER, USER)
        os.chmod(path, mode)

    def check(self, path, *, named=("scan", "preflight", "verify", "watch")):
        for command in named:
            with self.subTest(path, command=command):
                self.says(command, "acme/six", code=3, says=(f"owner {USER}", "mode 0700"),
                          not_says=("hfaudit pull", "not in the cache", "nothing was downloaded"), prefix=self.prefix)
        self.says("repair", "--offline", "--dry-run", "acme/six", code=3, prefix=self.prefix,
                  not_says=("quarantine", "remove", "hfaudit pull"))

    def test_a_closed_home(self):
        self.close(self.home)
        self.check(self.home)
        self.says("scan", code=3, says=(f"owner {USER}", "mode 0700"), prefix=self.prefix)

    def test_a_closed_hub(self):
        self.close(self.hub)
        self.check(self.hub)

    def test_a_closed_repo(self):
        self.close(self.repo)
        self.check(self.repo)

    def test_closed_folders_of_a_repo(self):
        for name in ("refs", "snapshots", "blobs", f"snapshots/{COMMIT}"):
            path = os.path.join(self.repo, name)
            self.close(path)
            self.check(path)
            os.chmod(path, 0o755)

    def test_a_closed_ref(self):
        path = os.path.join(self.repo, "refs", "main")
        self.close(path, 0o600)
        self.says("preflight", "acme/six", code=3, says=(f"owner {USER}", "mode 0600"), prefix=self.prefix)
        self.says("scan", "acme/six@main", code=3, says="mode 0600", prefix=self.prefix)

    def test_a_closed_blob(self):
        entry = os.path.realpath(os.path.join(self.repo, "snapshots", COMMIT, "README.md"))
        self.close(entry, 0o600)
        self.says("preflight", "acme/six", code=3, says=(f"owner {USER}", "mode 0600"), prefix=self.prefix)

    def test_a_home_that_may_be_entered_and_not_listed(self):
        self.close(self.home, 0o711)
        self.says("scan", "acme/six", code=0, prefix=self.prefix)
        self.says("preflight", "acme/six", code=0, prefix=self.prefix)
        self.assertEqual(self.json("scan", code=0, prefix=self.prefix)["noted"][0]["path"], ".")

    def test_a_listing_of_another_user(self):
        """Clients write listings 0600. Others judge by what they may read."""
        path = os.path.join(self.repo, "trees", COMMIT + ".json")
        self.write(path, json.dumps({"format_version": 1, "files": {
            "gone.bin": {"size": 1, "blob_id": "c" * 40}}}).encode())
        self.close(path, 0o600)
        report = self.json("scan", code=0, prefix=self.prefix)
        self.assertEqual((self.found(report), self.verdicts(report)), ([], {"acme/six": "complete"}))
        self.assertRegex(report["noted"][0]["cause"], rf"owner {USER}, mode 0600")
        self.says("preflight", "acme/six", code=0, prefix=self.prefix)
        self.says("repair", "--offline", "--dry-run", code=0, says="0 actions", prefix=self.prefix)
        os.chmod(os.path.dirname(path), 0o700)
        self.assertEqual(self.found(self.json("scan", code=0, prefix=self.prefix)), [])

    def test_the_only_evidence_in_a_closed_listing(self):
        path = os.path.join(self.repo, "trees", NEW + ".json")
        self.write(path, b"{}")
        self.write(os.path.join(self.repo, ".no_exist", NEW, "adapter_config.json"), b"")
        self.write(os.path.join(self.repo, "refs", "main"), NEW.encode())
        self.close(path, 0o600)
        self.says("scan", "acme/six", code=3, says="mode 0600", prefix=self.prefix)


class FailingDisk(LookupCase):
    """Each error of the system in each call on the cache: never "not here", never damage, never exit code 0."""

    CALLS = "openat,newfstatat,readlinkat,getdents64"

    def inject(self, args, call, number, error):
        log = os.path.join(self.scratch, "strace.log")
        done = subprocess.run(["strace", "-f", "-o", log, "-P", self.repo_path, "-e", f"trace={call}", "-e",
                               f"inject={call}:error={error}:when={number}+", HFAUDIT, *args],
                              env=self.environment(**LEAKS_IGNORED), stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              check=False)
        with open(log, encoding="utf-8", errors="replace") as file:
            return done.returncode, done.stdout + done.stderr, "(INJECTED)" in file.read()

    def test_a_repo_folder_on_a_failing_disk(self):
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        self.add_repo("models--acme--six")
        for name in ("", "blobs", "refs", "snapshots", f"snapshots/{COMMIT}", "refs/main"):
            self.repo_path = os.path.join(self.hub, "models--acme--six", name).rstrip("/")
            for call in ("openat", "getdents64"):
                for error in ("EIO", "ESTALE", "EMFILE"):
                    for args in (["scan", "acme/six"], ["preflight", "acme/six"], ["preflight", "acme/six", "--for", "transformers"]):
                        code, text, hit = self.inject(args, call, 1, error)
                        if b"attach" in text and not hit:
                            self.skipTest("strace may not trace here")
                        if not hit:
                            continue
                        with self.subTest(name, call=call, error=error, command=args):
                            self.assertEqual(code, 3, text)
                            self.assertNotRegex(text.decode(), re.compile("hfaudit pull|not in the cache"))


if __name__ == "__main__":
    unittest.main()
