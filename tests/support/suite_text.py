"""Checks of the text: layout of the code, clang-tidy, manual, shell scripts."""

import concurrent.futures
import hashlib
import itertools
import json
import os
import re
import shlex

import client_venvs
from suite_run import BUILD, JOBS, ROOT, Tally, check, run, source_files

FORMATTER = "clang-format-19"
LINTER = "clang-tidy==23.1.4"  # of PyPI: Debian's reads all headers of others, which takes twice as long
COMPILER = "clang++-19"
INSTANTIATE = "-fpch-instantiate-templates"  # templates of the precompiled header once, not in each file: a quarter less
LINTED = ("libaudit", "tools")
NICE = 10


def formatting():
    tally = check(FORMATTER, "--dry-run", "-Werror", *source_files(".cpp", ".hpp"), nice=NICE)
    first = dict.fromkeys(re.findall(r"^(/.*?\.[ch]pp):", tally.output, re.MULTILINE))
    if first:
        names = " ".join(os.path.relpath(name, ROOT) for name in first)
        tally.output = f"not as {FORMATTER} lays it out; run: {FORMATTER} -i {names}\n"
    return tally


def manual():
    pages = source_files(".1", ".7", under=("man",))
    return check("mandoc", "-T", "lint", "-W", "warning", *pages) if pages else Tally(failed=1, output="no pages\n")


def shell():
    return check("shellcheck", "bootstrap", ".ci/run", *source_files(".sh"),
                 *source_files(".sh", ".sbatch", under=("cmake", "examples", "packaging")),
                 "packaging/slurm/verify-cache", "packaging/kubernetes/kserve/storage-initializer")


def lint():
    """clang-tidy on what ships, in the units of the release build: a folder at once, so that headers are read once. A unit is
    read again if one of the files in it has changed."""
    program = os.path.join(client_venvs.ensure_of("lint", (LINTER,)), "bin", "clang-tidy")
    release = os.path.join(BUILD, "release")
    with open(os.path.join(release, "compile_commands.json"), encoding="utf-8") as database:
        units = [entry for entry in json.load(database) if is_ours(output_of(entry))]
    included = files_of_units(release)
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        results = list(pool.map(lambda unit: lint_unit(program, unit, included.get(output_of(unit), [])), units))
    said = dict.fromkeys(block for ran in results if ran and ran.code
                         for block in re.split(r"(?m)^(?=/)", ran.out + ("" if ran.out else ran.err)))
    failed = any(ran and ran.code for ran in results) or not results
    return Tally(passed=int(not failed), failed=int(failed), output="".join(said),
                 processor_s=sum(ran.processor_s for ran in results if ran))


def output_of(unit):
    """The object of an entry of compile_commands.json; CMake of Debian 12 does not give it a field of its own."""
    return re.search(r" -o (\S+)", unit["command"]).group(1)


def is_ours(output):
    return output.startswith(tuple(folder + os.sep for folder in LINTED))


def files_of_units(folder):
    """Object -> the files of the checkout that it was compiled from, by ninja's record of the last build."""
    found, current = {}, []
    for line in run(["ninja", "-C", folder, "-t", "deps"]).out.splitlines():
        if line and not line.startswith(" "):
            current = found.setdefault(line.partition(":")[0], [])
        elif line.strip().startswith((ROOT, "..")):
            current.append(os.path.normpath(os.path.join(folder, line.strip())))
    return found


def lint_unit(program, unit, included):
    """None: nothing has changed since it was found clean."""
    state = hashlib.sha256((LINTER + unit["command"]).encode())
    for name in sorted({*included, unit["file"], os.path.join(ROOT, ".clang-tidy")}):
        with open(name, "rb") as file:
            state.update(name.encode() + b"\0" + file.read())
    stamp = os.path.join(BUILD, "lint", state.hexdigest())
    if included and os.path.exists(stamp):
        return None
    # Debian 12's <algorithm> instantiates a deprecated name itself; the compilers report those that we use.
    ran = run([program, "--quiet", "-p", os.path.join(BUILD, "release"), "--extra-arg=-Wno-deprecated-declarations",
               "--extra-arg=-Wno-unknown-warning-option",
               unit["file"]], nice=NICE)
    if ran.code == 0:
        os.makedirs(os.path.dirname(stamp), exist_ok=True)
        with open(stamp, "wb"):
            pass
    return ran


def each_file_alone():
    """Each source file compiles by itself, though the builds compile folders: it includes what it uses, and hides no name."""
    dev = os.path.join(BUILD, "dev")
    configured = run(["cmake", "--preset", "dev"], nice=NICE)
    if configured.code != 0:
        return Tally(failed=1, output=configured.out + configured.err)
    with open(os.path.join(dev, "compile_commands.json"), encoding="utf-8") as database:
        units = [entry for entry in json.load(database) if is_ours(output_of(entry)) and not entry["file"].startswith(dev)]
    headers = {target_of(unit): None for unit in units}
    for folder in headers:
        headers[folder] = precompiled(next(unit for unit in units if target_of(unit) == folder))
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        results = list(pool.map(lambda unit: compile_alone(unit, headers[target_of(unit)]), units))
    return Tally(passed=int(all(ran.code == 0 for ran in results)), failed=int(any(ran.code for ran in results)),
                 output="".join(ran.err for ran in results if ran.code),
                 processor_s=configured.processor_s + sum(ran.processor_s for ran in results))


def target_of(unit):
    """"libaudit/CMakeFiles/hfaudit.dir": objects of one target share a precompiled header."""
    return output_of(unit).partition(".dir/")[0]


def clang_words(unit):
    """The command of a unit of `dev`, for Clang, without its output and without GCC's precompiled header. Without the level
    of optimisation, too: a few units have one of their own, and a precompiled header fits one level only."""
    words, kept = iter(shlex.split(unit["command"])), [COMPILER]
    for word in itertools.dropwhile(lambda word: not word.startswith("-"), words):
        if word in ("-o", "-c", "-include", "-MF", "-MT"):
            next(words)
        elif word not in ("-MD", "-fpch-preprocess", "-Winvalid-pch", "-fuse-ld=mold") and not word.startswith(("-O", "-W")):
            kept.append(word)
    return kept


def precompiled(unit):
    """Clang's form of the header that the target of a unit precompiles: the standard library's, and others' headers."""
    found = re.search(r"-include (\S+cmake_pch\.hxx)", unit["command"])
    if not found:
        return None
    header = found.group(1)
    made = run([*clang_words(unit), "-w", INSTANTIATE, "-x", "c++-header", header, "-o", header + ".pch"], nice=NICE)
    if made.code != 0:
        raise RuntimeError(made.err)
    return header + ".pch"


def compile_alone(unit, header):
    with_header = ["-include-pch", header, INSTANTIATE] if header else []
    warned = ["-Wno-everything", "-Wshadow", "-Werror"]  # units of several folders are compiled without it
    return run([*clang_words(unit), "-fsyntax-only", *warned, *with_header, unit["file"]], cwd=unit["directory"], nice=NICE)
