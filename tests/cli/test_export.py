"""Export: a tar that is a cache of its own, byte for byte the same each time, and never one that only looks complete."""

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import tarfile
import time
import unittest

from cli_case import COMMIT, HFAUDIT, CliCase
from system import as_user, open_terminal, reachable

OTHER = "f" * 40
MARKER = ".huggingface-shared-blobs"
FOLDER = "models--acme--six"
BIG = (b"weights " * 40_000 + b"!") * 10  # several pieces
FILES = {"config.json": b'{"model_type":"bert"}', "a/b/c.txt": b"deep\n", "model.bin": BIG, "empty.txt": b""}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class ExportCase(CliCase):
    def setUp(self):
        super().setUp()
        self.hub = os.path.join(self.home, "hub")
        self.target = os.path.join(self.scratch, "target")
        os.makedirs(os.path.join(self.target, "hub"))

    def path(self, *parts):
        return os.path.join(self.hub, *parts)

    def add(self, files=FILES, folder=FOLDER, commit=COMMIT, ref="main", tree=True, links=True):
        """A repo as the clients leave it, with LFS names for all files."""
        repo = self.path(folder)
        for name, content in files.items():
            entry = os.path.join(os.fsencode(repo), b"snapshots", commit.encode(), os.fsencode(name))
            if not links:
                self.write(entry, content)
                continue
            blob = os.path.join(os.fsencode(repo), b"blobs", sha256(content).encode())
            self.write(blob, content)
            os.makedirs(os.path.dirname(entry), exist_ok=True)
            os.symlink(os.path.relpath(blob, os.path.dirname(entry)), entry)
        if tree:
            listed = {name: {"size": len(content), "blob_id": "1" * 40, "lfs_sha256": sha256(content),
                             "lfs_size": len(content)} for name, content in files.items()}
            self.write(os.path.join(repo, "trees", commit + ".json"),
                       json.dumps({"format_version": 1, "files": listed}).encode())
        if ref:
            self.write(os.path.join(repo, "refs", *ref.split("/")), commit.encode())
        return repo

    def share(self, repo):
        """Moves the blobs into the store of the newest client."""
        self.write(self.path("blobs", MARKER), b"1\n")
        for name in os.listdir(os.path.join(repo, "blobs")):
            payload = hashlib.blake2b(name.encode(), digest_size=32).hexdigest()
            place = self.path("blobs", payload[:2], payload)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.rename(os.path.join(repo, "blobs", name), place)
            os.chmod(place, 0o444)
            self.write(place + ".refs", f"{os.path.basename(repo)}/blobs/{name}\n".encode())
            os.symlink(os.path.join("..", "..", "blobs", payload[:2], payload), os.path.join(repo, "blobs", name))

    def export(self, *args, code=0, says="", **options):
        done = self.run_hfaudit("export", *args, **options)
        self.assertEqual(done.returncode, code, done.stderr.decode(errors="replace"))
        self.assertIn(says, done.stderr.decode(errors="replace"))
        return done.stdout

    def refuse(self, *args, code, says):
        self.assertEqual(self.export(*args, code=code, says=says), b"")

    def names(self, archive):
        return [member.name for member in tarfile.open(fileobj=io.BytesIO(archive))]

    def unpack(self, archive, good=True):
        """With GNU tar, beside what is there."""
        done = subprocess.run(["tar", "-x", "-C", os.path.join(self.target, "hub")], input=archive, check=False,
                              capture_output=True, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
        if good:
            self.assertEqual((done.returncode, done.stderr), (0, b""))
        else:
            self.assertNotEqual(done.returncode, 0, "an incomplete archive was unpacked without an error")

    def at_target(self, command, *args, code=0):
        done = self.run_hfaudit(command, "--format", "json", *args, env={"HF_HOME": self.target})
        if code is not None:
            self.assertEqual(done.returncode, code, done.stdout.decode() + done.stderr.decode())
        return json.loads(done.stdout)

    def assert_arrived(self, files=FILES, commit=COMMIT):
        snapshot = os.path.join(os.fsencode(self.target), b"hub", FOLDER.encode(), b"snapshots", commit.encode())
        for name, content in files.items():
            with open(os.path.join(snapshot, os.fsencode(name)), "rb") as file:
                self.assertEqual(file.read(), content, name)


class RoundTrips(ExportCase):
    def test_every_file_arrives_and_is_proven(self):
        self.add()
        archive = self.export("acme/six", says="exported 1 repo, 4 files")
        self.unpack(archive)
        self.assert_arrived()
        report = self.at_target("verify")
        self.assertEqual((report["verdict"], report["findings"]), ("clean", []))
        self.assertEqual((report["repos"][0]["verdict"], report["repos"][0]["basis"]), ("complete", "tree"))
        self.assertEqual(report["verified"]["files"], 4)
        self.assertEqual(os.readlink(os.path.join(self.target, "hub", FOLDER, "snapshots", COMMIT, "a/b/c.txt")),
                         "../../../../blobs/" + sha256(b"deep\n"))

    def test_it_is_the_same_each_time_and_from_each_layout(self):
        self.add()
        archive = self.export("acme/six")
        os.utime(self.path(FOLDER, "refs", "main"))
        os.chmod(self.path(FOLDER, "blobs", sha256(BIG)), 0o600)
        self.assertEqual(self.export("acme/six", "-q"), archive)
        self.share(self.path(FOLDER))
        self.assertEqual(self.run_hfaudit("scan").returncode, 0)
        self.assertEqual(self.export("acme/six"), archive)
        entry = self.path(FOLDER, "snapshots", COMMIT, "config.json")  # huggingface_hub 0.13.0 to 0.13.2
        os.unlink(entry)
        os.symlink(self.path(FOLDER, "blobs", sha256(FILES["config.json"])), entry)
        self.assertEqual(self.export("acme/six"), archive)
        os.unlink(self.path(FOLDER, "trees", COMMIT + ".json"))  # an older client writes none
        self.assertNotEqual(self.export("acme/six"), archive)

    def test_a_repo_that_was_moved_to_another_disk(self):
        self.add()
        archive = self.export("acme/six")
        shutil.move(self.path(FOLDER), os.path.join(self.scratch, "elsewhere"))
        os.symlink(os.path.join(self.scratch, "elsewhere"), self.path(FOLDER))
        self.assertEqual(self.export("acme/six"), archive)

    def test_members_are_plain_and_in_a_safe_order(self):
        self.add()
        self.write(self.path(FOLDER, ".no_exist", COMMIT, "added_tokens.json"), b"")
        members = list(tarfile.open(fileobj=io.BytesIO(self.export("acme/six"))))
        for member in members:
            self.assertTrue(member.isreg() or member.issym(), member.name)
            self.assertEqual((member.uid, member.gid, member.uname, member.gname, member.mtime),
                             (0, 0, "", "", 315532800), member.name)
            self.assertEqual(member.mode, 0o777 if member.issym() else 0o644)
            self.assertEqual(member.pax_headers, {}, member.name)
        kinds = [member.name.split("/")[1] for member in members]
        self.assertEqual(kinds, ["trees"] + ["snapshots"] * 4 + ["blobs"] * 4 + [".no_exist", "refs"])

    def test_nothing_but_the_repo_is_in_it(self):
        self.add()
        self.share(self.path(FOLDER))
        self.add(folder="models--acme--other", files={"README.md": b"other"})
        secret = os.path.join(self.home, "token")
        self.write(secret, b"hf_" + b"s" * 34)
        before = self.export("acme/six")
        for name in ("blobs/" + "1" * 64 + ".incomplete", "blobs/" + "2" * 64, "blobs/tmp_12", "blobs/" + "3" * 40 + ".lock",
                     ".hfaudit-quarantine/x/y", ".hfaudit-ledger-0", "notes.txt", "tmpabcdefgh", "refs/main.0f3a9c1d.tmp",
                     "trees/tmpabcdefgh.tmp", "trees/" + OTHER + ".json"):
            self.write(self.path(FOLDER, name), b"x")
        self.write(self.path(".locks", FOLDER, "x.lock"), b"")
        self.assertEqual(self.export("acme/six"), before)
        self.assertNotIn(b"hf_sss", before)

    def test_a_cache_without_links(self):
        self.add(links=False)
        archive = self.export("acme/six")
        self.unpack(archive)
        self.assert_arrived()
        self.assertEqual(self.at_target("verify")["repos"][0]["verdict"], "complete")
        self.write(self.path(FOLDER, "snapshots", COMMIT, "model.bin"), BIG[:-1] + b"?")
        self.export("acme/six", code=1, says="does not have the sha256 that the tree gives")

    def test_names_of_old_clients(self):
        self.add(tree=False)
        text = b"weak\n"
        name = 'W/"' + hashlib.sha1(b"blob 5\0" + text).hexdigest()
        self.write(self.path(FOLDER, "blobs", name), text)
        os.symlink("../../blobs/" + name, self.path(FOLDER, "snapshots", COMMIT, "weak.txt"))
        other = "5df19e76b08f75b3b860de7471ba024b-10"  # nothing says what it should hash to
        self.write(self.path(FOLDER, "blobs", other), b"multipart")
        os.symlink("../../blobs/" + other, self.path(FOLDER, "snapshots", COMMIT, "part.txt"))
        self.unpack(self.export("acme/six", says="1 file could not be checked: no hash is known"))
        self.assert_arrived({**FILES, "weak.txt": text, "part.txt": b"multipart"})
        self.write(self.path(FOLDER, "blobs", name), b"WEAK\n")
        self.export("acme/six", code=1, says="git-sha1 that the name gives")

    def test_names_that_need_care(self):
        long = "/".join(["d" * 200, "e" * 200, "f" * 150]) + ".txt"
        files = {"mod\u00e8le.txt": b"1", "new\nline": b"2", "-x": b"3", long: b"4", "tab\t\x1b[31m": b"5",
                 os.fsdecode(b"\xff\xfe.bin"): b"6"}
        self.add(files, tree=False)
        archive = self.export("acme/six")
        self.assertEqual(archive.count(b"hdrcharset=BINARY"), 1)  # of the one name that is not UTF-8
        done = subprocess.run(["tar", "-x", "-C", os.path.join(self.target, "hub")], input=archive, check=False,
                              capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)  # GNU tar mentions the one that is not UTF-8
        self.assert_arrived(files)
        self.assertIn("snapshots/" + COMMIT + "/" + long, "\n".join(self.names(archive)))

    def test_beside_what_is_there(self):
        self.add()
        folder = os.path.join(self.target, "hub", FOLDER)
        self.write(os.path.join(folder, "refs", "main"), OTHER.encode())
        self.write(os.path.join(folder, "snapshots", OTHER, "config.json"), b"{}")
        os.chmod(folder, 0o2775)
        before = os.stat(folder).st_mode
        self.unpack(self.export("acme/six"))
        self.assertEqual(os.stat(folder).st_mode, before)
        with open(os.path.join(folder, "refs", "main"), "rb") as file:
            self.assertEqual(file.read(), COMMIT.encode())
        self.assertTrue(os.path.exists(os.path.join(folder, "snapshots", OTHER, "config.json")))

    def test_to_a_file(self):
        self.add()
        path = os.path.join(self.scratch, "six.tar")
        self.assertEqual(self.export("acme/six", "-o", path), b"")
        with open(path, "rb") as file:
            self.assertEqual(file.read(), self.export("acme/six", "--output", "-"))
        done = self.run_hfaudit("export", "-q", "acme/six", "-o", path)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))
        self.assertEqual(sorted(os.listdir(self.scratch)), ["hf", "six.tar", "target"])


