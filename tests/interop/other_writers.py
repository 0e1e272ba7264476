"""Clients that are not huggingface_hub: hf-hub (Rust), @huggingface/hub (npm), aria2c. Built into build/writers, once."""

import contextlib
import dataclasses
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
BUILT = os.path.join(HERE, "..", "..", "build", "writers")
RUST_VERSIONS = ("0.4.3",)
NODE_VERSION = "2.17.5"


class Absent(Exception):
    """The tools for this writer are not on this machine."""


@dataclasses.dataclass
class Writer:
    name: str
    command: list  # the repo follows
    lists_files: bool = False  # it is given the names of the files, too
    local: bool = False  # writes a plain folder in place of a cache

    def words(self, hub, repo, folder):
        if self.local:  # a list of files for aria2c, as hfd.sh makes it
            lines = [f"{hub.url}/{repo.repo_id}/resolve/main/{path}\n  out={path}\n" for path in repo.head.files]
            with open(os.path.join(folder, "..", "aria2.txt"), "w", encoding="ascii") as file:
                file.writelines(lines)
            return [*self.command, "--input-file", file.name, "--dir", folder]
        return [*self.command, repo.repo_id, *(repo.head.files if self.lists_files else ())]


def run(words, folder, **more):
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, **more)
    if done.returncode:
        raise RuntimeError(f"{words}: {done.stderr[-2000:]}")


def rust(version):
    if not shutil.which("cargo"):
        raise Absent("no cargo")
    folder = os.path.join(BUILT, "hf-hub-" + version)
    program = os.path.join(folder, "target", "release", "writer")
    if not os.path.exists(program):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(os.path.join(HERE, "writers", "rust"), folder)
        with open(os.path.join(folder, "Cargo.toml"), encoding="ascii") as file:
            text = file.read().replace("@VERSION@", version)
        with open(file.name, "w", encoding="ascii") as file:
            file.write(text)
        run(["cargo", "build", "--release", "--quiet"], folder)
    return Writer("hf-hub " + version, [program], lists_files=True)


def node(version):
    if not shutil.which("npm"):
        raise Absent("no npm")
    folder = os.path.join(BUILT, "node-" + version)
    if not os.path.exists(os.path.join(folder, "node_modules", "@huggingface", "hub")):
        os.makedirs(folder, exist_ok=True)
        run(["npm", "install", "--no-audit", "--no-fund", f"@huggingface/hub@{version}"], folder)
    shutil.copy(os.path.join(HERE, "writers", "node", "get.mjs"), folder)
    return Writer("@huggingface/hub " + version, ["node", os.path.join(folder, "get.mjs")])


def aria2():
    if not shutil.which("aria2c"):
        raise Absent("no aria2c")
    return Writer("aria2c", ["aria2c", "--quiet", "--continue", "--no-conf", "--max-tries=1", "--split=4", "--min-split-size=1M"],
                  local=True)


def writers():
    """All that this machine can run."""
    found = []
    for make in (*(lambda version=version: rust(version) for version in RUST_VERSIONS), lambda: node(NODE_VERSION), aria2):
        with contextlib.suppress(Absent):
            found.append(make())
    return found
