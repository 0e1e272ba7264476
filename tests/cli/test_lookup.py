"""Where a repo is looked for, how it may be spelled, and what is said when it is not there or cannot be looked at."""

import os
import shutil
import unittest

from cli_case import COMMIT
from lookup_case import NEW, OLD, LookupCase


class Spellings(LookupCase):
    def setUp(self):
        super().setUp()
        self.repo = self.add_repo("models--acme--six")
        self.add_repo("datasets--acme--words")
        self.snapshot = os.path.join(self.hub, "models--acme--six", "snapshots", COMMIT)

    def test_each_form_names_the_repo_for_each_command(self):
        for form in ("acme/six", "model/acme/six", "models/acme/six", "hf://acme/six", "hf://acme/six:main",
                     "hf://models/acme/six@main", "https://huggingface.co/acme/six", "huggingface.co/acme/six/tree/main",
                     "https://hf.co/acme/six/blob/main/README.md", "models--acme--six", "models--acme--six/",
                     f"https://huggingface.co/acme/six/commit/{COMMIT}", "https://huggingface.co/acme/six.git"):
            for command in ("scan", "verify", "preflight", "watch"):
                with self.subTest(form, command=command):
                    more = ["--grace", "0s"] if command == "watch" else []
                    self.says(command, form, *more, code=0)
            self.says("repair", "--offline", "--dry-run", form, code=0)

    def test_datasets(self):
        for form in ("datasets/acme/words", "dataset/acme/words", "datasets--acme--words",
                     "https://huggingface.co/datasets/acme/words/viewer/default/train", "hf://datasets/acme/words:main"):
            with self.subTest(form):
                self.assertEqual(self.verdicts(self.json("scan", form, code=0)), {"acme/words": "complete"})

    def test_a_mirror_by_its_endpoint(self):
        self.says("scan", "https://mirror.example/acme/six", code=0, env={"HF_ENDPOINT": "https://mirror.example/"})
        self.says("scan", "https://mirror.example/acme/six", code=2, says="HF_ENDPOINT")

    def test_a_path_in_the_cache_names_the_repo(self):
        for path in (self.snapshot, self.snapshot + "/", self.snapshot + "/README.md"):
            for command in ("scan", "preflight", "verify", "repair", "pull", "watch"):
                with self.subTest(path, command=command):
                    self.says(command, path, code=2, says=f"acme/six@{COMMIT}", not_says=("--local-dir", "hfaudit pull"))
        self.says("scan", os.path.dirname(os.path.dirname(self.snapshot)), code=2, says="did you mean acme/six?")
        self.says("scan", os.path.join(self.hub, "models--acme--six", "refs", "main"), code=2, says="acme/six@main")

    def test_a_path_in_another_cache_names_it(self):
        other = os.path.join(self.scratch, "other")
        self.add_repo("models--acme--else", hub=other)
        self.says("scan", os.path.join(other, "models--acme--else"), code=2, says=("acme/else", f"--cache-dir {other}"))

    def test_other_paths_name_the_option(self):
        folder = os.path.join(self.scratch, "plain")
        os.mkdir(folder)
        self.says("scan", folder, code=2, says=f"--local-dir {folder}")
        self.says("scan", self.home, code=2, says=f"--hf-home {self.home}")
        self.says("scan", self.hub, code=2, says=f"--cache-dir {self.hub}")
        self.says("scan", os.path.join(self.scratch, "absent"), code=2, says="nothing is there")

    def test_a_tag_is_no_revision(self):
        for command in ("scan", "preflight", "pull", "repair"):
            with self.subTest(command):
                self.says(command, "acme/six:Q4_K_M", code=2, says="--include '*Q4_K_M*'")
        self.says("scan", "acme/six:v1", code=2, says="acme/six@v1")

    def test_a_pull_of_one_file_by_its_url(self):
        self.says("pull", "https://huggingface.co/acme/six/blob/main/a/b.json", code=2, says="hfaudit pull acme/six@main a/b.json",
                  not_says=())


