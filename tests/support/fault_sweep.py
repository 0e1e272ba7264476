"""Runs a command again and again with one system call failing, and compares each run with an undisturbed one.

A Target is a command on a cache. `count()` says how many calls of each kind it makes on that cache; `run()` makes one of
them fail and returns what is wrong with the outcome: a list of sentences, empty where all is as it should be.
"""

import collections
import dataclasses
import hashlib
import json
import os
import shutil
import stat
import subprocess
import threading

INJECTOR = os.path.join(os.environ.get("HFAUDIT_BUILD", "absent"), "tests", "support", "hfaudit-fault-injector")
ERRORS = ("EIO", "ESTALE", "EACCES", "EPERM", "EMFILE", "ENOSPC", "EDQUOT", "EROFS", "ENOMEM", "EINTR")
LOOKING = ("open", "stat", "list", "read", "readlink", "access", "submit", "events", "seek", "statfs", "xattr", "ioctl", "fcntl")
MODES = ("once", "call", "path", "all")
TIMEOUT = 60

Fault = collections.namedtuple("Fault", "call error at mode")


@dataclasses.dataclass
class Outcome:
    code: int
    report: dict | None
    err: str
    log: dict
    out: bytes = b""

    @property
    def failed_at(self):
        return self.log["failed"][0] if self.log["failed"] else None


def finding_key(finding):
    return finding["id"], finding["severity"], finding["repo_id"], finding["revision"], finding["path"]


def verdicts(report):
    """(type, id, commit or None) -> verdict, of repos and revisions."""
    found = {}
    for repo in report["repos"]:
        name = repo["repo_type"], repo["repo_id"]
        found[(*name, None)] = repo["verdict"]
        for revision in repo["revisions"]:
            found[(*name, revision["commit"])] = revision["verdict"]
    return found


def said(report):
    """All of a report that an error must not change unnoticed. Wrong content that a pull has replaced and kept aside is no
    damage, and neither is a payload of the shared store that no repo uses."""
    kept = [finding_key(f) for f in report["findings"] if not (f["path"] or "").endswith(".hfaudit.wrong")
            and not (f["id"] == "orphan-blob" and f["path"].startswith("hub/blobs/"))]
    return sorted(map(repr, kept)), verdicts(report)


def is_as_true(verdict, undisturbed):
    """Of two kinds of damage in one revision one may be all that can be seen."""
    broken = ("incomplete", "corrupt")
    return verdict in ("unknown", undisturbed) or verdict in broken and undisturbed in broken


def is_courtesy(outcome):
    """Listings and locks that another user of the cache keeps closed: other evidence judges (Report::noted)."""
    denied = outcome.log["error"] in ("EACCES", "EPERM")
    return denied and all("/trees" in path or ".locks" in path for _, path in outcome.log["failed"])


def without_links(outcome):
    """Symbolic links failed as they do where there are none: a pull puts plain files in their place, and the blobs stay."""
    return outcome.log["error"] == "EPERM" and any(call == "symlinkat" for call, _ in outcome.log["failed"])


def is_said(outcome, checked, after, unused=()):
    """Something that is no damage was left alone, and the report names it: of a repair with the action that was skipped. What
    a pull leaves is space to reclaim. `unused`: ids of what else may stay."""
    known = {*said(outcome.report)[0], *said(after.report)[0]}
    left = [f for f in checked.report["findings"] if repr(finding_key(f)) not in known and f["id"] not in unused]
    if not left and unused:
        return True
    if outcome.report["command"] == "pull":
        return all(f["id"] in ("orphan-partial", "idle-lock", "temp-debris", "stale-lock") for f in left)
    skipped = any(result["outcome"] == "skipped" for result in outcome.report.get("results", []))
    harmless = all(f["severity"] != "error" for f in checked.report["findings"])
    return skipped and harmless and not left


def is_caution(finding, outcome):
    """A partial whose lock cannot be asked is left alone as if it were held."""
    if (finding["path"] or "").endswith(".hfaudit.wrong"):
        return True  # what a pull has replaced and kept aside
    if finding["id"] == "unverifiable" and outcome.report["blind"]:
        return True  # what would prove it was unreadable
    locks = any(path.endswith(".lock") for _, path in outcome.log["failed"])
    return finding["id"] == "download-in-progress" and locks


def tree_state(root):
    """All that a command that only looks must leave alone."""
    found = {}
    for folder, folders, names in os.walk(root):
        for name in (*folders, *names):
            status = os.lstat(os.path.join(folder, name))
            found[os.path.join(folder, name)] = status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns
    return found


