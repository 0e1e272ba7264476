"""Runs every command that hfaudit prints about a fixture, on that fixture, and says what came of the finding.

The fixture's own Hub holds what its text says before any damage, and for files of which the text says nothing else than
that they are absent a content of their own.
"""

import collections
import glob
import os
import re
import shutil
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "testhub"))

import hub_formats  # noqa: E402
from fixture_case import FIXTURE, HFAUDIT, NEEDS_ROOT, OTHER, USER, FixtureCase, case_path  # noqa: E402
from hub import Content, Hub, Repo  # noqa: E402
from hub_repos import Commit, File  # noqa: E402
from system import reachable  # noqa: E402

# One advice: the command that printed it, its finding (or the line of preflight or of an error), the command line.
Advice = collections.namedtuple("Advice", "origin subject run finding")
Row = collections.namedtuple("Row", "fixture origin subject run outcome")

COMMIT = re.compile(r"[0-9a-f]{40}")
RUN = re.compile(r"run: (.+?)(?=; \S+@|$)", re.MULTILINE)
NAME_IT = re.compile(r"nothing here names the repo: (.+)$", re.MULTILINE)
SHARD = re.compile(r"^(.*?)-?(\d{5})-of-(\d{5})(\.\w+)$")
INSPECTS = ("ps ", "df ")  # these only show what has to be decided about
HOUR = 3600
# What a command says where nothing here can help.
REASONS = (
    "it is broken on the Hub",
    "the Hub has none of these files",  # of the user's own
    "kept: nothing else shows that blob",  # a lock that is all that is left of a download
)


def absent_content(name):
    """What the Hub holds under a name of which the fixture says nothing."""
    extension = os.path.splitext(name)[1]
    if extension == ".safetensors":
        return hub_formats.safetensors(name, 4096, ["w." + os.path.basename(name)])
    if extension == ".gguf":
        shard = SHARD.match(os.path.basename(name))
        split = (int(shard[2]) - 1, int(shard[3]), 6) if shard else None
        return hub_formats.gguf(name, 4096, ["w"], split=split)
    if extension in (".bin", ".pt", ".pth", ".ckpt"):
        return hub_formats.pytorch_zip(name, 4096)
    if extension == ".parquet":
        return hub_formats.parquet(name, 4096)
    return Content.text("{}\n" if extension == ".json" else f"of {name}\n")


def repo_of_folder(folder):
    kind, *parts = folder.split("--")
    return Repo("/".join(parts), repo_type=kind[:-1])


def likely_name(name, content):
    """A path for a content that the fixture names and puts into no snapshot."""
    head = content.read(0, 16)
    if head.startswith(b"GGUF"):
        return name + ".gguf"
    if head[1:9] == b"\0" * 7 + b"{" or head[2:9] == b"\0" * 6 + b"{":
        return "model.safetensors" if name == "weights" else name + ".safetensors"
    return name + (".json" if head.startswith((b"{", b"[")) else ".txt" if head else ".bin")