class Places(LookupCase):
    def test_a_dead_link_for_a_repo(self):
        self.add_repo("models--acme--fine")
        os.symlink("/mnt/not-mounted/models--acme--gone", os.path.join(self.hub, "models--acme--gone"))
        for command in ("scan", "verify", "preflight"):
            self.says(command, "acme/gone", code=3, says=("/mnt/not-mounted", "is the disk mounted?"))
            self.says(command, "acme/fine", code=0)
        self.says("preflight", "acme/gone", "--repair", code=3, says="/mnt/not-mounted")
        self.says("repair", "--offline", "acme/gone", code=3, says="nothing to do")
        report = self.json("scan", code=3)
        self.assertEqual((self.found(report), self.verdicts(report)),
                         (["unreachable-repo"], {"acme/fine": "complete", "acme/gone": "unknown"}))
        self.json("scan", "--fail-on", "never", code=3)

    def test_a_dead_link_inside_a_repo(self):
        for name in ("blobs", "snapshots", "refs"):
            with self.subTest(name):
                repo = os.fsdecode(self.add_repo(f"models--acme--{name}"))
                shutil.rmtree(os.path.join(repo, name))
                os.symlink("/mnt/not-mounted/x", os.path.join(repo, name))
                report = self.json("scan", f"acme/{name}", code=3)
                self.assertEqual((self.found(report), self.verdicts(report)),
                                 (["unreachable-repo"], {f"acme/{name}": "unknown"}))
                self.says("preflight", f"acme/{name}", code=3, says="/mnt/not-mounted/x")
                self.says("repair", "--offline", f"acme/{name}", code=3, says="nothing to do")

    def test_a_dead_link_for_the_hub_or_above_it(self):
        os.rmdir(self.hub)
        os.symlink("/mnt/not-mounted/hub", self.hub)
        above = os.path.join(self.scratch, "above")
        os.symlink("/mnt/not-mounted/home", above)
        for env in ({}, {"HF_HOME": above}, {"HF_HOME": os.path.join(above, "below")}):
            with self.subTest(env):
                self.assertEqual(self.found(self.json("scan", code=3, env=env)), ["unreachable-repo"])
                for command in ("scan", "verify", "preflight", "watch"):
                    self.says(command, "acme/x", code=3, says="/mnt/not-mounted", env=env)
                self.says("preflight", "acme/x", "--repair", code=3, env=env)
                self.says("repair", "--offline", code=3, says="/mnt/not-mounted", env=env)

    def test_a_link_in_a_circle(self):
        os.symlink("models--acme--loop", os.path.join(self.hub, "models--acme--loop"))
        self.assertEqual(self.found(self.json("scan", "acme/loop", code=3)), ["unreachable-repo"])

    def test_a_link_to_a_repo_that_is_there(self):
        disk = os.path.join(self.scratch, "disk")
        self.add_repo("models--acme--moved", hub=disk)
        os.symlink(os.path.join(disk, "models--acme--moved"), os.path.join(self.hub, "models--acme--moved"))
        for command in ("scan", "preflight", "verify"):
            self.says(command, "acme/moved", code=0)

    def test_an_empty_skeleton(self):
        for folders in (("blobs", "refs", "snapshots"), ("snapshots",), ()):
            name = f"s{len(folders)}"
            os.makedirs(os.path.join(self.hub, f"models--acme--{name}"))
            for folder in folders:
                os.makedirs(os.path.join(self.hub, f"models--acme--{name}", folder))
            with self.subTest(name):
                self.assertEqual(self.found(self.json("scan", f"acme/{name}", code=3)), ["empty-repo"])
                self.says("preflight", f"acme/{name}", code=3, says="hfaudit pull acme/" + name, not_says=())
        self.assertEqual(self.found(self.json("scan", code=0)), ["empty-repo"] * 3)

    def test_repos_in_the_home_itself(self):
        self.add_repo("models--acme--beside", hub=self.home)
        report = self.json("scan", code=0)
        self.assertEqual(self.found(report), ["misplaced-repo"])
        self.assertIn(f"--cache-dir {self.home}", report["findings"][0]["message"])
        for name in ("acme/beside", "ACME/Beside"):
            for command in ("scan", "preflight", "verify", "repair", "watch"):
                with self.subTest(name, command=command):
                    self.says(command, name, code=2, says=f"--cache-dir {self.home}")
        self.says("preflight", "acme/beside", "--cache-dir", self.home, code=0)  # as was said
        os.rmdir(self.hub)
        report = self.json("scan", code=2)
        self.assertEqual((self.found(report), report["verdict"]), (["misplaced-repo"], "unknown"))
        self.says("scan", "acme/beside", code=2, says=f"--cache-dir {self.home}")

    def test_one_repo_in_two_places(self):
        self.add_repo("models--acme--six")
        self.add_repo("models--acme--Six", hub=self.home)
        self.assertEqual(self.found(self.json("scan", code=0)), ["duplicate-repo", "misplaced-repo"])

    def test_a_hub_that_is_the_home(self):
        os.rmdir(self.hub)
        self.add_repo("models--acme--six", hub=self.home)
        os.symlink(".", self.hub)
        self.assertEqual(self.found(self.json("scan", code=0)), ["unrecognized-entry"])  # the link itself
        self.assertEqual(self.found(self.json("scan", code=0, env={"HF_HUB_CACHE": self.home})), ["unrecognized-entry"])

    def test_two_spellings(self):
        self.add_repo("models--Acme--Model-X")
        self.add_repo("models--acme--model-x")
        report = self.json("scan", code=0)
        self.assertEqual(self.found(report), ["duplicate-repo"])
        self.assertGreater(report["findings"][0]["bytes"], 0)
        for command in ("preflight", "scan", "verify", "repair"):
            self.says(command, "ACME/Model-x", code=2, says=("Acme/Model-X", "acme/model-x"))

    def test_did_you_mean(self):
        self.add_repo("models--acme--sixteen")
        self.add_repo("datasets--acme--words")
        for name, meant in (("acme/sixten", "acme/sixteen"), ("sixteen", "acme/sixteen"), ("other/sixteen", "acme/sixteen"),
                            ("acme/words", "the dataset datasets/acme/words"), ("Acme/Words", "the dataset datasets/acme/words"),
                            ("spaces/acme/words", "the dataset datasets/acme/words")):
            for command in ("scan", "preflight", "verify"):
                with self.subTest(name, command=command):
                    self.says(command, name, code=2, says=f"did you mean {meant}?")
        self.says("preflight", "far/away", code=2, says="hfaudit pull far/away", not_says=("did you mean",))

    def test_the_cache_of_the_default_place(self):
        usual = os.path.join(self.scratch, ".cache", "huggingface", "hub")
        self.add_repo("models--acme--six", hub=usual)
        for command in ("scan", "preflight"):
            self.says(command, "acme/six", code=2, says=f"--cache-dir {usual}")
        os.rmdir(self.hub)
        self.says("scan", code=2, says=("nothing was downloaded yet", usual))

    def test_an_empty_hub(self):
        """As a mount point is without its disk: that is no clean cache."""
        for args in (["scan"], ["verify"], ["scrub"], ["repair", "--offline"], ["scan", "--cache-dir", self.hub]):
            self.says(*args, code=2, says="nothing was downloaded yet")
        token = os.path.join(self.home, "token")
        self.write(token, b"hf_x")
        os.chmod(token, 0o644)
        self.assertEqual(self.found(self.json("scan", code=0)), ["exposed-token"])

    def test_a_folder_of_something_else(self):
        """An empty disk, or a wrong path."""
        os.mkdir(os.path.join(self.hub, "lost+found"))
        self.write(os.path.join(self.hub, "tmpfiles.conf"), b"x")
        self.says("scan", code=2, says="nothing was downloaded yet")

    def test_a_pasted_url_with_a_query(self):
        self.says("scan", "https://huggingface.co/acme/nope?library=transformers", code=2, not_says=("pattern",))

    def test_nothing_downloaded_yet(self):
        os.rmdir(self.hub)
        token = os.path.join(self.home, "token")
        self.write(token, b"hf_x")
        os.chmod(token, 0o600)
        for args in (["scan"], ["verify"], ["repair", "--offline"], ["scan", "acme/six"]):
            self.says(*args, code=2, says="nothing was downloaded yet", not_says=("cannot open",))
        os.chmod(token, 0o644)
        self.assertEqual(self.found(self.json("scan", code=2)), ["exposed-token"])
        self.says("repair", "--offline", code=2, says="nothing was downloaded yet")
        self.assertEqual(os.stat(token).st_mode & 0o777, 0o600)
        self.says("scan", code=2, env={"HF_HOME": ""}, says=("nothing was downloaded yet", "HF_HOME"))

    def test_a_folder_that_is_no_download(self):
        folder = os.path.join(self.scratch, "photos")
        self.write(os.path.join(folder, "a.txt"), b"a")
        self.write(os.path.join(folder, "deep", "b.jpg"), b"\xff\xd8\xff")
        for command in ("scan", "verify"):
            report = self.json(command, "--local-dir", folder, code=3)
            self.assertEqual([repo["verdict"] for repo in report["repos"]], ["unknown"])
            self.assertIn("nothing here lists the files", report["blind"][0]["cause"])
        empty = os.path.join(self.scratch, "empty")
        os.mkdir(empty)
        self.says("scan", "--local-dir", empty, code=3)