class WholeRevisions(ExportCase):
    """The archive holds the revision as it was published."""

    def test_a_file_that_the_listing_does_not_name(self):
        repo = self.add()
        before = self.export("acme/six")
        self.write(os.path.join(repo, "snapshots", COMMIT, "notes.txt"), b"of the user")
        self.write(os.path.join(repo, "blobs", sha256(b"other")), b"other")
        os.symlink("../../blobs/" + sha256(b"other"), os.path.join(repo, "snapshots", COMMIT, "other.bin"))
        for name in ("notes.txt", "other.bin"):
            says = f"snapshots/{COMMIT}/{name} is left out: the listing does not name it"
            self.assertEqual(self.export("acme/six", says=says), before)
        os.unlink(os.path.join(repo, "trees", COMMIT + ".json"))
        names = self.names(self.export("acme/six"))
        self.assertIn(f"{FOLDER}/snapshots/{COMMIT}/notes.txt", names)

    def test_a_link_by_way_of_another_link(self):
        repo = self.add(tree=False)
        os.symlink("config.json", os.path.join(repo, "snapshots", COMMIT, "again.json"))
        self.refuse("acme/six", code=1, says="again.json is a link that leads outside this repo")
        names = self.names(self.export("acme/six", "--allow-incomplete", says="again.json is left out"))
        self.assertFalse([name for name in names if name.endswith("again.json")])

    def test_a_part_that_is_incomplete_where_it_arrives(self):
        shards = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
        header = b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
        weights = [len(header).to_bytes(8, "little") + header + bytes(4 * [number]) for number in (1, 2)]
        index = json.dumps({"weight_map": {"a": shards[0], "b": shards[1]}}).encode()
        for tree in (True, False):
            with self.subTest(tree=tree):
                self.add({**dict(zip(shards, weights, strict=True)), "model.safetensors.index.json": index,
                          "config.json": b"{}"}, tree=tree)
                done = self.run_hfaudit("export", "acme/six", "--include", "config.json")
                self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)  # the summary alone
                for pattern in ("*.json", shards[0]) if not tree else ("*.json",):
                    says = f"acme/six@{COMMIT} is judged incomplete where it arrives"
                    self.unpack(self.export("acme/six", "--include", pattern, says=says))
                    report = self.at_target("scan", code=1)
                    self.assertEqual(report["repos"][0]["verdict"], "incomplete")
                    shutil.rmtree(os.path.join(self.target, "hub", FOLDER))
                shutil.rmtree(self.path(FOLDER))