def contents(root):
    """SHA-256 of every regular file outside the records of clients: path below root -> digest."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            if stat.S_ISREG(os.lstat(path).st_mode):
                with open(path, "rb") as file:
                    found[os.path.relpath(path, root)] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


class Target:
    """`master`: the cache, never touched; `arguments`: of hfaudit, {home} stands for the copy that it works on.
    `good`: paths below the cache whose content must survive. `hurt`: parts of the paths of what is really damaged; with less
    evidence the same damage may get another finding.
    `settle`: arguments of the command that shows how things stand afterwards; None where the command only looks."""

    def __init__(self, name, master, arguments, environment, scratch, good=(), hurt=(), settle=None, prefix=()):
        self.name, self.master, self.arguments, self.environment = name, master, arguments, environment
        self.scratch, self.settle, self.prefix = scratch, settle, list(prefix)
        self.hurt = set(hurt)
        everything = contents(master) if good else {}
        self.good = {path: everything[path] for path in good}
        self.local = threading.local()
        self._baseline = None

    @property
    def home(self):
        """A copy for each thread."""
        if not hasattr(self.local, "home"):
            self.local.home = os.path.join(self.scratch, f"{self.name}-{threading.get_ident()}")
            self.local.fresh = False
        return self.local.home

    def freshen(self):
        if not getattr(self.local, "fresh", False):
            shutil.rmtree(self.home, ignore_errors=True)
            subprocess.run(["cp", "-a", self.master, self.home], check=True)
            self.local.state = tree_state(self.home)
        self.local.fresh = self.settle is None

    def hfaudit(self, arguments, fault=None, inject=True):
        log = self.home + ".log"
        command = [os.environ["HFAUDIT"], *(word.replace("{home}", self.home) for word in arguments)]
        if inject:
            how = ["--call", fault.call, "--error", fault.error, "--at", str(fault.at), "--mode", fault.mode] if fault else []
            command = [INJECTOR, "--root", self.home, "--log", log, *how, "--", *command]
        environment = {**self.environment, "HF_HOME": self.home}
        try:
            done = subprocess.run([*self.prefix, *command], env=environment, cwd=self.scratch, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=TIMEOUT, check=False)
        except subprocess.TimeoutExpired as expired:
            return Outcome(-1, None, repr(expired.stderr), {"failed": [], "counts": {}, "error": None})
        try:
            report = json.loads(done.stdout.replace(self.home.encode(), b"HOME"))
        except ValueError:
            report = None
        if report and report["schema"] == "hfaudit.error/1":
            report = None
        counted = {"failed": [], "counts": {}}
        if inject:
            with open(log, encoding="utf-8", errors="replace") as file:
                counted = json.load(file)
        counted["error"] = fault.error if fault else None
        return Outcome(done.returncode, report, done.stderr.decode(errors="replace"), counted, done.stdout)

    def baseline(self):
        if self._baseline is None:
            self.freshen()
            self._baseline = self.hfaudit(self.arguments)
            assert self._baseline.report, (self.name, self._baseline)
            self.after = self.hfaudit(self.settle, inject=False) if self.settle else None
        return self._baseline

    def count(self):
        return self.baseline().log["counts"]

    def run(self, fault):
        """What is wrong with the outcome of this fault; None: the call was never made."""
        base = self.baseline()
        self.freshen()
        outcome = self.hfaudit(self.arguments, fault)
        if outcome.code != -1 and not outcome.failed_at:
            return None, outcome
        wrong = self.judge_outcome(base, outcome)
        if self.settle:
            wrong += self.judge_cache(base, outcome)
        elif tree_state(self.home) != self.local.state:
            wrong.append("it changed the cache")
            self.local.fresh = False
        return wrong, outcome

    def judge_outcome(self, base, outcome):
        if outcome.code == -1:
            return ["it does not end"]
        if outcome.code >= 125:
            return [f"ended by {outcome.code}: {outcome.err[-300:]}"]
        if outcome.report is None:
            words = outcome.err.strip()
            wrong = [] if outcome.code == 3 else [f"exit {outcome.code} without a report: {words}"]
            return wrong + ([] if words else ["no report and no message"])
        if outcome.report["exit_code"] != outcome.code:
            return [f"exit {outcome.code}, the report says {outcome.report['exit_code']}"]
        return self.judge_report(base, outcome)

    def judge_report(self, base, outcome):
        """The same as without the fault, or exit code 3 and nothing invented."""
        report = outcome.report
        same = said(report) == said(base.report)
        if self.settle or same and outcome.code in (base.code, 3):
            return []  # what such a command says of the cache is compared with the cache
        if is_courtesy(outcome):
            return [] if outcome.code in (base.code, 3) else [f"exit {outcome.code}"]
        wrong = []
        if outcome.code != 3:
            wrong.append(f"exit {outcome.code} (undisturbed: {base.code}), and the report is another one: "
                         f"{self.difference(base, outcome)}")
        elif not report.get("blind"):
            wrong.append("exit 3, and nothing is called unreadable")
        known = {(f["id"], f["path"]) for f in base.report["findings"]}
        invented = [finding_key(f) for f in report["findings"]
                    if (f["id"], f["path"]) not in known and not self.is_hurt(f) and not is_caution(f, outcome)]
        if invented:
            wrong.append(f"not so: {invented}")
        before = verdicts(base.report)
        before |= {(*key[:2], ""): verdict for key, verdict in before.items()}  # the record of the commit was unreadable
        now = verdicts(report)
        # a verdict on a revision says no more than that on its repo, which is unknown where anything was unreadable
        odd = {key: verdict for key, verdict in now.items() if not is_as_true(verdict, before.get(key))
               and not (key[2] is not None and now[(*key[:2], None)] == "unknown")}
        if odd:
            wrong.append(f"verdicts: {odd}")
        return wrong

    def is_hurt(self, finding):
        return finding["severity"] != "info" and any(part in (finding["path"] or "") for part in self.hurt)

    @staticmethod
    def difference(base, outcome):
        before, after = set(said(base.report)[0]), set(said(outcome.report)[0])
        changed = {key: verdict for key, verdict in verdicts(outcome.report).items()
                   if verdict != verdicts(base.report).get(key)}
        return f"-{sorted(before - after)} +{sorted(after - before)} {changed}"

    def judge_cache(self, base, outcome):
        """What is on the disk after a command that writes."""
        wrong = []
        now = contents(self.home)
        digests = set(now.values())
        for path, digest in self.good.items():
            if now.get(path) != digest:
                wrong.append(f"{path} is lost" + (", moved" if digest in digests else ""))
        checked = self.hfaudit(self.settle, inject=False)
        # A download that failed before it began leaves an empty cache, and says so.
        empty = checked.code == 2 and "nothing was downloaded yet" in checked.err and outcome.code != 0 and not self.good
        if checked.report is None and not empty:
            return [*wrong, f"cannot be checked afterwards: {checked.code} {checked.err}"]
        as_it_should_be = outcome.code != 0 or said(checked.report) == said(self.after.report)
        if not as_it_should_be and not is_courtesy(outcome) and not is_said(outcome, checked, self.after):
            wrong.append(f"exit 0, and the cache is not as it should be: {self.difference(self.after, checked)}")
        if not empty:
            wrong += self.judge_actions(outcome, checked)
        if outcome.code == 0 and not wrong:
            return wrong
        again = self.hfaudit(self.arguments, inject=False)
        settled = self.hfaudit(self.settle, inject=False)
        unused = ("orphan-blob",) if without_links(outcome) else ()
        whole = settled.report is not None and (said(settled.report) == said(self.after.report) or again.report is not None
                                                and is_said(again, settled, self.after, unused))
        if again.code != base.code or not whole:
            wrong.append(f"one more run does not put it right: exit {again.code} {again.err[-200:]}"
                         + (self.difference(self.after, settled) if settled.report else settled.err))
        return wrong

    @staticmethod
    def judge_actions(outcome, checked):
        """An action that is reported as done has removed its finding."""
        if not outcome.report:
            return []
        left = {(f["id"], f["path"]) for f in checked.report["findings"]}
        return [f"{action['action']} {action['path']} is called done, and {action['finding']} is still there"
                for action, result in zip(outcome.report.get("plan", []), outcome.report.get("results", []))
                if result["outcome"] == "done" and (action["finding"], action["path"]) in left]


class ArchiveTarget(Target):
    """An export to standard output: with a fault the same archive, or exit code 3, a message, and one that no tar accepts."""

    def baseline(self):
        if self._baseline is None:
            self.freshen()
            self._baseline = self.hfaudit(self.arguments)
            assert self._baseline.code == 0 and self._baseline.out, (self.name, self._baseline.err)
        return self._baseline

    def judge_outcome(self, base, outcome):
        if outcome.code == -1:
            return ["it does not end"]
        if outcome.code == 0:  # a listing of another user that may not be read is left out, and that is said
            said_so = is_courtesy(outcome) and "is left out" in outcome.err
            return [] if outcome.out == base.out or said_so else ["exit 0, and the archive is another one"]
        wrong = [] if outcome.code == 3 else [f"exit {outcome.code}: {outcome.err[-300:]}"]
        if not outcome.err.strip():
            wrong.append("no message")
        if outcome.out:
            read = subprocess.run(["tar", "-t"], input=outcome.out, capture_output=True, check=False)
            if read.returncode == 0:
                wrong.append("tar takes what it wrote for an archive")
        return wrong
