#!/usr/bin/env python3
"""Write the texts of the findings: the section FINDINGS of hfaudit-findings(7), the list in README.md, and the
manuals that `hfaudit explain` prints.

    python3 man/findings.py            writes them
    python3 man/findings.py --check    prints the files that differ from the table, ends with 1 if there is one

The sources are the table include/hfaudit/findings.def and the opening comments of the rules in libaudit/rules/:

    // # missing-shard                                  the finding; a file may hold the manuals of several
    //
    // A part of the weights is absent: …               what is detected
    //
    // Why it matters: …
    //
    // Not raised: …
    //
    // Causes: …                                        clients and events

Words in `backquotes` are literal: a path, a variable, an option, a name. hfaudit-verify(1) is a reference to a page.
The tests read the table through this module, too.
"""

import collections
import os
import re
import sys
import textwrap

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
TABLE = os.path.join("include", "hfaudit", "findings.def")
RULES = os.path.join("libaudit", "rules")
MANUAL = os.path.join("man", "hfaudit-findings.7")
README = "README.md"
MANUALS = os.path.join("tools", "finding_manuals.def")
LABELS = ("Why it matters:", "Not raised:", "Causes:")

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


def manuals(root=ROOT):
    """Name -> the paragraphs of its manual, from the opening comments of the rules."""
    found = {}
    for source in sources(root):
        for name, paragraphs in manuals_in(source, root).items():
            if name in found:
                raise ValueError(f"{RULES}/{source}: a second manual of {name}")
            found[name] = paragraphs
    return found


def sources(root=ROOT):
    return sorted(name for name in os.listdir(os.path.join(root, RULES)) if name.endswith(".cpp"))


def source_of(name, root=ROOT):
    """The file with the manual of a finding."""
    return next(source for source in sources(root) if name in manuals_in(source, root))


def manuals_in(source, root):
    found, paragraphs = {}, []
    for line in read(os.path.join(RULES, source), root).splitlines():
        if not line.startswith("//"):
            break
        text = line[2:].strip()
        if text.startswith("# "):
            paragraphs = found[text[2:]] = [""]
        elif paragraphs and text:
            paragraphs[-1] = f"{paragraphs[-1]} {text}".strip()
        elif paragraphs and paragraphs[-1]:
            paragraphs.append("")
    return {name: [paragraph for paragraph in paragraphs if paragraph] for name, paragraphs in found.items()}


def checked_manuals(rows, root=ROOT):
    """One for each row, each with the four paragraphs."""
    found = manuals(root)
    lacking = {row.name for row in rows} ^ set(found)
    if lacking:
        raise ValueError(f"not in both {TABLE} and an opening comment in {RULES}: {', '.join(sorted(lacking))}")
    for name, paragraphs in found.items():
        labels = [next((label for label in LABELS if paragraph.startswith(label)), None) for paragraph in paragraphs]
        if labels != [None, *LABELS]:
            raise ValueError(f"the manual of {name} is not a paragraph and then {', '.join(LABELS)}")
    return found


LITERAL = re.compile(r"(?P<open>\()?(?:`(?P<code>[^`]+)`|(?P<page>[a-z][\w-]*)\((?P<section>[1-8])\))(?P<close>[).,:;]*)(?=\s|$)")


def macro(match):
    """The line of mdoc for a literal or a reference."""
    code = match["code"]
    if match["page"]:
        words = f"Xr {{}}{match['page']} {match['section']}"
    elif code.startswith("--"):
        words = f"Fl {{}}{code[1:]}"
    elif re.fullmatch(r"[A-Z][A-Z_]+", code):
        words = f"Ev {{}}{code}"
    else:
        kind = "Pa" if re.search(r"[/.*<]", code) else "Ql"
        words = f"{kind} {{}}" + (f'"{code}"' if " " in code else code)
    return "." + " ".join([words.format("( " if match["open"] else ""), *match["close"]])


def text_lines(text):
    """Lines of mdoc: a sentence begins a line, a literal has one of its own."""
    lines, end = [], 0
    for match in [*LITERAL.finditer(text), None]:
        plain = text[end:match.start() if match else len(text)]
        for sentence in re.split(r"(?<=[.:]) (?=[A-Z])", plain.strip()):
            lines += textwrap.wrap(sentence, 78, break_long_words=False, break_on_hyphens=False)
        if match:
            lines.append(macro(match))
            end = match.end()
    return [line if not line.startswith("'") else "\\&" + line for line in lines]


def as_sentence(text):
    """With a capital, unless it begins with a name such as huggingface_hub."""
    return text[0].upper() + text[1:] if re.match(r"[a-z]+(?:'s)?(?:[ ,:;]|$)", text) else text


def man_section(rows, paragraphs):
    lines = []
    for row in rows:
        lines += [f".Ss {row.name}", f".Em {row.severity} .", *text_lines(row.sentence)]
        lines += [".Pp", *text_lines(paragraphs[row.name][0])]
        for label, text in zip(LABELS, paragraphs[row.name][1:]):
            lines += [".Pp", f".Sy {label[:-1]} :", *text_lines(as_sentence(text[len(label):].strip()))]
    return "\n".join(lines) + "\n"


def readme_list(rows):
    """A line a group and severity."""
    lines = ["| | error | warning | info |", "|---|---|---|---|"]
    for group in dict.fromkeys(row.group for row in rows):
        cells = [", ".join(f"`{row.name}`" for row in rows if (row.group, row.severity) == (group, severity))
                 for severity in ("error", "warning", "info")]
        lines.append(f"| {group} | {' | '.join(cells)} |".replace("  ", " "))
    return "\n".join(lines) + "\n"


def literal(text):
    """A C++ string, in lines that fit the page."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    lines = textwrap.wrap(escaped, 90, break_long_words=False, break_on_hyphens=False, drop_whitespace=False)
    return "\n".join(f'    "{line}"' for line in lines)


def manual_rows(rows, paragraphs):
    """A row of HFAUDIT_MANUAL for each finding: its name, then its four paragraphs."""
    text = ("// The manuals of the findings, for `hfaudit explain`. Written by man/findings.py from the\n"
            "// opening comments of the rules in libaudit/rules/.\n//\n//   HFAUDIT_MANUAL(name, meaning, matters, not_raised, causes)\n//\n// clang-format off\n")
    for row in rows:
        meaning, *labelled = (paragraph.replace("`", "") for paragraph in paragraphs[row.name])
        texts = [meaning, *(as_sentence(text[len(label):].strip()) for label, text in zip(LABELS, labelled))]
        text += f'HFAUDIT_MANUAL("{row.name}",\n' + ",\n".join(literal(one) for one in texts) + ")\n"
    return text


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
    paragraphs = checked_manuals(rows, root)
    return {
        MANUAL: between_markers(read(MANUAL, root), '.\\" Written by man/findings.py from the table of findings and the rules.',
                                '.\\" End of what man/findings.py writes.', man_section(rows, paragraphs)),
        README: between_markers(read(README, root), "<!-- Written by man/findings.py. -->", "<!-- End of what man/findings.py writes. -->",
                                "\n" + readme_list(rows) + "\n"),
        MANUALS: manual_rows(rows, paragraphs),
    }


def main(arguments):
    stale = [(name, text) for name, text in pages().items() if text != read(name)]
    if arguments == ["--check"]:
        for name, _ in stale:
            print(f"{name} differs from its sources; run python3 man/findings.py")
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