class Selections(ExportCase):
    def setUp(self):
        super().setUp()
        self.add()
        self.add({**FILES, "config.json": b"{}"}, commit=OTHER, ref="refs/pr/1")

    def parts(self, *args):
        names = self.names(self.export(*args))
        return {name.split("/", 1)[1] for name in names}

    def test_all_revisions_or_one(self):
        whole = self.parts("acme/six")
        self.assertLessEqual({"refs/main", "refs/refs/pr/1", f"trees/{COMMIT}.json", f"trees/{OTHER}.json"}, whole)
        self.assertEqual(sum(name.startswith("blobs/") for name in whole), 5)
        one = self.parts("acme/six@refs/pr/1")
        self.assertEqual(one, self.parts("acme/six", "--revision", OTHER[:12]))
        self.assertEqual({name for name in one if COMMIT in name}, set())
        self.assertIn("refs/refs/pr/1", one)
        self.assertNotIn("refs/main", one)
        self.assertEqual(sum(name.startswith("blobs/") for name in one), 4)
        self.assertEqual(self.parts("acme/six@main", "acme/six@refs/pr/1"), whole)

    def test_several_repos_in_any_order(self):
        self.add({"rows.csv": b"1,2\n"}, folder="datasets--acme--rows")
        archive = self.export("acme/six", "datasets/acme/rows", says="exported 2 repos, 9 files")
        self.assertEqual(self.export("datasets/acme/rows", "acme/six", "acme/six"), archive)
        self.assertEqual({name.split("/")[0] for name in self.names(archive)}, {FOLDER, "datasets--acme--rows"})
        self.unpack(archive)
        self.assertEqual(self.at_target("verify")["verdict"], "clean")

    def test_patterns(self):
        some = self.parts("acme/six@main", "--include", "*.json", "--exclude", "a/*")
        self.assertEqual({name for name in some if name.startswith("snapshots/")}, {f"snapshots/{COMMIT}/config.json"})
        self.assertEqual(sum(name.startswith("blobs/") for name in some), 1)
        self.refuse("acme/six", "--include", "*.gguf", "--include", "x", code=2,
                    says="cannot export acme/six: none of its files matches --include *.gguf --include x")
        self.refuse("acme/six", "--exclude", "*", code=2, says="matches --exclude *")
        self.unpack(self.export("acme/six@main", "--include", "*.json"))
        self.assertEqual(self.at_target("verify")["repos"][0]["verdict"], "subset")

    def test_markers_of_absent_files(self):
        self.write(self.path(FOLDER, ".no_exist", COMMIT, "added_tokens.json"), b"")
        self.write(self.path(FOLDER, ".no_exist", COMMIT, "config.json"), b"")  # would hide the file
        self.write(self.path(FOLDER, ".no_exist", "a" * 40, "x.json"), b"")  # a probe, and nothing else
        self.write(self.path(FOLDER, "refs", "probe"), b"a" * 40)
        whole = self.parts("acme/six")
        self.assertIn(f".no_exist/{COMMIT}/added_tokens.json", whole)
        self.assertNotIn(f".no_exist/{COMMIT}/config.json", whole)
        self.assertIn(".no_exist/" + "a" * 40 + "/x.json", whole)
        self.assertIn("refs/probe", whole)
        self.assertNotIn("refs/probe", self.parts("acme/six@main"))

    def test_a_snapshot_without_a_ref_that_is_not_complete(self):
        os.unlink(self.path(FOLDER, "refs", "refs", "pr", "1"))
        os.unlink(self.path(FOLDER, "blobs", sha256(b"{}")))
        names = self.names(self.export("acme/six", says=f"snapshots/{OTHER} is left out: no ref names it"))
        self.assertEqual([name for name in names if OTHER in name], [])
        self.refuse(f"acme/six@{OTHER}", code=1, says="it is incomplete")


