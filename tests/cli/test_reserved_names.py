"""Listings with paths that belong to git or to a client: nothing of them is written, each is named, the rest is downloaded."""

import json
import os
import random
import shutil
import subprocess
import unittest

from pull_case import PullCase
from hub import Content, Repo, status

IGNORED = ("\u200c", "\u200d", "\u200e", "\u200f", "\u202a", "\u202e", "\u206a", "\u206f", "\ufeff")  # by HFS+
GIT = (".git", ".GIT", ".gIt", ".git ", ".git.", ".git . .", "git~1", "GIT~1", "Git~1 .", ".git::$INDEX_ALLOCATION",
       ".git:x", *(f".g{char}it" for char in IGNORED), "\u200c.git", ".git\ufeff", ".G\u200dI\u200eT ")
BELOW = ("config", "hooks/post-checkout", "HEAD")
NOTES = (".cache/huggingface/download/config.json.metadata", ".cache/huggingface/trees/x.json", ".huggingface/x",
         "sub/.cache/huggingface/x", ".CACHE/HuggingFace /x", ".cache/huggin~1/x", ".hfd/last_download_command",
         ".cache/huggingface/.hfaudit-quarantine/x", ".Huggingface./x")
LEAVING = ("../x", "a/../../x", "/etc/x", "a//x", "./x", "a\0b", "..\\x", "a\\..\\x", "\\x")
SOUND = ("config.json", ".gitattributes", ".gitignore", "a.git/x", ".github/x", "git/x", "git~2/x", ".gitx/x", "x/.gi/t",
         "huggingface/x", ".config/huggingface/x", "sub/.git2/x")


def refused_by_git(folder, path):
    """Whether git refuses the path, as it does on the file systems of all systems."""
    done = subprocess.run(["git", "-c", "core.protectNTFS=true", "-c", "core.protectHFS=true", "update-index", "--add",
                           "--cacheinfo", f"100644,{'1' * 40},{path}"], cwd=folder, capture_output=True, check=False)
    return done.returncode != 0


