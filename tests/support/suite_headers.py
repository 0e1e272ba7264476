"""Each source and each header compiles by itself, though the builds compile folders: it includes what it uses.

Most of the time goes to headers that many files share. Sets of headers are therefore precompiled, and a file is given a set
only if it includes the whole set, directly or by headers of ours. So a set never supplies an include that a file lacks.
"""

import collections
import concurrent.futures
import itertools
import json
import os
import re
import shlex
import tempfile

from suite_run import BUILD, JOBS, ROOT, Tally, run, source_files

COMPILER = "clang++-19"
INSTANTIATE = "-fpch-instantiate-templates"  # templates of a precompiled header once, not in each file
FOLDERS = {"libaudit": ("libaudit", "include"), "tools": ("tools",)}  # of sources; of the headers that go with them
NICE = 10

# Roughly, in milliseconds: a header of others, a line of ours, and to precompile a set.
COST_OF_OTHERS, COST_OF_A_LINE, COST_OF_A_SET = 10, 0.7, 800
COSTLY = {"CLI/CLI.hpp": 2000, "nlohmann/json.hpp": 800, "boost/filesystem/path.hpp": 800, "regex": 500, "filesystem": 450,
          "string": 350, "fmt/format.h": 300, "stop_token": 300, "chrono": 300, "condition_variable": 300, "thread": 300,
          "memory": 280, "random": 250, "tl/expected.hpp": 180, "fstream": 170, "functional": 160, "cmath": 150, "sstream": 150,
          "mutex": 150, "algorithm": 100, "unordered_map": 100, "unordered_set": 100, "atomic": 90, "map": 70, "set": 60}


def each_file_alone():
    dev = os.path.join(BUILD, "dev")
    configured = run(["cmake", "--preset", "dev"], nice=NICE)
    if configured.code != 0:
        return Tally(failed=1, output=configured.out + configured.err)
    with open(os.path.join(dev, "compile_commands.json"), encoding="utf-8") as database:
        files = files_with_commands(json.load(database))
    includes = Includes()
    by_command = collections.defaultdict(list)
    for file, words in files.items():
        by_command[words].append(file)
    ran = []
    with tempfile.TemporaryDirectory(dir=dev) as scratch, concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for words, members in by_command.items():
            sets = choose_sets(members, includes)
            made = {chosen: os.path.join(scratch, f"{len(ran)}-{i}.hpp") for i, chosen in enumerate(dict.fromkeys(sets.values()))
                    if chosen}
            ran += pool.map(lambda chosen: precompile(words, chosen, made[chosen]), made)
            ran += pool.map(lambda file: compile_alone(words, file, made.get(sets[file])), members)
    return Tally(passed=int(all(one.code == 0 for one in ran)), failed=int(any(one.code for one in ran)),
                 output="".join(one.err for one in ran if one.code),
                 processor_s=configured.processor_s + sum(one.processor_s for one in ran))


def files_with_commands(units):
    """File -> the words of its compiler's command. A header has those that most sources of its folder have."""
    found = {}
    for folder, with_headers in FOLDERS.items():
        sources = {unit["file"]: clang_words(unit) for unit in units
                   if unit["file"].startswith(os.path.join(ROOT, folder) + os.sep)}
        if sources:
            usual = collections.Counter(sources.values()).most_common(1)[0][0]
            found |= sources | {header: usual for header in source_files(".hpp", under=with_headers) if not is_part(header)}
    return found


def is_part(header):
    """A header that says so needs what its sources define before they include it."""
    with open(header, encoding="utf-8") as file:
        opening = file.read().partition("#pragma once")[0]
    return "\n// Part of " in opening