class Refusals(ExportCase):
    def test_what_is_not_complete(self):
        self.add()
        os.unlink(self.path(FOLDER, "blobs", sha256(BIG)))
        self.refuse("acme/six", code=1, says="run: hfaudit repair acme/six, or export it with --allow-incomplete")
        out = os.path.join(self.scratch, "x.tar")
        self.write(out, b"older")
        self.refuse("acme/six", "-o", out, code=1, says="it is incomplete")
        with open(out, "rb") as file:
            self.assertEqual(file.read(), b"older")
        self.unpack(self.export("acme/six", "--allow-incomplete"))
        report = self.at_target("scan", code=1)
        self.assertEqual(report["repos"][0]["verdict"], "incomplete")

    def test_what_is_corrupt_even_if_told_so(self):
        self.add()
        os.truncate(self.path(FOLDER, "blobs", sha256(BIG)), 1000)
        for more in ((), ("--allow-incomplete",)):
            self.refuse("acme/six", *more, code=1, says="it is corrupt")

    def test_what_is_being_downloaded(self):
        self.add()
        blob = self.path(FOLDER, "blobs", sha256(BIG))
        os.rename(blob, blob + ".incomplete")
        os.truncate(blob + ".incomplete", 100_000)
        with open(blob + ".incomplete", "ab"):
            self.refuse("acme/six", code=1, says="a process is downloading it; run: hfaudit watch acme/six")
            locked = self.run_hfaudit("lock", "acme/six")
            self.assertEqual((locked.returncode, locked.stdout), (1, b""))
            self.assertIn(b"a process is downloading it; run: hfaudit watch acme/six", locked.stderr)
            names = self.names(self.export("acme/six", "--allow-incomplete"))
        self.assertFalse([name for name in names if "incomplete" in name])

    def test_what_is_not_there(self):
        self.add()
        self.refuse("acme/sixx", code=2, says="cannot find acme/sixx")
        self.refuse("acme/six", "acme/none", code=2, says="cannot export acme/none: not in the cache")
        self.refuse("acme/six@v9", code=2, says="no such revision")
        self.refuse(code=2, says="no repo given")
        self.assert_usage("export", "acme/six", "--local-dir", "x", says="--local-dir")
        os.makedirs(self.path("models--acme--empty"))
        self.refuse("acme/empty", code=3, says="acme/empty")

    def test_where_it_may_not_go(self):
        self.add()
        for place in (self.path("x.tar"), self.path(FOLDER, "x.tar"), os.path.join("hf", "hub", "x.tar")):
            self.refuse("acme/six", "-o", place, code=2, says="--output lies in the hub cache")
        os.symlink(self.hub, os.path.join(self.scratch, "way"))
        self.refuse("acme/six", "-o", os.path.join(self.scratch, "way", "x.tar"), code=2, says="lies in the hub cache")
        self.refuse("acme/six", "-o", os.path.join(self.scratch, "none", "x.tar"), code=3, says="No such file")
        controller, terminal = open_terminal(self)
        done = self.run_hfaudit("export", "acme/six", stdout=terminal)
        os.close(terminal)
        os.close(controller)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"standard output is a terminal", done.stderr)

    def test_what_may_not_be_read(self):
        self.add()
        words = as_user(self, 54321)
        program = reachable(HFAUDIT)
        for name, says in ((f"blobs/{sha256(BIG)}", b"Permission denied"), (f"trees/{COMMIT}.json", b"is left out"),
                           (f"snapshots/{COMMIT}", b"Permission denied")):
            path = self.path(FOLDER, *name.split("/"))
            before = os.stat(path).st_mode
            os.chmod(path, 0)
            done = subprocess.run([*words, program, "export", "acme/six"], env=self.environment(), capture_output=True,
                                  check=False)
            self.assertEqual((done.returncode, says in done.stderr), (0 if "trees" in name else 3, True), done.stderr)
            os.chmod(path, before)

    def test_what_leads_outside(self):
        outside = os.path.join(self.scratch, "secret")
        self.write(outside, b"secret of another user\n" * 1000)
        self.add(tree=False)
        entry = self.path(FOLDER, "snapshots", COMMIT, "secret.txt")
        os.symlink(outside, entry)
        archive = self.export("acme/six", "--allow-incomplete", says="secret.txt is left out: its target is outside")
        self.assertNotIn(b"secret of another", archive)
        os.unlink(entry)
        blob = self.path(FOLDER, "blobs", "5df19e76b08f75b3b860de7471ba024b-10")  # a name that proves nothing
        os.symlink(outside, blob)
        os.symlink("../../blobs/" + os.path.basename(blob), entry)
        archive = self.export("acme/six", "--allow-incomplete", says="secret.txt is left out: its target is outside")
        self.assertNotIn(b"secret of another", archive)
        os.unlink(blob)
        payload = "ab" + "c" * 62  # a link that stands in the store
        self.write(self.path("blobs", MARKER), b"1\n")
        os.makedirs(self.path("blobs", "ab"))
        os.symlink(outside, self.path("blobs", "ab", payload))
        os.symlink(f"../../blobs/ab/{payload}", blob)
        archive = self.run_hfaudit("export", "acme/six", "--allow-incomplete")
        self.assertNotEqual(archive.returncode, 0)
        self.assertNotIn(b"secret of another", archive.stdout)

    def test_folders_that_lead_outside_for_root(self):
        """Root must not read for another user what that user may not."""
        as_user(self, 54321)  # skips without root
        self.add(tree=False, links=False)
        secrets = os.path.join(self.scratch, "secrets")
        self.write(os.path.join(secrets, COMMIT, "id_rsa"), b"secret of root")
        os.chmod(secrets, 0o700)
        shutil.rmtree(self.path(FOLDER, "snapshots"))
        os.symlink(secrets, self.path(FOLDER, "snapshots"))
        self.assertIn(b"secret of root", self.run_hfaudit("export", "acme/six", "--allow-incomplete").stdout)  # its own link
        self.give_away()
        done = self.run_hfaudit("export", "acme/six", "--allow-incomplete")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertNotIn(b"secret of root", done.stdout)
        os.unlink(self.path(FOLDER, "snapshots"))
        os.makedirs(self.path(FOLDER, "snapshots", COMMIT))
        os.makedirs(self.path(FOLDER, "blobs"))
        os.symlink(os.path.join(secrets, COMMIT), self.path(FOLDER, "blobs", "way"))
        os.symlink("../../blobs/way/id_rsa", self.path(FOLDER, "snapshots", COMMIT, "model.bin"))
        self.write(self.path(FOLDER, "snapshots", COMMIT, "config.json"), b"{}")
        self.give_away()
        archive = self.export("acme/six", "--allow-incomplete", says="model.bin is left out: it is a link, but not to one")
        self.assertEqual([name.rsplit("/")[-1] for name in self.names(archive)], ["config.json", "main"])

    def give_away(self):
        for folder, folders, names in os.walk(self.home):
            for name in (folder, *(os.path.join(folder, one) for one in folders + names)):
                os.lchown(name, 54321, 54321)

    def test_files_of_root_for_another_user(self):
        """Root exports nothing that the cache's owner could not read."""
        as_user(self, 54321)  # skips without root
        for links in (True, False):
            self.add(links=links)
            self.give_away()
            secret = self.path(FOLDER, "blobs" if links else f"snapshots/{COMMIT}", sha256(BIG) if links else "model.bin")
            self.export("acme/six")
            os.chmod(secret, 0o600)
            self.export("acme/six")  # the owner's own
            for owner, group in ((0, 0), (0, 54322), (54322, 54322)):
                os.chown(secret, owner, group)
                os.chmod(secret, 0o640)
                for more in ((), ("--allow-incomplete",)):
                    self.refuse("acme/six", *more, code=3, says="may not read")
            os.chown(secret, 0, 54321)  # by the group
            self.export("acme/six")
            os.chown(secret, 0, 0)
            os.chmod(secret, 0o644)
            self.export("acme/six")
            folder = os.path.dirname(secret)
            os.chown(folder, 0, 0)
            os.chmod(folder, 0o700)
            self.refuse("acme/six", "--allow-incomplete", code=3, says="may not read")
            shutil.rmtree(self.path(FOLDER))

    def test_what_is_no_file(self):
        self.add(tree=False)
        os.mkfifo(self.path(FOLDER, "snapshots", COMMIT, "pipe"))
        self.refuse("acme/six", code=1, says="it is incomplete")
        names = self.names(self.export("acme/six", "--allow-incomplete", says="pipe is left out: it is not a regular file"))
        self.assertFalse([name for name in names if name.endswith("/pipe")])


