"""What may include what: the house rules of ARCHITECTURE.md, as a table and the code that reads it.

    python3 tests/contract/include_boundary.py [ROOT]     prints each violation, ends with 1 if there is one
"""

import os
import re
import sys
from dataclasses import dataclass

# Everything that is not C++'s own, by what it belongs to. A quoted include is one of ours.
SYSTEM = re.compile(
    r"(sys|linux|net|netinet|arpa|asm|bits|security|attr)/.*"
    r"|(unistd|fcntl|dirent|pwd|grp|signal|fnmatch|glob|poll|pthread|sched|spawn|termios|dlfcn|getopt|libgen|limits"
    r"|errno|stdlib|stdio|string|strings|time|stdint|stddef|math|ctype|wchar|locale|syslog|ftw|aio|netdb|utime|cpuid)\.h"
    r"|(curl|openssl|acl)/.*")
STANDARD = re.compile(r"[a-z0-9_]+")
JSON = re.compile(r"nlohmann/.*")
CLI = re.compile(r"CLI/.*")
INTRINSICS = re.compile(r"(\w+intrin|arm_neon)\.h")

# A folder of libaudit, and the folders that it may include besides itself: data flows one way. `os` implements the
# interfaces of those that need the outside world, hence it sees their headers.
MAY_INCLUDE = {
    "model": set(),
    "manifest": {"model"},
    "scan": {"model", "manifest", "os"},
    "digest": {"model", "os"},
    "verify": {"model", "digest", "os"},
    "check": {"model", "manifest"},
    "repair": {"model", "manifest", "scan", "verify", "pull", "os"},
    "hub": {"model", "manifest", "os"},
    "os": {"model", "manifest", "digest", "hub"},
    "transfer": {"model", "digest", "hub", "os"},
    "pull": {"model", "manifest", "scan", "digest", "verify", "hub", "os", "transfer"},
    "notify": {"model", "hub", "os", "report"},
    "report": {"model", "manifest"},  # reports are read back with the one reader of JSON
    # libaudit/*.cpp ties them together
    "": {"model", "manifest", "scan", "check", "digest", "verify", "repair", "hub", "os", "report", "transfer", "pull"},
}
JSON_FOLDERS = {"manifest", "hub", "report"}

# Pure: no I/O, no clock, no environment. What they need of those is passed in.
PURE = re.compile(r"libaudit/(model|check)/.*|libaudit/repair/plan.*")
IMPURE = re.compile(r"chrono|ctime|cstdlib|random|fstream|iostream|filesystem|thread|mutex|future|boost/filesystem.*")
IMPURE_CALL = re.compile(r"\b(getenv|secure_getenv|fopen|time|clock)\s*\(")

# The library neither prints nor ends the process: whoever calls it does.
PRINTS = re.compile(
    r"\bstd::(cout|cerr|clog|print|println)\b|(?<![\w.>])(std::)?(printf|fprintf|vprintf|puts|putchar|fputs|perror)\s*\("
    r"|\bfmt::print(ln)?\b|(?<![\w.>:])(std::)?(exit|_exit|_Exit|quick_exit|abort|terminate)\s*\(")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(?P<mark>\w*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'',
                      re.DOTALL)


@dataclass(frozen=True)
class Violation:
    path: str
    line: int
    what: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.what}"


def check_tree(root):
    """All violations below `root`, in the order of the files."""
    found = []
    for folder in ("include", "libaudit", "tools"):
        for place, folders, names in os.walk(os.path.join(root, folder)):
            folders.sort()
            for name in sorted(names):
                if name.endswith((".hpp", ".cpp", ".h")):
                    path = os.path.relpath(os.path.join(place, name), root)
                    with open(os.path.join(place, name), encoding="utf-8") as file:
                        found += check_file(path, file.read())
    return found


def check_file(path, text):
    found = []

    def violation(position, what):
        found.append(Violation(path, text.count("\n", 0, position) + 1, what))

    code = NOT_CODE.sub(lambda match: blank(match.group()), text)
    for match in INCLUDE.finditer(text):
        # an include in a comment is none; the quotes of a real one are blanked, the directive itself is not
        if "include" in code[match.start():match.end()]:
            what = why_not(path, quoted=match.group(1) == '"', header=match.group(2))
            if what:
                violation(match.start(), what)
    if path.startswith("libaudit/"):
        for match in PRINTS.finditer(code):
            violation(match.start(), f"{match.group().rstrip(' (')}: the library neither prints nor exits")
    if PURE.fullmatch(path):
        for match in IMPURE_CALL.finditer(code):
            violation(match.start(), f"{match.group(1)}: pure code has no I/O, no clock, no environment; pass it in")
    return sorted(found, key=lambda one: one.line)


def blank(text):
    """As many characters and lines, saying nothing."""
    return re.sub(r"[^\n]", " ", text)


def why_not(path, quoted, header):
    """Why `path` may not include `header`, or None."""
    area, _, rest = path.partition("/")
    ours = quoted or header.startswith("hfaudit/")
    if area == "include":
        return public_header(header)
    if SYSTEM.fullmatch(header) and not quoted and not path.startswith("libaudit/os/"):
        return f"<{header}>: the system, curl and OpenSSL are for libaudit/os/"
    if INTRINSICS.fullmatch(header) and not path.startswith("libaudit/digest/"):
        return f"<{header}>: single instructions are for libaudit/digest/"
    if CLI.fullmatch(header) and area != "tools":
        return f"<{header}>: CLI11 is for tools/"
    if area == "tools":
        return tool(header, ours)
    folder = rest.rpartition("/")[0].split("/")[0]
    if JSON.fullmatch(header) and folder not in JSON_FOLDERS:
        return f"<{header}>: JSON is for libaudit/{{{','.join(sorted(JSON_FOLDERS))}}}/"
    if PURE.fullmatch(path) and not ours and IMPURE.fullmatch(header):
        return f"<{header}>: pure code has no I/O, no clock, no environment; pass it in"
    return layer(path, folder, header) if quoted and not header.startswith("hfaudit/") else None


def public_header(header):
    if header.startswith("hfaudit/") or header == "tl/expected.hpp" or STANDARD.fullmatch(header):
        return None
    return f"{header}: a public header includes the standard library, tl/expected.hpp and hfaudit/ only"


def tool(header, ours):
    if JSON.fullmatch(header):
        return f"<{header}>: a report is rendered by the library"
    if ours and "/" in header and not header.startswith(("hfaudit/", "os/")) and header != "base/format.hpp":
        return f"{header}: tools/ use the public headers of the library, os/ for terminal and signals, and base/format.hpp"
    return None


def layer(path, folder, header):
    """`folder` is that of the including file in libaudit, `header` is one of ours."""
    target = header.split("/")[0] if "/" in header else folder
    if folder not in MAY_INCLUDE:
        return f"libaudit/{folder}/ has no place in the order of layers; give it one in {os.path.basename(__file__)}"
    if target == folder:
        return None
    if target not in MAY_INCLUDE[folder] or (PURE.fullmatch(path) and target in ("os", "hub")):
        return f"{header}: libaudit/{folder}/ may not include libaudit/{target}/"
    return None


def main(arguments):
    root = arguments[0] if arguments else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    found = check_tree(root)
    print("".join(f"{one}\n" for one in found), end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