def clang_words(unit):
    """The command of a unit of `dev`, for Clang, without its output and without GCC's precompiled header. Without the level
    of optimisation, too: a few units have one of their own, and a precompiled header fits one level only."""
    words, kept = iter(shlex.split(unit["command"])), [COMPILER]
    for word in itertools.dropwhile(lambda word: not word.startswith("-"), words):
        if word in ("-o", "-c", "-include", "-MF", "-MT"):
            next(words)
        elif word not in ("-MD", "-fpch-preprocess", "-Winvalid-pch") and not word.startswith(("-O", "-W", "-g")):
            kept.append(word)
    return tuple(kept)


class Includes:
    """What files include by themselves and by headers of ours. Of others' headers only the name is known."""

    def __init__(self):
        self._direct, self._all, self.cost = {}, {}, {}

    def of(self, file):
        """A frozenset of paths of ours and of names like "<string>"."""
        if file not in self._all:
            self._all[file] = frozenset()  # for a circle
            named = self.direct(file)
            ours = [self.of(name) for name in named if not name.startswith("<")]
            self._all[file] = frozenset(named).union(*ours)
        return self._all[file]

    def worth(self, headers):
        return sum(self.cost[name] for name in headers)

    def direct(self, file):
        if file not in self._direct:
            self._direct[file] = self.read(file)
        return self._direct[file]

    def read(self, file):
        found, depth = [], 0
        with open(file, encoding="utf-8") as source:
            lines = source.readlines()
        self.cost[file] = COST_OF_A_LINE * len(lines)
        for line in lines:
            if re.match(r"\s*#\s*if", line):
                depth += 1
            elif re.match(r"\s*#\s*endif", line):
                depth -= 1
            elif re.match(r"\s*#\s*define", line):
                break  # it may change what comes later
            elif (match := re.match(r'\s*#\s*include (?:"([^"]+)\.hpp"|(<[^>]+>))', line)) and depth == 0:
                name = match[2] or self.path(match[1] + ".hpp", file)
                if name:
                    self.cost.setdefault(name, COSTLY.get(name.strip("<>"), COST_OF_OTHERS))
                    found.append(name)
        return found

    @staticmethod
    def path(name, file):
        for folder in (os.path.dirname(file), *(os.path.join(ROOT, place) for place in ("include", "libaudit", "tools"))):
            if os.path.exists(os.path.join(folder, name)):
                return os.path.normpath(os.path.join(folder, name))
        return None


def choose_sets(files, includes):
    """File -> the set of headers that is precompiled for it, empty: none. The next set is that which saves most."""
    of = {file: includes.of(file) for file in files}
    users = {headers: [file for file in files if headers <= of[file]] for headers in dict.fromkeys(of.values()) if headers}
    worth = {headers: includes.worth(headers) for headers in users}
    best = dict.fromkeys(files, frozenset())
    value = dict.fromkeys(files, 0)
    while users:
        saved = {headers: sum(max(0, worth[headers] - value[file]) for file in users[headers]) - worth[headers] - COST_OF_A_SET
                 for headers in users}
        chosen = max(saved, key=lambda headers: (saved[headers], sorted(headers)))
        if saved[chosen] <= 0:
            break
        for file in users.pop(chosen):
            if worth[chosen] > value[file]:
                value[file], best[file] = worth[chosen], chosen
    return best


def precompile(words, headers, path):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"#include {name}\n" if name.startswith("<") else f'#include "{name}"\n' for name in sorted(headers))
    return run([*words, "-w", INSTANTIATE, "-x", "c++-header", path, "-o", path + ".pch"], nice=NICE)


def compile_alone(words, file, header):
    words = [*words, "-w"]
    with_header = [*words, "-include-pch", header + ".pch", INSTANTIATE] if header else words
    return run_again(with_header, words, ["-fsyntax-only", "-x", "c++", file])


def run_again(words, plain, rest):
    """Once more by the plain words if the others fail: what is precompiled must not be the reason."""
    ran = run([*words, *rest], nice=NICE)
    if ran.code == 0 or words == plain:
        return ran
    again = run([*plain, *rest], nice=NICE)
    again.processor_s += ran.processor_s
    return again