class HubOfFixture:
    """The repos of a fixture as its text says that the Hub has them."""

    def __init__(self, hub_folder):
        self.files = collections.defaultdict(dict)  # (folder, commit) -> path -> File
        self.named = collections.defaultdict(dict)  # folder -> name -> (blob, File)
        with open(os.path.join(hub_folder, "listing"), encoding="utf-8") as listing:
            lines = listing.read().splitlines()
        for line in lines:
            folder, commit, path, blob, kind = line.split("\t")
            file = File(Content(path=os.path.join(hub_folder, blob)), kind == "lfs")
            if not commit:
                self.named[folder][path] = (blob, file)
            elif COMMIT.fullmatch(commit):
                self.files[folder, commit].setdefault(path, file)

    def add_folder(self, repo_path, folder):
        """What the cache shows of commits: snapshots, listings, copies in snapshots."""
        for path in glob.glob(os.path.join(glob.escape(repo_path), "**"), recursive=True, include_hidden=True):
            inner = os.path.relpath(path, repo_path)
            commit = COMMIT.search(inner) if inner.startswith(("snapshots/", "trees/")) else None
            if commit:
                self.files.setdefault((folder, commit[0]), {})
                rest = inner[commit.end() + 1:] if inner.startswith("snapshots/") else ""
                if rest and os.path.isfile(path) and not os.path.islink(path):
                    with open(path, "rb") as file:
                        self.files[folder, commit[0]].setdefault(rest, File(Content(file.read()), False))

    @staticmethod
    def refs(repo_path):
        found = {}
        top = os.path.join(repo_path, "refs")
        for folder, _, names in os.walk(top):
            for name in names:
                with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                    commit = COMMIT.search(file.read())
                found[os.path.relpath(os.path.join(folder, name), top)] = commit[0] if commit else ""
        return found

    def add_wanted(self, folder, finding):
        """The file that a finding is about, where the fixture does not say which commit has it."""
        commits = [commit for name, commit in self.files if name == folder]
        commit = finding["revision"] if finding["revision"] in commits else commits[-1] if commits else None
        if commit is None:
            return
        files, kind = self.files[folder, commit], finding["id"]
        blob = str(finding["details"].get("blob", ""))
        for name, (etag, file) in {**self.named[""], **self.named[folder]}.items():
            if (etag == blob or kind == "lost-link") and not any(other.content is file.content for other in files.values()):
                path = finding["details"].get("file") or finding["path"].partition(commit + "/")[2]
                path = path or likely_name(name, file.content)
                files.setdefault(path, file)
        name = finding["path"].partition(commit + "/")[2]
        name += "weight.bin" if name.endswith("/") else ""
        if kind == "missing-weights":
            adapter = "adapter_config.json" in files
            files.setdefault("adapter_model.safetensors" if adapter else "model.safetensors",
                             File(absent_content("model.safetensors"), True))
        elif kind in ("nothing-here", "ref-dangling") and not files:
            for name in ("config.json", "model.safetensors"):
                files[name] = File(absent_content(name), name.endswith("safetensors"))
        elif name and finding["severity"] != "info" and finding["fix"] == "pull":
            files.setdefault(name, File(absent_content(name), not name.endswith((".json", ".py", ".txt", ".jinja"))))

    def repo(self, folder, repo_path, report):
        repo = repo_of_folder(folder)
        refs = self.refs(repo_path) if repo_path else {}
        for commit in filter(None, refs.values()):
            self.files.setdefault((folder, commit), {})
        for finding in report["findings"]:
            if finding["repo_id"] == repo.repo_id or not repo_path:
                self.add_wanted(folder, finding)
        repo.history += [Commit(commit, "", files) for (name, commit), files in self.files.items() if name == folder]
        if not repo.history:
            return repo.commit({"config.json": absent_content("config.json"),
                                "model.safetensors": absent_content("model.safetensors")})
        newest = repo.history[-1].oid
        for name, commit in refs.items():
            (repo.pulls if name.startswith("refs/pr/") else repo.branches)[name] = commit or newest
        repo.branches.setdefault("main", newest)
        return repo