class BrokenArchives(ExportCase):
    """An archive that is not complete must not pass for one that is."""

    def overwrite(self, path, at):
        with open(path, "r+b") as file:
            file.seek(at)
            file.write(b"?")

    def arrive_broken(self, archive):
        self.unpack(archive, good=False)
        self.assertFalse(os.path.exists(os.path.join(self.target, "hub", FOLDER, "refs", "main")))

    def test_content_that_is_wrong(self):
        for name, at in (("model.bin", 7), ("model.bin", len(BIG) - 1), ("config.json", 3), ("a/b/c.txt", 0)):
            with self.subTest(name=name, at=at):
                self.add()
                self.add({"README.md": b"before"}, folder="datasets--acme--rows")
                self.overwrite(self.path(FOLDER, "blobs", sha256(FILES[name])), at)
                archive = self.export("acme/six", "datasets/acme/rows", code=1, says="run: hfaudit repair --verify")
                self.arrive_broken(archive)
                arrived = os.path.join(self.target, "hub", FOLDER, "blobs", sha256(FILES[name]))
                self.assertTrue(not os.path.exists(arrived) or os.path.getsize(arrived) < len(FILES[name]))
                self.at_target("verify", "acme/six", code=1)
                report = self.at_target("verify", "datasets/acme/rows")  # what was complete before it is whole
                self.assertEqual(report["repos"][0]["verdict"], "complete")
                shutil.rmtree(self.hub)
                shutil.rmtree(os.path.join(self.target, "hub"))
                os.makedirs(os.path.join(self.target, "hub"))

    def test_no_file_is_left(self):
        self.add()
        self.overwrite(self.path(FOLDER, "blobs", sha256(BIG)), 100)
        out = os.path.join(self.scratch, "six.tar")
        self.export("acme/six", "-o", out, code=1, says="the archive is not complete")
        self.assertEqual(sorted(os.listdir(self.scratch)), ["hf", "target"])

    def start(self, *args, **options):
        process = subprocess.Popen([HFAUDIT, "export", "-q", "acme/six", *args], env=self.environment(),
                                   stderr=subprocess.PIPE, **options)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def make_fifo(self):
        path = os.path.join(self.scratch, "fifo")
        os.mkfifo(path)
        return path

    def test_the_end_reaches_a_fifo_and_a_named_descriptor(self):
        self.add()
        whole = self.export("acme/six")
        fifo = self.make_fifo()
        self.assertEqual(self.export("acme/six", "-o", "/dev/stdout"), whole)
        for good in (True, False):
            if not good:
                self.overwrite(self.path(FOLDER, "blobs", sha256(FILES["config.json"])), 0)
            archives = [self.run_hfaudit("export", "acme/six", "-o", path) for path in ("/dev/stdout", "/dev/fd/1")]
            self.assertEqual([done.returncode for done in archives], [0 if good else 1] * 2)
            archives = [done.stdout for done in archives]
            process = self.start("-o", fifo)
            with open(fifo, "rb") as reader:
                archives.append(reader.read())
            self.assertEqual(process.wait(20), 0 if good else 1)
            for archive in archives:
                if good:
                    self.assertEqual(archive, whole)
                else:
                    self.assertIn(b"hfaudit: this archive is not complete: ", archive[-512:])
                    self.arrive_broken(archive)

    def test_a_signal_while_a_fifo_or_a_terminal_has_no_reader(self):
        self.add({**FILES, "more.bin": os.urandom(4 << 20)})
        fifo = self.make_fifo()
        process = self.start("-o", fifo)
        self.signal_once_handled(process, signal.SIGTERM)
        self.assertEqual(process.wait(20), 143)
        process = self.start("-o", fifo)
        with open(fifo, "rb") as reader:
            time.sleep(0.3)  # it is full by now
            self.signal_once_handled(process, signal.SIGTERM)
            self.assertEqual(process.wait(20), 143)
            self.arrive_broken(reader.read())
        controller, terminal = open_terminal(self)
        process = self.start("-o", os.ttyname(terminal))
        time.sleep(0.3)
        self.signal_once_handled(process, signal.SIGTERM)
        self.assertEqual(process.wait(20), 143)
        os.close(terminal)
        os.close(controller)

    def test_an_interrupted_export_between_two_links(self):
        """Each link is a record of its own: a pipe that is full after one of them looks like a whole archive."""
        repo = self.add(tree=False)
        for number in range(5000):
            os.symlink("../../blobs/" + sha256(BIG), os.path.join(repo, "snapshots", COMMIT, f"{number:05}.bin"))
        process = self.start(stdout=subprocess.PIPE)
        time.sleep(0.5)  # the pipe is full by now
        self.signal_once_handled(process, signal.SIGTERM)
        time.sleep(0.3)
        with process.stdout:
            archive = process.stdout.read()  # a slow reader
        self.assertEqual(process.wait(20), 143)
        self.assertLess(len(archive), 5000 * 512)
        self.assertIn(b"hfaudit: this archive is not complete: ", archive[-512:])
        self.arrive_broken(archive)

    def test_readers_see_that_it_is_incomplete(self):
        self.add()
        self.overwrite(self.path(FOLDER, "blobs", sha256(FILES["config.json"])), 0)
        archive = self.export("acme/six", code=1)
        self.assertIn(b"hfaudit: this archive is not complete: ", archive[-512:])
        with self.assertRaises(tarfile.ReadError):
            tarfile.open(fileobj=io.BytesIO(archive)).getmembers()
        for program in ("bsdtar", "busybox"):
            where = shutil.which(program)
            if where:
                words = [where, *(["tar"] if program == "busybox" else []), "-tf", "-"]
                done = subprocess.run(words, input=archive, capture_output=True, check=False)
                self.assertNotEqual(done.returncode, 0, program)

    def test_a_reader_that_goes_away(self):
        self.add({**FILES, "more.bin": os.urandom(4 << 20)})
        process = subprocess.Popen([HFAUDIT, "export", "acme/six"], env=self.environment(), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        process.stdout.read(100)
        process.stdout.close()
        said = process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.wait(30), 3)
        self.assertIn(b"Broken pipe; the archive is not complete", said)

    def test_a_full_disk(self):
        self.add()
        with open("/dev/full", "wb") as full:
            self.export("acme/six", code=3, says="No space left on device", stdout=full)
        self.export("acme/six", "-o", "/dev/full", code=3, says="No space left on device")

    def test_a_signal_while_nobody_reads(self):
        self.add({**FILES, "more.bin": os.urandom(8 << 20)})
        for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
            process = subprocess.Popen([HFAUDIT, "export", "-q", "acme/six"], env=self.environment(),
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(0.3)  # the pipe is full by now
            self.signal_once_handled(process, number)
            try:
                self.assertEqual(process.wait(20), code)
            finally:
                process.kill()
                archive, said = process.communicate()
            # a sanitizer may complain of its symbolizer
            self.assertEqual([line for line in said.splitlines() if not line.startswith(b"==")], [])
            self.arrive_broken(archive)

    def test_a_transfer_that_breaks_off_anywhere(self):
        self.add()
        archive = self.export("acme/six")
        ends = [512 * i for i in range(1, 12)] + [len(archive) * i // 6 for i in range(1, 6)]
        ref = archive.rindex(b"refs/main")
        for end in sorted({*ends, ref - 1, ref}):
            with self.subTest(end=end):
                subprocess.run(["tar", "-x", "-C", os.path.join(self.target, "hub")], input=archive[:end], check=False,
                               capture_output=True)
                folder = os.path.join(self.target, "hub", FOLDER)
                if os.path.isdir(os.path.join(folder, "snapshots")):
                    self.assertFalse(os.path.exists(os.path.join(folder, "refs", "main")))
                    whole = all(os.path.exists(os.path.join(folder, "snapshots", COMMIT, name)) for name in FILES)
                    report = self.at_target("scan", code=None if whole else 1)
                    if not whole:
                        self.assertNotEqual(report["repos"][0]["verdict"], "complete")
                shutil.rmtree(os.path.join(self.target, "hub"))
                os.makedirs(os.path.join(self.target, "hub"))


if __name__ == "__main__":
    unittest.main()
