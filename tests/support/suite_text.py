"""Checks of the text: layout of the code, clang-tidy, manual, shell scripts."""

import concurrent.futures
import hashlib
import json
import os
import re

import client_venvs
from suite_run import BUILD, JOBS, ROOT, Tally, check, run, source_files

FORMATTER = "clang-format-19"
LINTER = "clang-tidy==23.1.4"  # of PyPI: Debian's reads all headers of others, which takes twice as long
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
