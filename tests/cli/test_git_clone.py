"""A folder that is a git clone is judged by the commit that it has checked out."""

import hashlib
import json
import os
import shutil
import struct
import subprocess
import unittest

from cli_case import HFAUDIT, CliCase
from fixture_case import USER
from system import as_user, reachable

GIT = shutil.which("git", path="/usr/bin:/bin")
TEXTS = {"README.md": b"# A model\n\nIt is here.\n", "config.json": b'{"model_type": "bert"}\n', "vocab.txt": b"a\nb\nc\n"}


def safetensors(numbers, fill=b"\1\2\3\4"):
    header = json.dumps({"w": {"dtype": "F32", "shape": [numbers], "data_offsets": [0, 4 * numbers]}}).encode()
    return struct.pack("<Q", len(header)) + header + fill * numbers


LARGE = {"model.safetensors": safetensors(100), "onnx/model.data": b"weights" * 70}


def pointer(data):
    return (f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashlib.sha256(data).hexdigest()}\n"
            f"size {len(data)}\n").encode()


@unittest.skipUnless(GIT, "there is no git")
class GitClone(CliCase):
    """A clone as git-lfs leaves it: pointers in the commit, their content in the working tree."""

    def setUp(self):
        super().setUp()
        self.clone = os.path.join(self.scratch, "clone")
        os.makedirs(self.clone)
        self.git("init", "-q", "-b", "main")
        for path, data in TEXTS.items():
            self.write(path, data)
            self.git("add", path)
        for path, data in LARGE.items():
            self.add_large(path, data)
        self.commit()

    def git(self, *words, stdin=None, at=None):
        environment = {"PATH": "/usr/bin:/bin", "HOME": self.scratch, "GIT_CONFIG_NOSYSTEM": "1"}
        return subprocess.run([GIT, "-C", at or self.clone, "-c", "user.name=a", "-c", "user.email=a@b.c", *words], input=stdin,
                              env=environment, check=True, capture_output=True).stdout.decode().strip()

    def commit(self):
        self.git("commit", "-q", "-m", "files")
        self.head = self.git("rev-parse", "HEAD")

    def write(self, path, data, at=None):
        path = os.path.join(at or self.clone, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)

    def add_large(self, path, data):
        name = self.git("hash-object", "-w", "--stdin", stdin=pointer(data))
        self.git("update-index", "--add", "--cacheinfo", f"100644,{name},{path}")
        self.write(path, data)

    def remove(self, path):
        os.unlink(os.path.join(self.clone, path))

    def judged(self, command, verdict, found=(), code=None, at=None, prefix=(), env=None):
        """The report: its verdict, and (id, file, severity) of its findings."""
        at = at or self.clone
        program = reachable(HFAUDIT) if prefix else HFAUDIT
        done = subprocess.run([*prefix, program, command, "--local-dir", at, "--format", "json"], cwd="/", capture_output=True,
                              env=self.environment(**(env or {})), stdin=subprocess.DEVNULL, timeout=60, check=False)
        report = json.loads(done.stdout)
        seen = sorted((finding["id"], os.path.relpath(finding["path"], at), finding["severity"]) for finding in report["findings"])
        self.assertEqual(seen, sorted(found))
        self.assertEqual(report["repos"][0]["verdict"], verdict, report)
        errors = any(severity == "error" for _, _, severity in found)
        self.assertEqual(done.returncode, code if code is not None else 1 if errors else 0, report)
        return report

    def preflight(self, code):
        done = self.run_hfaudit("preflight", "--local-dir", self.clone, stdout=subprocess.PIPE)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr.decode()


