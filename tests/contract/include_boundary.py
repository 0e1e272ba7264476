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
    r"|(curl|openssl|acl)/.*|archive(_entry)?\.h")
STANDARD = re.compile(r"[a-z0-9_]+")
JSON = re.compile(r"nlohmann/.*")
CLI = re.compile(r"CLI/.*")
BOOST = re.compile(r"boost/.*")
INTRINSICS = re.compile(r"(\w+intrin|arm_neon)\.h")

# A folder of libaudit, and the folders that it may include besides itself. In this order no folder sees a later one: data
# flows one way. A right that nobody uses is a violation too.
MAY_INCLUDE = {
    "base": set(),
    "json": {"base"},
    "os": {"base"},
    "http": {"base", "os"},
    "formats": {"base", "json"},
    "listings": {"base", "json"},
    "cache": {"base", "formats", "listings"},
    "rules": {"base", "cache", "formats", "listings"},
    "hub": {"base", "http", "json", "listings", "os"},
    "scan": {"base", "cache", "formats", "listings", "os"},
    "digest": {"base", "cache", "os"},
    "download": {"base", "cache", "digest", "http", "hub", "os"},
    "store": {"base", "cache", "digest", "download", "listings", "os", "scan"},
    "report": {"base", "rules"},
    "report/text": {"base", "report"},
    "report/progress": {"base"},
    "report/metrics": {"base", "report"},
    "report/html": {"base", "report"},
    "report/json": {"base", "json", "report", "rules"},
    "merge": {"base", "rules"},
    "compare": {"base", "rules"},
    "notify": {"base", "http", "hub", "json", "os", "report", "report/json"},
    "audit": {"base", "cache", "hub", "listings", "os", "rules", "scan"},
    "ledger": {"base", "cache", "digest", "os"},
    "source": {"audit", "base", "cache", "digest", "http", "listings", "os", "scan", "store"},
    "archive": set(),
    "export": {"archive", "audit", "base", "cache", "digest", "os", "rules", "scan"},
    "lock": {"audit", "base", "digest", "hub", "listings", "os", "scan"},
    "verify": {"audit", "base", "cache", "digest", "ledger", "os"},
    "pull": {"audit", "base", "cache", "digest", "download", "hub", "ledger", "listings", "os", "rules", "source", "store", "verify"},
    "repair": {"audit", "base", "cache", "digest", "hub", "listings", "os", "pull", "rules", "scan", "store", "verify"},
    "watch": {"audit", "base", "cache", "os", "rules", "scan"},
    "preflight": {"audit", "base", "cache", "hub", "listings", "os", "report", "rules", "store"},
}

# Pure: no I/O, no clock, no environment. What they need of those is passed in.
PURE = re.compile(
    r"libaudit/(base|json|formats|listings|cache|rules|report|merge|compare)/.*"
    r"|libaudit/(digest/(rate_limiter|thread_count|lane_schedule)|download/(answer|stall_detector|connection_count|range_length|file_retry|content_requests|request_end|mirrors)|http/(retry|url|messages|foreign_text)|hub/(tree_page|hub_error)|preflight/(admit|loader_needs)"
    r"|export/(plan|select)|repair/(plan|ownership_rule|sharing_rule)|scan/find_layout|watch/amount|notify/notification)\..*")
IMPURE = re.compile(r"chrono|ctime|cstdlib|random|fstream|iostream|filesystem|thread|mutex|future")
# <chrono> for the calendar, and for times that are parameters; its clocks are still none of theirs.
TIMES = re.compile(r"libaudit/(base/.*|digest/(rate_limiter|thread_count)\..*|download/(connection_count|file_retry)\..*)")
IMPURE_CALL = re.compile(r"\b(getenv|secure_getenv|fopen|time|clock|random_device|\w+_clock::now)\s*\(")

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
    """All violations below `root`, in the order of the files; then cycles."""
    found = []
    graph = {}
    for folder in ("include", "libaudit", "tools"):
        for place, folders, names in os.walk(os.path.join(root, folder)):
            folders.sort()
            for name in sorted(names):
                if name.endswith((".hpp", ".cpp", ".h")):
                    path = os.path.relpath(os.path.join(place, name), root)
                    with open(os.path.join(place, name), encoding="utf-8") as file:
                        text = file.read()
                    found += check_file(path, text)
                    graph[path] = includes(root, path, text)
                    found += [Violation(path, line, f"{header}: there is no such file")
                              for header, line, target in graph[path] if target is None]
    return found + cycles(graph)


def includes(root, path, text):
    """Of our headers: as it is written, its line, the path of the file (None where there is none)."""
    found = []
    for match in INCLUDE.finditer(text):
        header = match.group(2)
        if match.group(1) == '"' or header.startswith("hfaudit/"):
            folders = ("include", "libaudit", "tools", os.path.dirname(path)) if path.startswith("tools/") else ("include", "libaudit")
            there = [name for name in (f"{folder}/{header}" for folder in folders) if os.path.exists(os.path.join(root, name))]
            found.append((header, text.count("\n", 0, match.start(2)) + 1, there[0] if there else None))
    return found