class ReservedNames(PullCase):
    def paths_below(self, root):
        return {os.path.relpath(os.path.join(folder, name), root)
                for folder, folders, names in os.walk(root) for name in folders + names}

    def assert_refused(self, report, paths, words):
        left = {file["path"]: file["trouble"] for file in self.transfer(report)["left"]}
        self.assertEqual(set(left), set(paths))
        for path, trouble in left.items():
            self.assertRegex(trouble, words, path)

    def test_git_in_a_cache(self):
        bad = [f"{folder}{name}/{below}" for name in GIT for below in BELOW[:2] for folder in ("", "a/b/")]
        repo = Repo("acme/evil").commit({path: "[core]\n" for path in bad} | {path: path for path in SOUND})
        report = self.pull(self.hub(repo), "acme/evil", code=3, agrees=False)
        self.assert_refused(report, bad, "belongs to git: not downloaded")
        self.assertEqual(self.transfer(report)["pulled"]["files"], len(SOUND))
        snapshot = os.path.join(self.folder(repo), "snapshots", repo.head.oid)
        files = {path for path in self.paths_below(snapshot) if not os.path.isdir(os.path.join(snapshot, path))}
        self.assertEqual(files, set(SOUND))

    def test_content_that_has_another_name_too(self):
        """One download serves all names of a blob: the name is what is refused."""
        for names in ((".git/config", "a.txt"), ("a.txt", "b/.git/config"), ("a\\b", "a.txt")):
            for local in ((), ("--local-dir", os.path.join(self.scratch, "local"))):
                with self.subTest(names=names, local=local):
                    shutil.rmtree(self.home)
                    os.makedirs(self.home)
                    repo = Repo("acme/evil").commit({name: "same\n" for name in names})
                    report = self.pull(self.hub(repo), "acme/evil", *local, code=3, agrees=False)
                    bad = [name for name in names if name != "a.txt"]
                    self.assert_refused(report, bad, "not downloaded")
                    found = self.paths_below(local[1] if local else self.home)
                    self.assertFalse([path for path in found if ".git/" in path or "\\" in path], found)
                    self.assertTrue([path for path in found if path.endswith("a.txt")])

    @unittest.skipUnless(shutil.which("git"), "needs git")
    def test_into_a_working_tree(self):
        local = os.path.join(self.scratch, "tree")
        subprocess.run(["git", "init", "-q", local], check=True)
        with open(os.path.join(local, ".git", "config"), encoding="utf-8") as file:
            before = file.read()
        evil = f"[core]\n\tfsmonitor = touch {self.scratch}/pwned\n"
        bad = [f"{name}/{below}" for name in GIT for below in BELOW]
        repo = Repo("acme/evil").commit({path: evil for path in bad} | {"a.txt": "a\n"})
        for words in (("pull", "acme/evil"), ("pull", "acme/evil", "--trust-present")):
            report = self.pull(self.hub(repo), *words[1:], "--local-dir", local, code=3, agrees=False)
            self.assert_refused(report, bad, "belongs to git")
        with open(os.path.join(local, ".git", "config"), encoding="utf-8") as file:
            self.assertEqual(file.read(), before)
        subprocess.run(["git", "status"], cwd=local, check=True, capture_output=True)
        self.assertFalse(os.path.exists(os.path.join(self.scratch, "pwned")))

    def test_notes_of_clients_in_a_folder(self):
        local = os.path.join(self.scratch, "local")
        bad = {path: "0" * 40 + "\netag\n9999999999.0\n" for path in NOTES}
        repo = Repo("acme/evil").commit(bad | {path: path for path in SOUND})
        report = self.pull(self.hub(repo), "acme/evil", "--local-dir", local, code=3, agrees=False)
        self.assert_refused(report, bad, "the clients' own folder.*--exclude")
        for path in bad:
            full = os.path.join(local, path)
            if os.path.exists(full):  # one of our own
                with open(full, encoding="utf-8") as file:
                    self.assertNotEqual(file.read(), bad[path])
        again = self.pull(self.hub(repo), "acme/evil", "--local-dir", local, *(
            word for path in NOTES for word in ("--exclude", path)), agrees=False)
        self.assertEqual(self.transfer(again)["left"], [])

    def test_notes_of_clients_in_a_cache(self):
        """There they are content: old clients have uploaded their folders, and new ones want all files that are listed."""
        repo = Repo("acme/old").commit({".cache/huggingface/.gitignore": "*", "config.json": "{}\n"})
        self.pull(self.hub(repo), "acme/old")
        self.assert_pulled(repo)

    def test_paths_that_leave(self):
        """The whole listing is refused, and says which path."""
        for path in LEAVING:
            for local in ((), ("--local-dir", os.path.join(self.scratch, "local"))):
                with self.subTest(path=path, local=local):
                    repo = Repo("acme/evil").commit({"config.json": "{}\n"})
                    listing = [{"type": "file", "path": path, "oid": "1" * 40, "size": 1}]
                    hub = self.hub(repo, faults=[status(200, body=json.dumps(listing), on="api", path="/*tree*")])
                    before = self.paths_below(self.scratch)
                    report = self.pull(hub, "acme/evil", *local, code=3, agrees=False)
                    trouble = self.transfer(report)["trouble"] + str(self.transfer(report)["left"])
                    self.assertIn(path.strip("./\\").replace("\0", "")[-1:], trouble)
                    new = self.paths_below(self.scratch) - before
                    self.assertFalse([one for one in new if os.path.basename(one) == "x"], new)
                    self.assertFalse(os.path.exists("/etc/x"))

    def test_repair_and_the_gate(self):
        good = {"config.json": "{}\n", "model.bin": Content.generate("m", 5000)}
        repo = Repo("acme/evil").commit(good)
        hub = self.hub(repo)
        self.pull(hub, "acme/evil")
        bad = [f"{name}/config" for name in GIT]
        repo = Repo("acme/evil").commit(good | {path: "{}\n" for path in bad})  # the content of config.json
        hub = self.hub(repo)
        os.unlink(self.blob(repo, "model.bin"))
        for words in (("preflight", "--repair", "--strict", "acme/evil"), ("repair", "--verify", "acme/evil"),
                      ("pull", "acme/evil"), ("repair", "acme/evil")):
            done = subprocess.run([os.environ["HFAUDIT"], words[0], "--waits", "0.05", "--max-attempts", "2", *words[1:]],
                                  env=self.settings(hub), cwd=self.scratch, stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True, timeout=60, check=False)
            with self.subTest(words, code=done.returncode):
                found = self.paths_below(self.home)
                snapshots = [path for path in found if "/snapshots/" in path and path.endswith("/config")]
                self.assertEqual(snapshots, [])
                if words[0] in ("pull", "preflight"):
                    self.assertNotEqual(done.returncode, 0)
                    self.assertIn("belongs to git", done.stdout + done.stderr)

    @unittest.skipUnless(shutil.which("git"), "needs git")
    def test_all_that_git_refuses(self):
        """Spellings made at random: what git refuses is refused here, too."""
        chance = random.Random(int(os.environ.get("HFAUDIT_SEED", "7")))
        tails = ("", " ", ".", " .", ":", "::$DATA", "x", "~1", "2", "-") + IGNORED
        names = set()
        while len(names) < 150:
            stem = chance.choice((".git", "git~1", ".gi", "git", ".gitx", "git~2"))
            name = "".join(chance.choice((char.upper(), char)) + chance.choice(("",) * 12 + IGNORED) for char in stem)
            names.add(name + "".join(chance.choice(tails) for _ in range(chance.randrange(3))))
        subprocess.run(["git", "init", "-q", self.scratch], check=True)
        wanted = {name for name in names if refused_by_git(self.scratch, f"{name}/x")}
        self.assertGreater(len(wanted), 15)
        self.assertLess(len(wanted), 140)
        repo = Repo("acme/evil").commit({f"{name}/x": "x" for name in names})
        report = self.pull(self.hub(repo), "acme/evil", "--dry-run", code=None, agrees=False)
        refused = {file["path"][:-2] for file in self.transfer(report)["left"] if "belongs to git" in (file["trouble"] or "")}
        self.assertEqual(wanted - refused, set())
        for name in refused - wanted:  # spelled by the rules of two systems at once
            plain = "".join(char for char in name if char not in IGNORED)
            self.assertTrue(refused_by_git(self.scratch, f"{plain}/x"), ascii(name))


if __name__ == "__main__":
    unittest.main()
