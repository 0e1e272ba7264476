"""Builds every scenario with every client, lets hfaudit look, and keeps what it said."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import scenarios  # noqa: F401  fills SCENARIOS
from stage import SCENARIOS, applies, staged

import schemas
from clients import NO_HUB, VERSIONS

schemas.install()

PARALLEL = int(os.environ.get("HFAUDIT_INTEROP_JOBS", "6"))  # most of the time is waiting
SCAN_SECONDS = 60


def binary():
    """The program under test."""
    here = os.path.dirname(os.path.abspath(__file__))
    default = os.path.join(here, "..", "..", "build", "release", "tools", "hfaudit")
    return os.path.abspath(os.environ.get("HFAUDIT") or default)


@dataclass
class Outcome:
    """What one scan said, or why there was none."""

    error: BaseException = None
    exit_code: int = None
    report: dict = field(default_factory=dict)
    touched: list = field(default_factory=list)  # paths that the scan changed

    @property
    def repo_verdicts(self):
        return sorted({repo["verdict"] for repo in self.report.get("repos", [])})

    @property
    def revision_verdicts(self):
        repos = self.report.get("repos", [])
        return tuple(sorted(r["verdict"] for repo in repos for r in repo["revisions"]))

    @property
    def ids(self):
        return {finding["id"] for finding in self.report.get("findings", [])}

    def above_info(self):
        found = self.report.get("findings", [])
        return sorted({finding["id"] for finding in found if finding["severity"] != "info"})

    def explain(self):
        lines = [f"exit code {self.exit_code}"]
        lines += [f"  {r['repo_type']} {r['repo_id']}: {r['verdict']}" for r in self.report["repos"]]
        lines += [
            f"  {f['severity']} {f['id']} {f['path']}: {f['message']}"
            for f in self.report["findings"]
        ]
        return "\n".join(lines)


def scan(stage, *options):
    """hfaudit scan of a stage: of its --local-dir download where that is what it is about."""
    where = ("--local-dir", stage.local) if stage.local_used else ("--hf-home", stage.home)
    return run("scan", "--format", "json", *(options or where), home=stage.home)


def run(*arguments, home, hub=None):
    """hfaudit with JSON output; nothing of our own environment decides what it looks at, or which Hub it asks."""
    env = {"PATH": os.environ["PATH"], "HOME": home + ".user", "LANG": "C.UTF-8",
           "HF_ENDPOINT": hub.url if hub else NO_HUB}
    if "ASAN_OPTIONS" in os.environ:
        env["ASAN_OPTIONS"] = os.environ["ASAN_OPTIONS"]
    done = subprocess.run([binary(), *arguments], env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=SCAN_SECONDS)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        text = (done.stderr + done.stdout).decode(errors="replace")[-2000:]
        raise AssertionError(f"no report, exit code {done.returncode}: {text}") from None
    return Outcome(exit_code=done.returncode, report=report)


def _stamps(*roots):
    """What any writing changes: every path with its kind, size and times."""
    out = {}
    for root in roots:
        for folder, folders, names in os.walk(root):
            for name in [".", *folders, *names]:
                path = os.path.normpath(os.path.join(folder, name))
                status = os.lstat(path)
                out[path] = (status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return out


def audit(version, name, root):
    """One scenario of one client, built and scanned."""
    try:
        with staged(version, name, root) as stage:
            before = _stamps(stage.home, stage.local)
            outcome = scan(stage)
            after = _stamps(stage.home, stage.local)
            outcome.touched = sorted(p for p, _ in before.items() ^ after.items())
            return outcome
    except Exception as error:  # one broken scenario must not hide the others
        return Outcome(error=error)


def selection():
    """The (version, scenario) pairs to run; HFAUDIT_INTEROP_VERSIONS and _SCENARIOS narrow it."""
    versions = os.environ.get("HFAUDIT_INTEROP_VERSIONS", ",".join(VERSIONS)).split(",")
    names = os.environ.get("HFAUDIT_INTEROP_SCENARIOS", ",".join(SCENARIOS)).split(",")
    return [(v, n) for n in names for v in versions if applies(n, v)]


def audit_all(root):
    """All outcomes by (version, scenario)."""
    pairs = selection()
    with ThreadPoolExecutor(PARALLEL) as pool:
        outcomes = pool.map(lambda pair: audit(*pair, root), pairs)
        return dict(zip(pairs, outcomes))
