"""Asks the program about a case and compares."""

import json
import os
import subprocess
import sys

from answers import C, GRAVITY, I, S, U, X

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import schemas  # noqa: E402

schemas.install()

LACKING = "no such option"
TYPES = {"model": "model", "dataset": "dataset", "space": "space", "kernel": "kernel"}


class Program:
    def __init__(self, path, home):
        self.path, self.home, self.before = path, home, []
        self.env = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "HFAUDIT", "XDG_", "HUGGING"))}
        self.env.update(HF_HOME=home, HOME=home + ".user", HF_ENDPOINT="http://127.0.0.1:9")

    def become(self, user):
        self.before = ["setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups"]

    def run(self, *words):
        return subprocess.run([*self.before, self.path, *words], env=self.env, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)

    def report(self, *words):
        """(exit code, the report or None, what else was said)."""
        ran = self.run(*words, "--format", "json")
        try:
            report = json.loads(ran.stdout)
            if report["schema"] != "hfaudit.error/1":
                return ran.returncode, report, ran.stderr.decode(errors="replace")
        except ValueError:
            pass
        return ran.returncode, None, (ran.stdout + ran.stderr).decode(errors="replace")


def texts_of(value):
    """All strings in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_of(one)


def findings_of(report, placed):
    return [finding for finding in report["findings"]
            if placed.is_local or finding["repo_id"] == placed.repo_id and finding["repo_type"] == TYPES[placed.repo.repo_type]]


def verdict_of(report, placed):
    for repo in report["repos"]:
        if placed.is_local or repo["repo_id"] == placed.repo_id and repo["repo_type"] == TYPES[placed.repo.repo_type]:
            return repo["verdict"]
    return None


def compare(answer, report, placed, code=None):
    """What is wrong with a report on the case; `code` where it was asked for alone."""
    if report is None:
        return [] if code in answer.exits and None in answer.verdicts else [f"no report (exit {code})"]
    wrong = []
    verdict, findings = verdict_of(report, placed), findings_of(report, placed)
    ids = {finding["id"] for finding in findings} | {finding["severity"] for finding in findings}
    if verdict not in answer.verdicts:
        wrong.append(f"verdict {verdict}, should be {one_of(answer.verdicts)}")
    if code is not None and code not in answer.exits:
        wrong.append(f"exit {code}, should be {one_of(answer.exits)}")
    for some in answer.must:
        if not ids & some:
            wrong.append(f"none of {one_of(some)} raised")
    for name in sorted(answer.never & ids):
        raised = sorted({finding["id"] for finding in findings if name in (finding["id"], finding["severity"])})
        wrong.append(f"{name} raised" + (f": {', '.join(raised)}" if raised != [name] else ""))
    for paths in answer.named:
        if not any(path in text for path in paths for finding in findings for text in texts_of(finding)):
            wrong.append("the file is not named by a finding")
    if answer.soft and verdict in (C, S) and not ids & {"error", "warning"}:
        wrong.append(f"verdict {verdict} without a warning, should be incomplete, unknown or with one")
    if verdict in (I, X) and "error" not in ids:
        wrong.append(f"verdict {verdict} without a finding of severity error")
    if code is not None:
        wrong += agree(code, report)
    return wrong


def agree(code, report):
    """Exit code and findings of a whole report; of what belongs to no repo nothing is an error."""
    severities = {finding["severity"] for finding in report["findings"]}
    wrong = [f"{finding['id']} raised on {finding['path']}" for finding in report["findings"]
             if finding["severity"] == "error" and finding["repo_id"] is None and "/" in finding["path"] and report["repos"]
             and not any(repo["repo_id"] is None for repo in report["repos"])]
    if report["exit_code"] != code:
        wrong.append(f"exit {code}, exit_code {report['exit_code']}")
    if "error" in severities and code == 0:
        wrong.append("exit 0 beside findings of severity error")
    if "error" not in severities and code == 1:
        wrong.append("exit 1 without a finding of severity error")
    return wrong


def one_of(values):
    return " or ".join(sorted(str(value) for value in values))


LACKS = ("unknown option", "a preflight is of what lies in the cache")


def is_lacking(said):
    """Does the program not know the option at all? Said once, not for each case."""
    return any(words in said for words in LACKS)


def ask(program, case):
    """All that is asked about one case. Returns (command, what is wrong) pairs."""
    placed, expect = case.placed, case.expect
    wrong = []
    for command, answer in (("scan", expect.scan), ("verify", expect.verify)):
        code, report, said = program.report(command, *placed.words)
        wrong += [(command, one) for one in compare(answer, report, placed, code)]
        if code not in (0, 1, 2, 3, 4):
            wrong.append((command, f"ended with {code}: {said[-200:]}"))
    ran = program.run("preflight", *placed.words)
    said = (ran.stdout + ran.stderr).decode(errors="replace")
    lacking = is_lacking(said)
    if lacking:
        wrong.append((LACKING, "preflight " + placed.words[0]))
    elif ran.returncode not in expect.preflight:
        wrong.append(("preflight", f"exit {ran.returncode}, should be {one_of(expect.preflight)}: {said.strip()[-300:]}"))
    wrong += [("preflight", f"says {word!r}") for word in expect.not_said if word in said]
    wrong += [("preflight", f"does not say {word!r}") for word in expect.said if word not in said]
    for loader, exits in expect.loaders:
        ran = program.run("preflight", *placed.words, "--for", loader)
        said = (ran.stdout + ran.stderr).decode(errors="replace")
        if is_lacking(said):
            wrong.append((LACKING, "preflight --for"))
        elif ran.returncode not in exits:
            wrong.append((f"preflight --for {loader}", f"exit {ran.returncode}, should be {one_of(exits)}: {said.strip()[-300:]}"))
    if expect.full is not None and not lacking:
        ran = program.run("preflight", *placed.words, "--check", "full")
        if ran.returncode not in expect.full:
            wrong.append(("preflight --check full", f"exit {ran.returncode}, should be {one_of(expect.full)}"))
    return wrong


def ask_repair(program, case):
    """Without the Hub: links come back, content does not, and what is evidence of a download stays."""
    expect, before = case.expect, case.before
    ran = program.run("repair", "--offline", *case.placed.words)
    code, report, _ = program.report("scan", *case.placed.words)
    verdict = report and verdict_of(report, case.placed)
    wrong = []
    if expect.repaired and (code not in before.exits or verdict not in before.verdicts):
        left = "no report" if report is None else f"verdict {verdict}, " + ", ".join(
            sorted({finding["id"] for finding in findings_of(report, case.placed) if finding["severity"] == "error"}))
        wrong.append(f"does not repair: exit {code}, {left}")
    if expect.repaired is False and (ran.returncode == 0 or code == 0):
        wrong.append(f"ends with {ran.returncode}, and the scan after it with {code}: what is absent cannot come back")
    if expect.scan.verdicts <= {C, S} and verdict not in expect.scan.verdicts:
        wrong.append(f"made a healthy repo {verdict}")
    wrong += [f"removed {os.path.basename(path)}, which was not its own" for path in expect.kept if not os.path.lexists(path)]
    return [("repair --offline", one) for one in wrong]


def is_better(verdict, before):
    """Did damage make the verdict better?"""
    return before in (C, S) and GRAVITY.get(verdict, GRAVITY[U]) < GRAVITY[before]
