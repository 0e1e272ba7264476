"""The JSON Schemas are sound, strict, and mean to tests/support/schemas.py what they mean to jsonschema."""

import copy
import functools
import glob
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import schemas  # noqa: E402

try:
    import jsonschema
except ImportError:
    jsonschema = None
try:
    import referencing
except ImportError:
    referencing = None  # jsonschema before 4.18, as in Debian 12

HFAUDIT = os.environ.get("HFAUDIT", "")
OLD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reports-0.1")


def names():
    return sorted(os.path.basename(path).removesuffix(".schema.json") for path in glob.glob(os.path.join(schemas.FOLDER, "*")))


def ours(name, document):
    try:
        schemas.check(document, schemas.schema(name), schemas.schema(name))
    except schemas.NotAsTheSchema:
        return False
    return True


@functools.cache
def validator(name):
    """Of jsonschema, with all schemas at hand."""
    documents = {one["$id"]: one for one in map(schemas.schema, names())}
    if referencing:
        registry = referencing.Registry().with_contents(documents.items())
        return jsonschema.Draft202012Validator(schemas.schema(name), registry=registry)
    resolver = jsonschema.RefResolver.from_schema(schemas.schema(name), store=documents)
    return jsonschema.Draft202012Validator(schemas.schema(name), resolver=resolver)


def theirs(name, document):
    return validator(name).is_valid(document)


def references(rule):
    """Each `$ref` in a schema."""
    for key, value in rule.items() if isinstance(rule, dict) else enumerate(rule) if isinstance(rule, list) else ():
        if key == "$ref":
            yield value
        else:
            yield from references(value)


def damaged(document):
    """The document with one value gone, or of another type, at each place."""
    def places(value, path=()):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
            yield (*path, key)
            yield from places(item, (*path, key))

    for path in places(document):
        for how in ("remove", True, [], "Word", -1, {}, None, 1.5):
            other = copy.deepcopy(document)
            place = other
            for key in path[:-1]:
                place = place[key]
            if how != "remove":
                place[path[-1]] = how
            elif isinstance(place, dict):
                del place[path[-1]]
            else:
                continue
            yield path, how, other


def a_report():
    """A report with a bit of everything."""
    with tempfile.TemporaryDirectory() as home:
        repo = os.path.join(home, "hub", "models--acme--a")
        commit = "0" * 40
        os.makedirs(os.path.join(repo, "snapshots", commit))
        os.makedirs(os.path.join(repo, "refs"))
        with open(os.path.join(repo, "refs", "main"), "w", encoding="ascii") as file:
            file.write(commit)
        os.symlink("../../blobs/gone", os.path.join(repo, "snapshots", commit, "config.json"))
        done = subprocess.run([HFAUDIT, "repair", "--offline", "--dry-run", "--verify", "--format", "json", "acme/a"],
                              env={"HF_HOME": home, "HOME": home}, capture_output=True, check=False)
        return schemas.load_text(done.stdout)


