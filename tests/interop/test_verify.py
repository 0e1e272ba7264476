"""hfaudit verify against caches that real clients have left, whole ones and damaged ones, beside `hf cache verify`.

HFAUDIT names the binary. Each cache is made once, by its client; every damage is done to a copy. Of every case the
newest client is asked as well, and has to name the same file. The table at the end is the result at a glance.
"""

import os
import re
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from audit_runs import binary  # noqa: E402
from stage import SIX, applies, moved, six  # noqa: E402
from verify_cases import CASES, TREES_SINCE  # noqa: E402
from verify_runs import (  # noqa: E402
    HEALTHY, ask_client, build, damage_all, hfaudit, made, named_by_client,
)

import client_venvs  # noqa: E402
from clients import NEWEST, VERSIONS, numbers  # noqa: E402
from hub import Content, Hub, Repo  # noqa: E402

ROOT = None  # of all caches
HUB = None


def setUpModule():
    global ROOT, HUB
    if not os.access(binary(), os.X_OK):
        raise AssertionError(f"{binary()} is not there: build it first, or set HFAUDIT")
    client_venvs.ensure_all()
    ROOT = tempfile.mkdtemp(prefix="hfaudit-verify-")
    unittest.addModuleCleanup(shutil.rmtree, ROOT, ignore_errors=True)
    HUB = unittest.enterModuleContext(Hub(six(), moved()))
    build(ROOT)


def findings(report, *severities):
    """Id and place of the findings of these severities, of all without one."""
    return sorted((found["id"], found["path"]) for found in report["findings"]
                  if not severities or found["severity"] in severities)


def flaws(report):
    return findings(report, "error", "warning")


def has_nothing_to_go_by(scenario, version):
    """A copy has no blob whose name could tell, and these clients kept no tree."""
    return scenario == "no_links_finished" and numbers(version) < numbers(TREES_SINCE)


def files_of(cache):
    """Size by file, each file once, however many entries lead to it."""
    root = cache.local or os.path.join(cache.repo, "snapshots")
    stats = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in (".cache", ".huggingface")]
        stats += [os.stat(os.path.join(folder, name)) for name in names]
    return {(status.st_dev, status.st_ino): status.st_size for status in stats}


class Healthy(unittest.TestCase):
    """One test a scenario (made below), one subtest a client: verify adds nothing to what scan says."""

    longMessage = True

    def check(self, name):
        for version in VERSIONS:
            if applies(name, version):
                with self.subTest(client=version):
                    self.check_one(name, version)

    def check_one(self, name, version):
        cache = made(ROOT, version, name)
        files = files_of(cache)
        scan = hfaudit("scan", cache)
        self.assertEqual(scan.exit_code, 0, scan.explain())
        with self.subTest("offline"):
            self.check_proven(files, scan, hfaudit("verify", cache), has_nothing_to_go_by(name, version))
        with self.subTest("online"):
            online = hfaudit("verify", cache, hub=HUB)
            self.check_proven(files, scan, online, blind=False)
            for revision in online.report["repos"][0]["revisions"]:
                if revision["refs"] or cache.local:
                    self.assertEqual(revision["basis"], "hub")

    def check_proven(self, files, scan, outcome, blind):
        """`blind`: nothing says what the files should hash to."""
        said = "\n" + outcome.explain()
        self.assertEqual((outcome.exit_code, outcome.report["verdict"]), (0, "clean"), said)
        self.assertEqual(outcome.report.get("blind", []), [], said)
        self.assertEqual(outcome.repo_verdicts, ["complete"], said)
        unverifiable = [pair for pair in findings(outcome.report) if pair[0] == "unverifiable"]
        self.assertEqual(len(unverifiable), len(files) if blind else 0, said)
        rest = [pair for pair in findings(outcome.report) if pair[0] != "unverifiable"]
        self.assertEqual(rest, findings(scan.report), said)

        nothing, everything = (0, 0), (len(files), sum(files.values()))
        verified = outcome.report["verified"]
        counts = {key: (verified[key]["files"], verified[key]["bytes"]) for key in ("total", "left", "unverifiable")}
        self.assertEqual(counts, {"total": everything, "left": nothing,
                                  "unverifiable": everything if blind else nothing}, said)
        self.assertEqual((verified["files"], verified["bytes"]), nothing if blind else everything, said)

    def test_main_has_moved_on_since_a_local_dir_was_filled(self):
        """The folder is what it was. The client compares it with the main of today, unless told otherwise."""
        repo = Repo(SIX, history=list(six().history), branches=dict(six().branches))
        repo.commit({"README.md": Content.text("# later\n"), "NEWS.md": Content.text("# new\n")})
        cache = made(ROOT, NEWEST, "local_dir_finished")
        with Hub(repo) as hub:
            outcome = hfaudit("verify", cache, hub=hub)
            judged = ask_client(cache, hub)
        self.assertEqual((outcome.exit_code, outcome.repo_verdicts), (0, ["complete"]), outcome.explain())
        self.assertEqual(flaws(outcome.report), [])
        self.assertEqual((judged.exit_code, named_by_client(judged)), (1, {"README.md"}))