class Revisions(LookupCase):
    def test_a_commit_without_a_ref(self):
        self.add_repo("models--acme--pin", ref=None, commit=OLD)
        self.says("preflight", "acme/pin", code=2, says=f"acme/pin@{OLD} is here, complete")
        for command in ("scan", "verify", "repair"):
            self.says(command, "acme/pin@main", code=2, says=f"acme/pin@{OLD}")
        self.says("preflight", "acme/pin@" + OLD[:7], code=2, says=f"acme/pin@{OLD}")  # clients know whole commits
        self.says("preflight", "acme/pin@" + OLD, code=0)

    def test_a_ref_to_a_commit_that_is_not_here(self):
        repo = self.add_repo("models--acme--six", commit=OLD)
        self.write(os.path.join(repo, b"refs", b"main"), NEW.encode())
        self.says("scan", code=1, says=f"acme/six@{OLD} is here, complete")
        self.says("scan", "acme/six@main", code=1, says=f"acme/six@{OLD}")
        self.says("preflight", "acme/six", code=1, says=f"acme/six@{OLD} is here, complete")
        self.says("preflight", "acme/six@" + OLD, code=0)
        report = self.json("scan", code=1)
        self.assertEqual([f["details"].get("whole") for f in report["findings"] if f["id"] == "nothing-here"], [OLD])

    def test_a_broken_revision_beside_a_whole_one(self):
        repo = self.add_repo("models--acme--six", commit=OLD, ref="v1")
        self.add_repo("models--acme--six", {"new.txt": b"new"}, commit=NEW)
        os.unlink(os.path.realpath(os.path.join(repo, b"snapshots", NEW.encode(), b"new.txt")))
        self.says("preflight", "acme/six", code=1, says=f"acme/six@{OLD} is here, complete (v1)")

    def test_a_broken_commit_is_not_offered(self):
        repo = self.add_repo("models--acme--six", {"a.txt": b"a"}, commit=OLD, ref=None)
        os.unlink(os.path.realpath(os.path.join(repo, b"snapshots", OLD.encode(), b"a.txt")))
        self.says("preflight", "acme/six", code=2, says="hfaudit pull acme/six", not_says=("is here, complete",))


if __name__ == "__main__":
    unittest.main()