class Schemas(unittest.TestCase):
    @unittest.skipUnless(jsonschema, "python3-jsonschema is not installed")
    def test_they_are_schemas(self):
        self.assertEqual(names(), ["error-1", "lock-1", "notification-1", "report-1", "report-line-1"])
        for name in names():
            jsonschema.Draft202012Validator.check_schema(schemas.schema(name))

    def test_reports_of_before_are_as_the_schema(self):
        """Keys that came since are the only ones that may be absent."""
        for path in sorted(glob.glob(os.path.join(OLD, "**", "*.json"), recursive=True)):
            with open(path, encoding="utf-8") as file:
                document = schemas.load_text(file.read())
            if document.get("schema") != "hfaudit.report/1":
                continue
            for finding in document["findings"]:
                finding.setdefault("run", None)
            for repo in document["repos"]:
                for revision in repo["revisions"]:
                    revision.setdefault("snapshot", None)
            for verified in filter(None, [document.get("verified"), *(source["verified"] for source in document.get("sources", []))]):
                verified.setdefault("proven", {"files": 0, "bytes": 0})
                verified.setdefault("oldest_proof_s", None)
            with self.subTest(path=path):
                rule = schemas.schema("report-1")
                schemas.check(document, rule, rule)

    def test_each_reference_leads_somewhere(self):
        lead_to = set()
        for name in names():
            root = schemas.schema(name)
            self.assertEqual(root["$id"], f"{name}.schema.json")
            for reference in references(root):
                with self.subTest(schema=name, reference=reference):
                    part, document = schemas.target(reference, root)
                    self.assertIsInstance(part, dict)
                    lead_to.add((document["$id"], reference.rpartition("/")[2]))
        parts = {(f"{name}.schema.json", part) for name in names() for part in schemas.schema(name).get("$defs", ())}
        self.assertEqual(lead_to, parts, "no part is unused")

    def test_each_line_of_ndjson_is_checked(self):
        known = {"start", "repo", "finding", "progress", "action", "transfer", "gone", "repo-change", "end"}
        self.assertEqual(set(schemas.lines()), known)
        for kind in known:
            with self.subTest(kind=kind), self.assertRaises(schemas.NotAsTheSchema):
                schemas.check_document({"type": kind})

    def test_an_unknown_keyword_is_no_silence(self):
        with self.assertRaises(ValueError):
            schemas.check(1, {"multipleOf": 2}, {})

    @unittest.skipUnless(HFAUDIT, "HFAUDIT names no program")
    def test_a_missing_key_and_a_wrong_type_are_seen(self):
        report = a_report()
        self.assertTrue(ours("report-1", report))
        self.assertLessEqual({"plan", "repair", "results", "verified"}, set(report))
        optional = {("asked",), ("verified",), ("asked", "locked"), ("repair",)}
        for path, how, other in damaged(report):
            if how == "remove" and path not in optional and "details" not in path and "by_verdict" not in path:
                with self.subTest(path=path):
                    self.assertFalse(ours("report-1", other))
        for change in ({"verdict": "fine"}, {"exit_code": 9}, {"started_at": "today"}, {"repos": {}}, {"duration_ms": "1"}):
            self.assertFalse(ours("report-1", {**report, **change}), change)
        self.assertFalse(ours("report-line-1", {"type": "repo", **{key: value for key, value in report["repos"][0].items() if key != "basis"}}))

    @unittest.skipUnless(HFAUDIT and jsonschema, "HFAUDIT names no program, or python3-jsonschema is not installed")
    def test_they_mean_the_same_to_jsonschema(self):
        report = a_report()
        self.assertTrue(theirs("report-1", report))
        for number, (path, how, other) in enumerate(damaged(report)):
            if number % 3:
                continue
            with self.subTest(path=path, how=how):
                self.assertEqual(ours("report-1", other), theirs("report-1", other))
        line = {"type": "finding", **report["findings"][0]}
        self.assertTrue(theirs("report-line-1", line))
        for path, how, other in damaged(line):
            with self.subTest(path=path, how=how):
                self.assertEqual(ours("report-line-1", other), theirs("report-line-1", other))


class WhatTestsSee(unittest.TestCase):
    def test_every_report_that_a_test_reads_is_checked(self):
        script = ("import sys, json; sys.path.insert(0, sys.argv[1]); import schemas; schemas.install()\n"
                  "try: json.loads('{\"schema\": \"hfaudit.error/1\", \"error\": 1, \"exit_code\": 2}')\n"
                  "except schemas.NotAsTheSchema: print('seen')")
        done = subprocess.run([sys.executable, "-c", script, os.path.dirname(schemas.__file__)], capture_output=True, text=True,
                              check=True)
        self.assertEqual(done.stdout, "seen\n")


if __name__ == "__main__":
    unittest.main()