class Healthy(GitClone):
    def test_whole(self):
        report = self.judged("scan", "complete")
        revision = report["repos"][0]["revisions"][0]
        self.assertEqual((revision["commit"], revision["refs"], revision["basis"]), (self.head, ["main"], "tree"))
        self.assertEqual(revision["files"], {"present": 5, "expected": 5})
        self.assertEqual(self.judged("verify", "complete")["verified"]["files"], 5)
        self.preflight(0)

    def test_packed_and_detached(self):
        self.git("repack", "-adq")
        self.git("pack-refs", "--all")
        self.git("checkout", "-q", "--detach")
        report = self.judged("scan", "complete")
        self.assertEqual(report["repos"][0]["revisions"][0]["commit"], self.head)

    def test_files_beside_those_of_the_commit(self):
        self.write("notes.txt", b"mine")
        self.write("run/optimizer.pt", b"\x80\x02mine")
        self.judged("scan", "complete")
        self.judged("verify", "complete")

    def test_what_its_user_writes_still_speaks_for_itself(self):
        index = {"metadata": {}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
        self.write("tuned/model.safetensors.index.json", json.dumps(index).encode())
        self.write("tuned/model-00001-of-00002.safetensors", safetensors(8))
        self.judged("scan", "incomplete", [("missing-shard", "tuned/model-00002-of-00002.safetensors", "error")])

    def test_edited_text(self):
        self.write("README.md", TEXTS["README.md"] + b"More.\n")
        self.write("config.json", TEXTS["config.json"].replace(b"bert", b"gpt2"))
        self.judged("scan", "complete")
        self.judged("verify", "complete", [("digest-mismatch", "config.json", "warning"), ("unverifiable", "README.md", "info")])
        self.preflight(0)

    def test_line_ends(self):
        for path, data in TEXTS.items():
            self.write(path, data.replace(b"\n", b"\r\n"))
        self.judged("scan", "complete")
        self.judged("verify", "complete", [("unverifiable", path, "info") for path in TEXTS])

    def test_worktree(self):
        tree = os.path.join(self.scratch, "tree")
        self.git("worktree", "add", "-q", "--no-checkout", tree, "-b", "other")
        self.git("read-tree", "HEAD", at=tree)
        for path, data in {**TEXTS, **LARGE}.items():
            self.write(path, data, at=tree)
        self.assertTrue(os.path.isfile(os.path.join(tree, ".git")))
        report = self.judged("verify", "complete", at=tree)
        self.assertEqual(report["repos"][0]["revisions"][0]["refs"], ["other"])
        os.unlink(os.path.join(tree, "vocab.txt"))
        self.judged("scan", "incomplete", [("missing-file", "vocab.txt", "error")], at=tree)

    def test_nothing_is_written(self):
        def state():
            return [(place, sorted(names), [os.stat(os.path.join(place, name)).st_mtime_ns for name in sorted(names)])
                    for place, _, names in os.walk(self.clone)]
        self.write("vocab.txt", TEXTS["vocab.txt"])  # another time than the index knows
        before = state()
        self.judged("verify", "complete")
        self.assertEqual(state(), before)


class Damaged(GitClone):
    def test_pointer_in_place_of_content(self):
        for path, data in LARGE.items():
            self.write(path, pointer(data))
        self.judged("scan", "corrupt", [("lfs-pointer", path, "error") for path in LARGE])
        self.preflight(1)

    def test_wrong_content(self):
        self.write("onnx/model.data", b"Weights" + LARGE["onnx/model.data"][7:])
        self.judged("scan", "complete")
        self.judged("verify", "corrupt", [("digest-mismatch", "onnx/model.data", "error")])

    def test_wrong_size(self):
        self.write("onnx/model.data", LARGE["onnx/model.data"][:-1])
        self.judged("scan", "corrupt", [("size-mismatch", "onnx/model.data", "error")])

    def test_emptied(self):
        self.write("config.json", b"")
        self.judged("scan", "corrupt", [("truncated-file", "config.json", "error")])

    def test_missing(self):
        self.remove("model.safetensors")
        self.remove("vocab.txt")
        self.judged("scan", "incomplete", [("missing-file", path, "error") for path in ("model.safetensors", "vocab.txt")])
        self.preflight(1)

    def test_killed_before_the_index_was_written(self):
        self.remove(".git/index")
        self.remove("model.safetensors")
        self.judged("scan", "incomplete", [("missing-file", "model.safetensors", "error")])


class LeftOut(GitClone):
    def test_sparse_checkout(self):
        shutil.rmtree(os.path.join(self.clone, "onnx"))
        self.git("sparse-checkout", "set", "--no-cone", "/*", "!onnx/")
        self.write("model.safetensors", LARGE["model.safetensors"])
        self.judged("scan", "subset")
        self.remove("vocab.txt")
        self.judged("scan", "incomplete", [("missing-file", "vocab.txt", "error")])

    def test_removed_with_git_rm(self):
        self.git("rm", "-q", "--cached", "onnx/model.data")
        self.remove("onnx/model.data")
        self.judged("scan", "subset")


class NotRead(GitClone):
    """The clone cannot be asked: other evidence judges, and the report says why."""

    def noted(self, says, verdict="complete", code=0, **how):
        report = self.judged("scan", verdict, code=code, **how)
        notes = [note for note in report["noted"] if note["path"] == os.path.join(how.get("at") or self.clone, ".git")]
        self.assertEqual(len(notes), 1, report)
        self.assertIn(says, notes[0]["cause"])
        return report

    def test_no_git(self):
        report = self.noted("git is not installed", env={"PATH": "/nonexistent"})
        self.assertEqual(report["repos"][0]["basis"], "structure")

    def test_no_commit(self):
        self.write(".git/refs/heads/main", b"nonsense\n")
        self.noted("git: ")

    def test_no_repository(self):
        shutil.rmtree(os.path.join(self.clone, ".git"))
        self.write(".git", b"gitdir: ../nowhere\n")
        self.noted("git: ")

    def test_a_clone_around_it_is_not_asked(self):
        inner = os.path.join(self.clone, "inner")
        self.write("model.safetensors", LARGE["model.safetensors"], at=inner)
        self.write(".git/HEAD", b"", at=inner)
        self.noted("git: ", at=inner)

    def test_lost_object(self):
        name = self.git("rev-parse", "HEAD^{tree}")
        self.remove(f".git/objects/{name[:2]}/{name[2:]}")
        self.noted("git: ")

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_of_another_user(self):
        for place, folders, files in os.walk(self.clone):
            for name in [".", *folders, *files]:
                os.lchown(os.path.join(place, name), USER, USER)
        self.noted("another user")
        self.judged("scan", "complete", prefix=as_user(self, USER))

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_read_by_another_user(self):
        self.noted("another user", prefix=as_user(self, USER))


class Hostile(GitClone):
    def test_no_program_of_the_clone_runs(self):
        trap = os.path.join(self.scratch, "trap")
        caught = os.path.join(self.scratch, "caught")
        with open(trap, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\necho \"$0 $*\" >> {caught}\n")
        os.chmod(trap, 0o755)
        hooks = os.path.join(self.clone, ".git/hooks")
        os.makedirs(hooks, exist_ok=True)
        for name in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
            shutil.copy(trap, os.path.join(hooks, name))
        for key, value in {"core.fsmonitor": trap, "core.pager": trap, "pager.ls-tree": trap, "core.sshCommand": trap,
                           "core.hooksPath": hooks, "core.askPass": trap, "core.editor": trap,
                           "alias.ls-tree": "!" + trap, "alias.cat-file": "!" + trap, "credential.helper": "!" + trap,
                           "filter.lfs.clean": trap, "filter.lfs.smudge": trap, "filter.lfs.process": trap, "diff.external": trap,
                           "filter.lfs.required": "true", "extensions.partialClone": "evil", "remote.evil.promisor": "true",
                           "remote.evil.url": f"ext::{trap} x", "protocol.ext.allow": "always", "protocol.allow": "always",
                           "core.repositoryformatversion": "1"}.items():
            self.git("config", key, value)
        self.write(".gitattributes", b"* filter=lfs diff=lfs\n")
        for path in TEXTS:
            name = hashlib.sha1(f"blob {len(TEXTS[path])}\0".encode() + TEXTS[path]).hexdigest()
            self.remove(f".git/objects/{name[:2]}/{name[2:]}")
        for command in ("scan", "verify"):
            done = self.run_hfaudit(command, "--local-dir", self.clone)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertFalse(os.path.exists(caught))

    def test_variables_of_the_caller(self):
        other = os.path.join(self.scratch, "other")
        os.makedirs(other)
        self.git("init", "-q", at=other)
        self.judged("scan", "complete", env={"GIT_DIR": os.path.join(other, ".git"), "GIT_WORK_TREE": other, "GIT_TRACE": "1"})

    def test_no_bytes_of_git_reach_the_terminal(self):
        self.write(".git/HEAD", b"ref: refs/heads/\x1b[31mred\n")
        done = self.run_hfaudit("scan", "--local-dir", self.clone, "--verbose")
        self.assertNotIn(b"\x1b", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
