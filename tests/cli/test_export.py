"""Export: a tar that is a cache of its own, byte for byte the same each time, and never one that only looks complete."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import unittest

from cli_case import COMMIT
from export_case import BIG, FILES, FOLDER, ExportCase, sha256

OTHER = "f" * 40


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
                    says = f"acme/six@{COMMIT} will be incomplete where it arrives"
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


if __name__ == "__main__":
    unittest.main()