class Damaged(unittest.TestCase):
    """One test a case (made below), one subtest a client."""

    longMessage = True
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.answers = damage_all(ROOT, HUB)
        cls.rows = {}

    @classmethod
    def tearDownClass(cls):
        print(table(cls.rows))  # on stdout: unittest itself speaks on stderr
        if HUB.errors:
            raise AssertionError(HUB.errors[0])

    def check(self, name):
        case = CASES[name]
        for (version, of), answers in self.answers.items():
            if of == name:
                row = self.rows[name, version] = ["!", "!", "!"]  # until it has held
                with self.subTest(client=version):
                    self.check_one(case, version, answers, row)

    def check_one(self, case, version, answers, row):
        if answers.error:
            raise answers.error
        if has_nothing_to_go_by(case.scenario, version) and not case.scan_knows:
            self.assertEqual((answers.offline.exit_code, flaws(answers.offline.report)), (0, []))
            self.assertIn(("unverifiable", answers.place), findings(answers.offline.report))
            row[0] = "unverifiable"
        else:
            row[0] = self.judged(case, answers, answers.offline)
        row[1] = self.judged(case, answers, answers.online)
        if case.asks_hub:
            self.assertEqual(basis_of(answers.online), "hub", answers.online.explain())
        row[2] = self.compared(case, answers)

    def judged(self, case, answers, outcome):
        """Exactly this file is named, once, and its revision is corrupt."""
        said = "\n" + outcome.explain()
        whole = [("orphan-partial", path) for id_, path in flaws(outcome.report) if id_ == "orphan-partial"]
        found = [pair for pair in flaws(outcome.report) if pair not in whole]
        self.assertEqual([path for _, path in found], [answers.place], said)
        self.assertIn(found[0][0], case.must, said)
        known = [path for _, path in flaws(answers.scan.report) if ("orphan-partial", path) not in whole]
        self.assertEqual(known, [answers.place] if case.scan_knows else [], said)

        self.assertEqual(outcome.exit_code, case.exit_code, said)
        repo = outcome.report["repos"][0]
        self.assertEqual(repo["verdict"], "corrupt" if case.exit_code else "complete", said)
        worse = [revision["verdict"] for revision in repo["revisions"] if revision["verdict"] != "complete"]
        self.assertEqual(worse, ["corrupt"] if case.place == "snapshot" else [], said)
        basis = basis_of(outcome)
        return f"{'error' if case.exit_code else 'warning'} {found[0][0]}" + (f" by {basis}" if basis else "")

    def compared(self, case, answers):
        """`hf cache verify` of the newest client names the same file."""
        if case.no_judge:
            return f"cannot: {case.no_judge}"
        if answers.client is None:
            return ""
        self.assertEqual((answers.client.exit_code, named_by_client(answers.client)), (1, {case.path}), answers.client)
        return "agrees"


def basis_of(outcome):
    """What the finding about the content says that it stands on."""
    for found in outcome.report["findings"]:
        if "actual" in found["details"]:
            return found["details"]["basis"]
    return None


def _make(name):
    def test(self):
        self.check(name)
    test.__doc__ = name.replace("_", " ")
    return test


for _name in HEALTHY:
    setattr(Healthy, f"test_{_name}", _make(_name))
for _name in CASES:
    setattr(Damaged, "test_" + re.sub(r"\W+", "_", _name).strip("_"), _make(_name))


def table(rows):
    """Case by case, and by the client that made the cache."""
    lines = ["", f"{'damage':30} {'cache of':13} {'verify':34} {'verify --online':30} hf cache verify", "-" * 120]
    for name in CASES:
        shown = name
        answers = {}
        for (case, version), row in rows.items():
            if case == name:
                answers.setdefault(tuple(row), []).append(version)
        for (offline, online, judged), versions in answers.items():
            line = f"{shown:30} {' '.join(versions):13} {offline:34} {online:30} {judged}"
            lines.append(line.rstrip())
            shown = ""
    wrong = sum("!" in row for row in rows.values())
    lines.append(f"{len(rows)} damaged caches, {wrong} judged wrong (marked with !)")
    return "\n".join(lines)


if __name__ == "__main__":
    unittest.main()
