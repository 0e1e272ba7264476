#!/usr/bin/env python3
"""Write the list of findings in README.md from the table include/hfaudit/findings.def.

    python3 man/findings.py            writes it
    python3 man/findings.py --check    prints the files that differ from the table, ends with 1 if there is one

The tests read the table through this module, too.
"""

import collections
import os
import re
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
TABLE = os.path.join("include", "hfaudit", "findings.def")
README = "README.md"

Finding = collections.namedtuple("Finding", "enumerator name severity action group sentence")

STRING = r'"((?:[^"\\]|\\.)*)"'
ROW = re.compile(rf"^HFAUDIT_FINDING\((\w+), {STRING}, (\w+), (\w+), {STRING},\s*{STRING}\)$", re.MULTILINE)


def read(name, root=ROOT):
    with open(os.path.join(root, name), encoding="utf-8") as file:
        return file.read()


def table(root=ROOT):
    """The rows, in their order."""
    text = read(TABLE, root)
    rows = [Finding(*row) for row in ROW.findall(text)]
    if len(rows) != len(re.findall(r"^HFAUDIT_FINDING\(", text, re.MULTILINE)):
        raise ValueError(f"{TABLE}: a row is not HFAUDIT_FINDING(enumerator, \"name\", severity, action, \"group\", \"sentence\")")
    for row in rows:
        if row.enumerator != row.name.replace("-", "_"):
            raise ValueError(f"{TABLE}: {row.enumerator} is not {row.name}")
    return rows


def severities(root=ROOT):
    return {row.name: row.severity for row in table(root)}


def readme_list(rows):
    """A line a group and severity."""
    lines = ["| | error | warning | info |", "|---|---|---|---|"]
    for group in dict.fromkeys(row.group for row in rows):
        cells = [", ".join(f"`{row.name}`" for row in rows if (row.group, row.severity) == (group, severity))
                 for severity in ("error", "warning", "info")]
        lines.append(f"| {group} | {' | '.join(cells)} |".replace("  ", " "))
    return "\n".join(lines) + "\n"


def between_markers(text, begin, end, generated):
    """The text with what stands between the lines `begin` and `end` replaced."""
    before, found, rest = text.partition(begin + "\n")
    _, closed, after = rest.partition(end + "\n")
    if not (found and closed):
        raise ValueError(f"no section between {begin} and {end}")
    return before + begin + "\n" + generated + end + "\n" + after


def pages(root=ROOT):
    """Name -> text of the files with a generated section."""
    rows = table(root)
    return {
        README: between_markers(read(README, root), "<!-- Written by man/findings.py. -->", "<!-- End of what man/findings.py writes. -->",
                                "\n" + readme_list(rows) + "\n"),
    }


def main(arguments):
    stale = [(name, text) for name, text in pages().items() if text != read(name)]
    if arguments == ["--check"]:
        for name, _ in stale:
            print(f"{name} differs from {TABLE}; run python3 man/findings.py")
        return 1 if stale else 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    for name, text in stale:
        with open(os.path.join(ROOT, name), "w", encoding="utf-8") as file:
            file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
