"""Every text of the sources that a user may read, as `messages.txt` beside this file has it.

    python3 tests/contract/message_texts.py --update     writes the file anew; review its difference as a text

A text is a string literal of two words or more. Literals that + joins are one text, with {} for each value between them. The
list is by file, because a message is understood where its neighbours are known.
"""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "messages.txt")
FOLDERS = ("include", "libaudit", "tools")
TOKEN = re.compile(r'''
    (?P<skip>\s+|//[^\n]*|/\*.*?\*/|\#[^\n]*)
  | R"(?P<mark>[^()\s]*)\((?P<raw>.*?)\)(?P=mark)"
  | (?:u8)?"(?P<text>(?:[^"\\\n]|\\.)*)"
  | (?P<char>'(?:[^'\\]|\\.)+')
  | (?P<word>[A-Za-z_0-9.]+|.)
''', re.VERBOSE | re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "'": "'"}
OPEN, CLOSE = "([{", ")]}"


def tokens(source):
    """(is a literal, its text) of each token; neighbours that are literals are one."""
    found = []
    for match in TOKEN.finditer(source):
        if match["skip"] is not None:
            continue
        text = match["raw"]
        if match["text"] is not None:
            text = re.sub(r"\\(.)", lambda escape: ESCAPES.get(escape[1], escape[0]), match["text"])
        if text is None:
            found.append((False, match["char"] or match["word"]))
        elif found and found[-1][0]:
            found[-1] = (True, found[-1][1] + text)
        else:
            found.append((True, text))
    return found


def texts(source):
    """The texts of a source file, in its order."""
    known = tokens(source)
    at, found = 0, []
    while at < len(known):
        if not known[at][0]:
            at += 1
            continue
        text, at = known[at][1], at + 1
        while (end := end_of_value(known, at)) is not None:
            literal = end < len(known) and known[end][0]
            text += "{}" + (known[end][1] if literal else "")
            at = end + 1 if literal else end
        found.append(text)
    return [text for text in found if is_for_people(text)]


def end_of_value(known, at):
    """Where the value ends that + joins to a literal before `at`: at a literal that it joins, or where the expression ends.
    None: nothing is joined."""
    if at >= len(known) or known[at] != (False, "+"):
        return None
    depth, at = 0, at + 1
    if at < len(known) and known[at][0]:
        return at
    while at < len(known):
        literal, word = known[at]
        if not literal and word in OPEN:
            depth += 1
        elif not literal and word in CLOSE:
            depth -= 1
        if depth < 0 or (depth == 0 and not literal and word in ",;:?"):
            return at
        if depth == 0 and not literal and word == "+" and at + 1 < len(known) and known[at + 1][0]:
            return at + 1
        at += 1
    return at


def is_for_people(text):
    words = re.findall(r"[A-Za-z]{2,}", text)
    return len(words) > 1 and " " in text.strip() and not text.lstrip().startswith(("<", "{", "."))


def sources():
    for folder in FOLDERS:
        for place, folders, names in os.walk(os.path.join(ROOT, folder)):
            folders.sort()
            for name in sorted(names):
                # the manuals of findings are reviewed in hfaudit-findings(7)
                if name.endswith((".cpp", ".hpp", ".def")) and name != "finding_manuals.def":
                    yield os.path.join(place, name)


def golden():
    """The whole file, as it ought to be."""
    parts = []
    for path in sources():
        with open(path, encoding="utf-8") as file:
            found = dict.fromkeys(texts(file.read()))
        if found:
            lines = "".join("  " + text.replace("\n", "\\n") + "\n" for text in found)
            parts.append(os.path.relpath(path, ROOT) + "\n" + lines)
    return "\n".join(parts)


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit(__doc__)
    with open(GOLDEN, "w", encoding="utf-8") as output:
        output.write(golden())
