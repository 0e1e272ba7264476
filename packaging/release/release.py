"""Makes dist/: the static program for x86-64 and aarch64, wheels, Debian packages, the extension of hf, SBOM and SHA256SUMS.

    python3 packaging/release/release.py [--check]

--check makes it twice and ends with 1 if a file differs. Needed: mmdebstrap, root (or sudo), python3-venv, git. The tree has to be
as it was committed: the same commit, with the same packages of Debian, gives the same bytes. SOURCE_DATE_EPOCH is the time of the
commit unless it is set.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import debs  # noqa: E402
import wheels  # noqa: E402
from extension import make_extension  # noqa: E402
from toolchain import ARCHITECTURES, ROOT, Toolchain, say, take  # noqa: E402

DIST = os.path.join(ROOT, "dist")
VENV = os.path.join(ROOT, "build", "venvs", "release")
PYTHON_TOOLS = ("cyclonedx-python-lib[json-validation]==9.1.0", "twine==6.1.0")


def version():
    with open(os.path.join(ROOT, "CMakeLists.txt"), encoding="utf-8") as file:
        return re.search(r"project\(hfaudit VERSION ([0-9.]+)", file.read()).group(1)


def release_time():
    if os.environ.get("SOURCE_DATE_EPOCH"):
        return int(os.environ["SOURCE_DATE_EPOCH"])
    done = subprocess.run(["git", "-C", ROOT, "log", "-1", "--format=%ct"], stdout=subprocess.PIPE, check=False)
    return int(done.stdout or 0) or int(os.stat(os.path.join(ROOT, "CHANGELOG.md")).st_mtime)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def ensure_venv():
    """Python of a folder of our own, with the tools that write the SBOM and check the wheels."""
    python = os.path.join(VENV, "bin", "python")
    if not os.path.exists(os.path.join(VENV, "ready")):
        say("installing Python tools in build/venvs/release, once")
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PYTHON_TOOLS], check=True)
        open(os.path.join(VENV, "ready"), "w", encoding="ascii").close()
    return python


def changed_files():
    """Files that differ from the commit, or that it lacks. A release is made of a commit alone, so that others can repeat it."""
    if not os.path.exists(os.path.join(ROOT, ".git")):
        return []
    done = subprocess.run(["git", "-C", ROOT, "status", "--porcelain"], stdout=subprocess.PIPE, check=True, text=True)
    return [line[3:] for line in done.stdout.splitlines()]


def build_static(toolchain, number, epoch, folder):
    """The static programs by machine; root's files become ours."""
    programs = {}
    for arch, machine in ARCHITECTURES.items():
        built = toolchain.build("static", arch, epoch)
        programs[machine] = os.path.join(folder, f"hfaudit-{number}-linux-{machine}")
        take(os.path.join(built, "tools", "hfaudit"), programs[machine], 0o755)
    return programs


def make_release(toolchain, python, dist, number, epoch):
    """Everything anew, in the empty folder `dist`."""
    toolchain.copy_source(epoch)
    programs = build_static(toolchain, number, epoch, dist)
    for machine, program in programs.items():
        wheels.make_wheel(dist, number, machine, program, epoch)
    with tempfile.TemporaryDirectory() as scratch:
        for arch in ARCHITECTURES:
            toolchain.build("release", arch, epoch, ("hfaudit_cli", "hfaudit"))
            for component, make in (("program", debs.make_program), ("library", debs.make_library)):
                make(dist, scratch, toolchain.install("release", arch, component), arch, number, epoch)
    make_extension(dist, number, epoch)
    digests = {machine: sha256(program) for machine, program in programs.items()}
    code = ("import json, sys; sys.path.insert(0, sys.argv[1]); from sbom import make_sbom; make_sbom(*json.loads(sys.argv[2]))")
    subprocess.run([python, "-c", code, os.path.dirname(os.path.abspath(__file__)), json.dumps(
        [os.path.join(dist, f"hfaudit-{number}.cdx.json"), number, toolchain.versions(), epoch, digests])], check=True)
    subprocess.run([python, "-m", "twine", "check", "--strict",
                    *(os.path.join(dist, name) for name in sorted(os.listdir(dist)) if name.endswith(".whl"))], check=True)
    with open(os.path.join(dist, "SHA256SUMS"), "w", encoding="ascii") as file:
        for name, digest in digests_of(dist).items():
            file.write(f"{digest}  {name}\n")


def digests_of(folder):
    return {name: sha256(os.path.join(folder, name)) for name in sorted(os.listdir(folder)) if name != "SHA256SUMS"}


def differing(first, second):
    """The names of files that are not the same in both folders."""
    one, other = digests_of(first), digests_of(second)
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def main(words):
    if set(words) - {"--check"}:
        print(__doc__, file=sys.stderr)
        return 2
    if changed := changed_files():
        print(f"release: not committed: {', '.join(changed[:5])}{', …' if changed[5:] else ''}", file=sys.stderr)
        return 2
    if not shutil.which("mmdebstrap"):
        print("release: mmdebstrap is not installed", file=sys.stderr)
        return 3
    number, epoch = version(), release_time()
    python = ensure_venv()
    toolchain = Toolchain(os.path.join(ROOT, "build", "release-root"))
    toolchain.prepare()
    shutil.rmtree(DIST, ignore_errors=True)
    os.makedirs(DIST)
    make_release(toolchain, python, DIST, number, epoch)
    if "--check" in words:
        toolchain.forget_libraries()
        with tempfile.TemporaryDirectory() as second:
            make_release(toolchain, python, second, number, epoch)
            other = differing(DIST, second)
        say("the second release differs: " + ", ".join(other) if other else "the second release has the same bytes")
        if other:
            return 1
    say(f"done: {os.path.relpath(DIST, os.getcwd())}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except subprocess.CalledProcessError as error:  # its messages are above
        print(f"release: failed with {error.returncode}: {' '.join(map(str, error.cmd))}", file=sys.stderr)
        sys.exit(3)
