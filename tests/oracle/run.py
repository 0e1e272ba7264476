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

BATCH, USER = 20, 54321
HEALTHY, OF_HOME = "healthy scan", " of the home"


@dataclass
class Wrong:
    case: Case
    command: str
    what: str


def state_of(home):
    """All that a command that only reads must leave as it is."""
    digest = hashlib.sha256()
    for place, folders, files in os.walk(home):
        if place.endswith(".local"):  # the ledger of a verify
            folders.clear()
            continue
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
        self.by_damage, self.lacking = collections.Counter(), collections.Counter()

    def add(self, case, pairs):
        with self.lock:
            self.lacking.update(what for command, what in pairs if command == judge.LACKING)
            pairs = [(command, what) for command, what in pairs if command != judge.LACKING]
            self.wrong += [Wrong(case, command, what) for command, what in pairs]

    def home_of(self, cases):
        """All of these cases in one home: healthy first, then damaged."""
        top = tempfile.mkdtemp(prefix="hfaudit-oracle-")
        home = os.path.join(top, "home")
        os.makedirs(os.path.join(home, "hub"))
        os.makedirs(os.path.join(home + ".user", ".local", "state"))
        try:
            self.judge_home(judge.Program(self.binary, home), home, cases)
        finally:
            shutil.rmtree(top, ignore_errors=True)

    def judge_home(self, program, home, cases):
        now = time.time()
        for case in cases:
            case.build(home, now)
        home_words = cases[0].placed.words if cases[0].placed.is_local else ()
        code, report, _ = program.report("scan", *home_words)
        before = {}
        for case in cases:
            before[case.seed] = report and judge.verdict_of(report, case.placed)
            self.add(case, [(HEALTHY, what) for what in judge.compare(case.expect.scan, report, case.placed)])
        for case in cases:
            case.harm(home, now)
        if cases[0].placed.as_user and not self.become_user(program, home):
            return
        top = os.path.dirname(home)
        state = state_of(top)
        for command in ("scan", "verify"):
            code, report, said = program.report(command, *home_words)
            if report is None:
                self.add(cases[0], [(command, f"no report of the home: exit {code}, {said[-300:]}")])
                continue
            self.add(cases[0], [(command + OF_HOME, what) for what in judge.agree(code, report)])
            for case in cases:
                answer = case.expect.scan if command == "scan" else case.expect.verify
                self.add(case, [(command + OF_HOME, what) for what in judge.compare(answer, report, case.placed)])
                verdict = judge.verdict_of(report, case.placed)
                if command == "scan" and verdict and case.damage and judge.is_better(verdict, before[case.seed]):
                    self.add(case, [(command, f"damage made {before[case.seed]} into {verdict}")])
            if command == "scan":
                _, again, _ = program.report(command, *home_words)
                if without_times(again) != without_times(report):
                    self.add(cases[0], [(command, "a second one says something else")])
        for case in cases:
            self.add(case, judge.ask(program, case))
        if state_of(top) != state:
            self.add(cases[0], [("scan, verify, preflight", "something was written")])
        for case in cases:
            if not case.placed.as_user:
                self.add(case, judge.ask_repair(program, case))
        for case in cases:
            case.placed.release()
        with self.lock:
            self.cases += len(cases)
            self.by_damage.update(case.damage or "healthy" for case in cases)

    @staticmethod
    def become_user(program, home):
        """Modes keep nobody out who is root: the cache and the program's process belong to another user then."""
        if os.geteuid() != 0:
            return True
        if not shutil.which("setpriv"):
            return False
        top = os.path.dirname(home)
        os.chmod(top, 0o755)
        for place, folders, files in os.walk(top):
            for name in [".", *folders, *files]:
                os.lchown(os.path.join(place, name), USER, USER)
        program.become(USER)
        return True

    def run(self, cases, jobs):
        together = [case for case in cases if not case.alone]
        homes = [together[at:at + BATCH] for at in range(0, len(together), BATCH)] + [[case] for case in cases if case.alone]
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for done in [pool.submit(self.home_of, home) for home in homes]:
                done.result()
        return self


def by_case(oracle):
    """[(case, was it wrong while still healthy, the wrong answers)]; what is said of the home and of the repo alone is one."""
    cases = {}
    for wrong in oracle.wrong:
        cases.setdefault(wrong.case.seed, (wrong.case, []))[1].append(wrong)
    rows = []
    for case, wrongs in cases.values():
        early = [wrong for wrong in wrongs if wrong.command == HEALTHY]
        texts = dict.fromkeys(f"{wrong.command.removesuffix(OF_HOME)}: {wrong.what}" for wrong in early or wrongs)
        rows.append((case, bool(early) or not case.damage, list(texts)))
    return rows


def short(text):
    """A wrong answer without what differs from case to case."""
    return text.partition(": exit ")[0] + ": exit " + text.partition(": exit ")[2].partition(": ")[0] if ": exit " in text else text


def group_of(case, was_healthy, texts):
    """The kind of damage; of a repo that was still healthy, what was raised."""
    if not was_healthy:
        return case.damage
    return "HEALTHY: " + "; ".join(dict.fromkeys(short(text).partition(", should be")[0].removeprefix("healthy scan: ") for text in texts))


def summary(oracle, most=3):
    groups = collections.defaultdict(list)
    for case, was_healthy, texts in by_case(oracle):
        groups[group_of(case, was_healthy, texts)].append((case, texts))
    lines = []
    for name, rows in sorted(groups.items()):
        lines.append(f"{name}  ({len(rows)} cases)")
        if name.startswith("HEALTHY"):
            kinds = collections.Counter(case.kind for case, _ in rows)
            lines.append("    " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
        else:
            counts = collections.Counter(short(text) for _, texts in rows for text in texts)
            lines += [f"    {count:3} x {text}" for text, count in counts.most_common()]
        for case, texts in rows[:most]:
            lines.append(f"  seed {case.seed}: {case}")
            lines += [f"      {text}" for text in texts if short(text) != text]
    lines += [f"the program has no option {what}: {count} questions" for what, count in oracle.lacking.items()]
    right = oracle.cases - len({wrong.case.seed for wrong in oracle.wrong})
    lines.append(f"{right} of {oracle.cases} cases right")
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
    lines.append({True: "repair --offline repairs it", False: "repair --offline cannot repair it", None: ""}[expect.repaired])
    return "\n".join(lines)


def as_json(oracle):
    return json.dumps([{"seed": case.seed, "damage": case.damage, "kind": case.kind, "layout": str(case.placed.layout), "healthy": was_healthy,
                        "wrong": texts} for case, was_healthy, texts in by_case(oracle)], indent=1)