def cycles(graph):
    """Cycles between files, where x.hpp and x.cpp are one, and between the folders of libaudit."""
    found = []
    for name_of, kind in ((lambda path: os.path.splitext(path)[0], "files"), (os.path.dirname, "folders")):
        edges, where = {}, {}
        for path, headers in graph.items():
            for _, line, target in headers:
                if target is not None and name_of(path) != name_of(target):
                    edges.setdefault(name_of(path), set()).add(name_of(target))
                    where.setdefault((name_of(path), name_of(target)), (path, line))
        for cycle in circles(edges):
            path, line = where[cycle[0], cycle[1]]
            found.append(Violation(path, line, f"a cycle of {kind}: {' -> '.join(cycle)}"))
    return found


def circles(edges):
    """A cycle of each group of nodes that reach each other, first node again at its end."""
    def reach(start):
        seen, todo = {}, [start]
        while todo:
            node = todo.pop(0)
            for after in sorted(edges.get(node, ())):
                if after not in seen:
                    seen[after] = node
                    todo.append(after)
        return seen

    found, done = [], set()
    for node in sorted(edges):
        came_from = {} if node in done else reach(node)
        if node in came_from:
            circle = [node]
            while came_from[circle[-1]] != node:
                circle.append(came_from[circle[-1]])
            found.append([node, *reversed(circle)] if len(circle) > 1 else [node, node])
            done |= {other for other in came_from if node in reach(other)}
    return found


def unused_rights(root):
    """What MAY_INCLUDE allows and nobody does."""
    used = set()
    for place, _, names in os.walk(os.path.join(root, "libaudit")):
        folder = os.path.relpath(place, os.path.join(root, "libaudit"))
        for name in names:
            if name.endswith((".hpp", ".cpp")):
                with open(os.path.join(place, name), encoding="utf-8") as file:
                    used |= {(folder, os.path.dirname(header)) for quote, header in INCLUDE.findall(file.read()) if quote == '"'}
    return [f"{folder} may include {target}, and does not"
            for folder, targets in MAY_INCLUDE.items() for target in sorted(targets) if (folder, target) not in used]


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
    if SYSTEM.fullmatch(header) and not quoted and not is_at_home(path, header):
        return f"<{header}>: the system and OpenSSL are for libaudit/os/, curl for libaudit/http/, libarchive for libaudit/archive/"
    if INTRINSICS.fullmatch(header) and not path.startswith("libaudit/digest/"):
        return f"<{header}>: single instructions are for libaudit/digest/"
    if CLI.fullmatch(header) and path != "tools/options/parser.cpp":
        return f"<{header}>: CLI11 is for tools/options/parser.cpp"
    if BOOST.fullmatch(header) and path != "libaudit/base/path.cpp":
        return f"<{header}>: Boost.Filesystem is for paths as texts, in libaudit/base/path.cpp; files are opened by descriptor"
    if area == "tools":
        return tool(header, ours)
    folder = rest.rpartition("/")[0]
    if JSON.fullmatch(header) and folder != "json":
        return f"<{header}>: JSON is for libaudit/json/"
    if PURE.fullmatch(path) and not ours and IMPURE.fullmatch(header) and not (header == "chrono" and TIMES.match(path)):
        return f"<{header}>: pure code has no I/O, no clock, no environment; pass it in"
    return layer(path, folder, header) if quoted and not header.startswith("hfaudit/") else None


def public_header(header):
    if header.startswith("hfaudit/") or header == "tl/expected.hpp" or STANDARD.fullmatch(header):
        return None
    return f"{header}: a public header includes the standard library, tl/expected.hpp and hfaudit/ only"


TOOLS_MAY_INCLUDE = ("base/format.hpp", "base/numbers.hpp", "base/sum.hpp", "report/progress/widgets.hpp")


def tool(header, ours):
    if JSON.fullmatch(header):
        return f"<{header}>: a report is rendered by the library"
    own = ("options/", "manual/", "completion/")
    if ours and "/" in header and not header.startswith(("hfaudit/", "os/", *own)) and header not in TOOLS_MAY_INCLUDE:
        return f"{header}: tools/ use the public headers, os/ for terminal and signals, and {', '.join(TOOLS_MAY_INCLUDE)}"
    return None


def is_at_home(path, header):
    """Whether a header of the system is included where the system is known."""
    if header.startswith("curl/"):
        return path.startswith("libaudit/http/")
    if path.startswith("libaudit/archive/"):
        return header in ("archive.h", "archive_entry.h", "dlfcn.h", "locale.h")
    return path.startswith("libaudit/os/") or (path.startswith("libaudit/http/") and header == "dlfcn.h")


def layer(path, folder, header):
    """`folder` is that of the including file in libaudit, `header` is one of ours."""
    target = os.path.dirname(header)
    if not folder:
        return "no files directly in libaudit/: each belongs to a folder"
    if folder not in MAY_INCLUDE:
        return f"libaudit/{folder}/ has no place in the order of layers; give it one in {os.path.basename(__file__)}"
    if not target:
        return f"{header}: a header of libaudit is named with its folder"
    if target == folder:
        return None
    if target not in MAY_INCLUDE[folder] or (
            PURE.fullmatch(path) and target in ("os", "http", "hub") and not PURE.fullmatch(f"libaudit/{header}")):
        return f"{header}: libaudit/{folder}/ may not include libaudit/{target}/"
    return None


def main(arguments):
    root = arguments[0] if arguments else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    found = check_tree(root)
    found += unused_rights(root)
    print("".join(f"{one}\n" for one in found), end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
