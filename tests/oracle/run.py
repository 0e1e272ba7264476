"""Builds homes full of cases, asks the program, prints each wrong answer with the command that rebuilds its case."""

import collections
import concurrent.futures
import hashlib
import json
import os
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass

import judge
from cases import Case

BATCH = 20


@dataclass
class Wrong:
    case: Case
    command: str
    what: str

    def group(self):
        what = self.what.partition(": ")[0] if self.what.startswith("exit") else self.what
        return self.case.damage or "healthy", self.command, what


def state_of(home):
    """All that a command that only reads must leave as it is."""
    digest = hashlib.sha256()
    for place, folders, files in os.walk(home):
        folders.sort()
        for name in [".", *sorted(folders), *sorted(files)]:
            path = os.path.join(place, name)
            status = os.lstat(path)
            link = os.readlink(path) if os.path.islink(path) else ""
            digest.update(repr((path, link, status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns)).encode("utf-8", "replace"))
    return digest.hexdigest()


def without_times(report):
    return {key: value for key, value in (report or {}).items() if key not in ("started_at", "duration_ms", "verified")}


class Oracle:
    def __init__(self, binary, keep=None):
        self.binary, self.keep = binary, keep
        self.wrong, self.cases, self.lock = [], 0, threading.Lock()
        self.by_damage = collections.Counter()

    def add(self, case, pairs):
        with self.lock:
            self.wrong += [Wrong(case, command, what) for command, what in pairs]

    def home_of(self, cases):
        """All of these cases in one home: healthy first, then damaged."""
        top = tempfile.mkdtemp(prefix="hfaudit-oracle-")
        home = os.path.join(top, "home")
        os.makedirs(os.path.join(home, "hub"))
        os.makedirs(home + ".user")
        try:
            self.judge_home(judge.Program(self.binary, home), home, cases)
        finally:
            shutil.rmtree(top, ignore_errors=True)

    def judge_home(self, program, home, cases):
        now = time.time()
        for case in cases:
            case.build(home, now)
        code, report, _ = program.report("scan")
        before = {}
        for case in cases:
            before[case.seed] = report and judge.verdict_of(report, case.placed)
            self.add(case, [("healthy scan", what) for what in judge.compare(case.expect.scan, report, case.placed)])
        for case in cases:
            case.harm(home, now)
        state = state_of(home)
        for command in ("scan", "verify"):
            code, report, said = program.report(command)
            if report is None:
                self.add(cases[0], [(command, f"no report of the home: exit {code}, {said[-300:]}")])
                continue
            self.add(cases[0], [(command + " of the home", what) for what in judge.agree(code, report)])
            for case in cases:
                answer = case.expect.scan if command == "scan" else case.expect.verify
                self.add(case, [(command + " of the home", what) for what in judge.compare(answer, report, case.placed)])
                verdict = judge.verdict_of(report, case.placed)
                if command == "scan" and verdict and case.damage and judge.is_better(verdict, before[case.seed]):
                    self.add(case, [(command, f"damage made {before[case.seed]} into {verdict}")])
            if command == "scan":
                _, again, _ = program.report(command)
                if without_times(again) != without_times(report):
                    self.add(cases[0], [(command, "a second one says something else")])
        for case in cases:
            self.add(case, judge.ask(program, case))
        if state_of(home) != state:
            self.add(cases[0], [("scan, verify, preflight", "something was written")])
        for case in cases:
            if case.expect.repaired:
                self.add(case, judge.ask_repair(program, case))
        with self.lock:
            self.cases += len(cases)
            self.by_damage.update(case.damage or "healthy" for case in cases)

    def run(self, cases, jobs):
        together = [case for case in cases if not case.alone]
        homes = [together[at:at + BATCH] for at in range(0, len(together), BATCH)] + [[case] for case in cases if case.alone]
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for done in [pool.submit(self.home_of, home) for home in homes]:
                done.result()
        return self


def unique(wrongs):
    """Of what a scan of the home and one of the repo both say, one."""
    seen, kept = set(), []
    for wrong in wrongs:
        key = (wrong.case.seed, wrong.command.replace(" of the home", ""), wrong.what)
        if key not in seen:
            seen.add(key)
            kept.append(wrong)
    return kept


def summary(oracle, most=3):
    """Wrong answers by kind, the most frequent first."""
    groups = collections.defaultdict(list)
    for wrong in unique(oracle.wrong):
        groups[wrong.group()].append(wrong)
    lines = []
    for (harm, command, what), some in sorted(groups.items(), key=lambda item: (item[0][0], -len(item[1]))):
        lines.append(f"{harm}: {command}: {what}  ({len(some)} times)")
        for wrong in some[:most]:
            lines.append(f"    seed {wrong.case.seed}: {wrong.case}")
            if wrong.what != what:
                lines.append(f"      {wrong.what}")
    failed = len({wrong.case.seed for wrong in oracle.wrong})
    lines.append(f"{oracle.cases - failed} of {oracle.cases} cases right")
    return "\n".join(lines)


def keep(case, folder):
    """One case on the disk, and what is expected of it."""
    home = os.path.join(os.path.abspath(folder), "home")
    os.makedirs(os.path.join(home, "hub"), exist_ok=True)
    os.makedirs(home + ".user", exist_ok=True)
    now = time.time()
    case.build(home, now)
    case.harm(home, now)
    return home


def explain(case):
    expect = case.expect
    lines = [str(case), f"repo: {case.placed.word}"]
    for name, answer in (("scan", expect.scan), ("verify", expect.verify)):
        lines.append(f"{name}: {judge.one_of(answer.verdicts)}; exit {judge.one_of(answer.exits)}"
                     + "".join(f"; raises {judge.one_of(some)}" for some in answer.must)
                     + (f"; never {judge.one_of(answer.never)}" if answer.never else "")
                     + (f"; names {answer.named}" if answer.named else ""))
    lines.append(f"preflight: exit {judge.one_of(expect.preflight)}"
                 + "".join(f"; --for {loader}: {judge.one_of(exits)}" for loader, exits in expect.loaders)
                 + (f"; --check full: {judge.one_of(expect.full)}" if expect.full else ""))
    if expect.repaired:
        lines.append("repair --offline repairs it")
    return "\n".join(lines)


def as_json(oracle):
    return json.dumps([{"seed": wrong.case.seed, "damage": wrong.case.damage, "kind": wrong.case.kind, "layout": str(wrong.case.placed.layout),
                        "command": wrong.command, "wrong": wrong.what} for wrong in unique(oracle.wrong)], indent=1)