class AdviceCase(FixtureCase):
    rows = []

    def setUp(self):
        super().setUp()
        self.bin = os.path.join(self.scratch, "bin")
        os.mkdir(self.bin)
        os.symlink(reachable(HFAUDIT), os.path.join(self.bin, "hfaudit"))
        with open(os.path.join(self.bin, "sudo"), "w", encoding="ascii") as file:
            # As sudo does: a clean environment, root's home.
            file.write(f'#!/bin/sh\nexec env -i PATH="$PATH" HOME={self.scratch}/root LC_ALL=C.UTF-8 "$@"\n')
        os.chmod(file.name, 0o755)

    # --- the fixture and its Hub ---

    def remake(self):
        """The fixture as it was, an hour old: where things change, an audit looks twice."""
        for folder in (self.cache, self.contents):
            subprocess.run(["chmod", "-R", "u+rwX", folder], stderr=subprocess.DEVNULL, check=False)
            shutil.rmtree(folder, ignore_errors=True)
        done = subprocess.run([FIXTURE, "--user", str(USER), "--other", str(OTHER), "--hub", self.contents,
                               case_path(self.fixture), self.cache], stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode == NEEDS_ROOT:
            self.skipTest("needs root")
        self.assertEqual(done.returncode, 0, done.stderr)
        for folder, folders, names in os.walk(self.cache):
            for name in [*folders, *names]:
                path = os.path.join(folder, name)
                when = os.lstat(path).st_mtime - HOUR
                if not stat.S_ISLNK(os.lstat(path).st_mode):
                    os.utime(path, (when, when))

    def use(self, fixture, wanted):
        self.fixture = fixture
        self.contents = os.path.join(self.scratch, "contents")
        self.args = [arg.replace("{dest}", self.cache) for arg in wanted.args]
        self.local_dir = self.args[self.args.index("--local-dir") + 1] if "--local-dir" in self.args else None
        self.variables = {key: value.replace("{dest}", self.cache) for key, value in wanted.env.items()}
        self.remake()

    def make_hub(self, report):
        held = HubOfFixture(self.contents)
        folders = {}
        for path in glob.glob(os.path.join(glob.escape(self.cache), "**/*s--*"), recursive=True):
            name = os.path.basename(path)
            if os.path.isdir(path) and re.match(r"(models|datasets|spaces|kernels)--", name) and "/.locks/" not in path:
                held.add_folder(path, name)
                folders.setdefault(name, path)
        if self.local_dir:  # which repo it is of, nothing in it says
            for (folder, commit), files in list(held.files.items()):
                if not folder:
                    held.files["models--acme--local", commit] = files
            folders["models--acme--local"] = ""
        for finding in report["findings"]:
            if finding["id"] == "missing-dependency":
                folders.setdefault("models--" + finding["details"]["other"].replace("/", "--"), "")
            if finding["repo_id"]:
                folders.setdefault("--".join([finding["repo_type"] + "s", *finding["repo_id"].split("/")]), "")
        hub = Hub(*(held.repo(folder, path, report) for folder, path in folders.items())).__enter__()
        self.addCleanup(hub.__exit__)
        self.addCleanup(lambda: self.assertEqual(hub.errors, []))
        return hub

    # --- commands ---

    def run_line(self, line):
        """A command line as a user pastes it."""
        settings = self.environment(**self.variables)
        settings["PATH"] = self.bin + ":" + settings["PATH"]
        if self.hub:
            settings["HF_ENDPOINT"] = self.hub.url
        return subprocess.run(["/bin/bash", "-c", line], env=settings, cwd=self.home, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", timeout=120, check=False)

    def first_commands(self, report):
        """The commands whose advice is tried, and their words."""
        yield "scan", ["scan", *self.args]
        yield "verify", ["verify", *self.args]
        repos = [None] if self.local_dir else sorted({repo_argument(repo) for repo in report["repos"]})
        for check in ("preflight", "preflight --check full"):
            for repo in repos:
                yield check, check.split() + ([repo] if repo else ["--local-dir", self.local_dir])

    def look(self, words):
        """The report, and the lines on standard error."""
        scan = self.scan(*words[1:], command=words[0], env=self.variables)
        return scan.report, scan.err

    def advices(self, origin, words):
        """Every command that `words` prints, with its finding or line."""
        report, lines = self.look(words)
        found = [Advice(origin, finding["id"], finding["run"], finding) for finding in report["findings"] if finding["run"]]
        found += [Advice(origin, "line", match[1], match.string) for match in map(RUN.search, lines.splitlines()) if match]
        text = lines
        if words[0] != "preflight" and report["findings"]:
            text = self.run_hfaudit(*words, "-v", env=self.variables).stdout.decode(errors="replace")
            printed = {match[1] for match in RUN.finditer(text)}
            self.assertEqual(printed, {advice.run for advice in found}, f"text and JSON of {words} differ\n{text}")
        names_it = {match[1].replace(" REPO ", " acme/local ") for match in NAME_IT.finditer(text)}
        self.assertLessEqual(len(names_it), 1, text)
        for run in names_it:
            found += [Advice(origin, finding["id"], run, finding) for finding in report["findings"]
                      if finding["fix"] == "pull" or finding["id"] in ("missing-weights", "unverifiable")]
        return found

    def try_fixture(self, fixture, wanted):
        """Rows of all advice on a fixture."""
        self.use(fixture, wanted)
        self.hub = None
        report, _ = self.look(["verify", *self.args])
        self.hub = self.make_hub(report)
        rows = []
        for origin, words in self.first_commands(report):
            self.remake()
            advices = self.advices(origin, words)
            for run in sorted({advice.run for advice in advices}):
                self.remake()
                done = self.run_line(run)
                after, lines = self.look(words)
                rows += [Row(fixture, origin, advice.subject, run, self.outcome(advice, done, after, lines))
                         for advice in advices if advice.run == run]
        return rows

    def outcome(self, advice, done, after, lines):
        said = done.stdout + done.stderr
        if done.returncode in (2, 126, 127) or done.returncode < 0:
            return f"cannot be run: {done.returncode} {said.strip()[-500:]}"
        if advice.run.startswith(INSPECTS):
            return "explained"
        if advice.subject == "line":
            same = [line for line in lines.splitlines() if advice.run in line]
        else:
            left = [f for f in after["findings"] if key_of(f) == key_of(advice.finding)]
            same = [f["message"] for f in left]
            if left and not left[0]["run"] and left[0]["message"] != advice.finding["message"]:
                return "explained"  # its sentence says by now why there is nothing to run
        if not same:
            return "gone"
        if any(reason in said for reason in REASONS):
            return "explained"
        return f"left: {same[0]}\n{done.returncode}\n{said}"


def key_of(finding):
    return finding["id"], finding["repo_id"], finding["path"], finding["revision"]


def repo_argument(repo):
    kind = repo["repo_type"]
    return repo["repo_id"] if kind == "model" else f"{kind}s/{repo['repo_id']}"
