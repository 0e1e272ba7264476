"""Whether what hfaudit prints is what its JSON Schemas (include/hfaudit/schemas) say.

install() makes json.loads check each report, line of ndjson, error object, lock file and notification of this process: so each
that a test reads is checked. Here, and not for users, an object has no key that its schema does not name.

The keywords are those that the schemas use; any other is an error. tests/contract/test_schemas.py compares with jsonschema.
"""

import functools
import json
import os
import re

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "include", "hfaudit", "schemas")
OF = {"hfaudit.report/1": "report-1", "hfaudit.error/1": "error-1", "hfaudit.lock/1": "lock-1",
      "hfaudit.notification/1": "notification-1"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
NOTES = {"$schema", "$id", "$defs", "title", "description", "then"}  # `then` belongs to `if`
load_text = json.loads


class NotAsTheSchema(AssertionError):
    """Says where, by a path of keys, and what was expected there."""


@functools.cache
def schema(name):
    with open(os.path.join(FOLDER, name + ".schema.json"), encoding="utf-8") as file:
        return load_text(file.read())


@functools.cache
def lines():
    """The rule of each type of a line of ndjson."""
    return {one["if"]["properties"]["type"]["const"]: one["then"] for one in schema("report-line-1")["allOf"]}


def is_type(value, name):
    if name in ("integer", "number"):
        return isinstance(value, int if name == "integer" else (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def target(reference, root):
    """The part that a reference in the document `root` leads to, and the document of that part: `root` or a sibling of it."""
    document, _, keys = reference.partition("#/")
    found = root = schema(document.removesuffix(".schema.json")) if document else root
    for key in keys.split("/"):
        found = found[key]
    return found, root


def holds(value, rule, root, closed):
    try:
        check(value, rule, root, "", closed)
    except NotAsTheSchema:
        return False
    return True


# The keywords that a value fulfils or not by itself, without another rule.
OF_A_VALUE = ("type", "const", "enum", "pattern", "minLength", "minItems", "minimum", "maximum", "required",
              "dependentRequired")


def wrong_value(value, keyword, wanted):
    """Why the value does not fulfil this keyword of OF_A_VALUE, or None."""
    if keyword == "type":
        if not any(is_type(value, name) for name in ([wanted] if isinstance(wanted, str) else wanted)):
            return f"is no {wanted}"
    elif keyword == "const":
        if value != wanted or type(value) is not type(wanted):
            return f"is not {wanted!r}"
    elif keyword == "enum":
        if not any(value == one and type(value) is type(one) for one in wanted):
            return f"is none of {wanted}"
    elif keyword == "pattern":
        if isinstance(value, str) and not re.search(wanted, value):
            return f"does not match {wanted}"
    elif keyword == "minLength":
        if isinstance(value, str) and len(value) < wanted:
            return "is too short"
    elif keyword == "minItems":
        if isinstance(value, list) and len(value) < wanted:
            return "has too few items"
    elif keyword in ("minimum", "maximum"):
        if is_type(value, "number") and not (value >= wanted if keyword == "minimum" else value <= wanted):
            return f"{keyword} is {wanted}"
    elif isinstance(value, dict):
        return missing_key(value, wanted if isinstance(wanted, dict) else {None: wanted})
    return None


def missing_key(value, wanted):
    """`wanted`: by the key that is there (None: in any case), the keys that are to be there as well."""
    for name, others in wanted.items():
        for other in others if name is None or name in value else ():
            if other not in value:
                return f"has no {other}" + (f", as {name} wants" if name else "")
    return None


def check(value, rule, root, at="", closed=False):
    """NotAsTheSchema where `value` is not as `rule` says, a part of the document `root`. `closed`: no unknown keys."""
    def fail(why):
        raise NotAsTheSchema(f"{at or '/'}: {why}: {json.dumps(value)[:200]}")

    for keyword, wanted in rule.items():
        if keyword in NOTES or keyword in ("properties", "additionalProperties"):
            continue
        if keyword in OF_A_VALUE:
            why = wrong_value(value, keyword, wanted)
            if why:
                fail(why)
            continue
        if keyword == "$ref":
            check(value, *target(wanted, root), at, closed)
        elif keyword == "propertyNames":
            for name in value if isinstance(value, dict) else ():
                check(name, wanted, root, f"{at}/{name}", closed)
        elif keyword == "items":
            for number, item in enumerate(value if isinstance(value, list) else ()):
                check(item, wanted, root, f"{at}/{number}", closed)
        elif keyword == "allOf":
            for one in wanted:
                check(value, one, root, at, closed)
        elif keyword == "anyOf":
            if not any(holds(value, one, root, closed) for one in wanted):
                fail("is none of what it may be")
        elif keyword == "if":
            if holds(value, wanted, root, False):
                check(value, rule["then"], root, at, closed)
        else:
            raise ValueError(f"the keyword {keyword} is not known here")
    if isinstance(value, dict) and ("properties" in rule or "additionalProperties" in rule):
        known = rule.get("properties", {})
        for name, item in value.items():
            if name in known:
                check(item, known[name], root, f"{at}/{name}", closed)
            elif "additionalProperties" in rule:
                check(item, rule["additionalProperties"], root, f"{at}/{name}", closed)
            elif closed:
                fail(f"the schema has no {name}")


def check_document(document):
    """What hfaudit printed: a report, a line of ndjson and so on. Anything else passes."""
    if not isinstance(document, dict):
        return
    if isinstance(document.get("type"), str) and document["type"] in lines():
        rule = schema("report-line-1")
        check(document, rule, rule)
        check({key: value for key, value in document.items() if key != "type"}, lines()[document["type"]], rule, closed=True)
    elif isinstance(document.get("schema"), str) and document["schema"] in OF:
        rule = schema(OF[document["schema"]])
        check(document, rule, rule, closed=True)


def install():
    def loads(text, *args, **options):
        document = load_text(text, *args, **options)
        check_document(document)
        return document

    json.loads = loads
