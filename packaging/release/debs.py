"""Debian packages, of what `cmake --install` makes: hfaudit, and libhfaudit-dev with the library."""

import gzip
import os
import re
import shutil
import subprocess
import time

from toolchain import ROOT

FOLDER = os.path.join(ROOT, "packaging", "debian")
MAINTAINER = "hfaudit developers <hfaudit@users.noreply.github.com>"
# The program loads these libraries when it needs them; Debian 13 and Ubuntu 24.04 gave them other names.
DEPENDS = "libc6 (>= 2.36), libarchive13 | libarchive13t64, libcurl4 | libcurl4t64, libssl3 | libssl3t64"
DEV_DEPENDS = "libarchive-dev, libboost-filesystem-dev, libcurl4-openssl-dev, libexpected-dev, libssl-dev"
DESCRIPTION = """\
Description: check the Hugging Face cache for incomplete or corrupt models
 hfaudit reports for each model, dataset and space in a Hugging Face cache whether
 it is complete, and finds and repairs the damage: partial downloads, dangling
 links, truncated or corrupt files, locks of dead processes, files of other users. It also downloads (hf-pull), watches downloads of any
 client, and keeps servers from starting on incomplete models.
"""
DEV_DESCRIPTION = """\
Description: library of hfaudit, to audit Hugging Face caches - development files
 The C++ library that hfaudit is made of, as headers, an archive and a package
 for CMake: find_package(hfaudit) gives hfaudit::hfaudit.
"""


def write(path, data, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    os.chmod(path, mode)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def compressed(text):
    return gzip.compress(text if isinstance(text, bytes) else text.encode(), 9, mtime=0)


def changelog(version, epoch):
    when = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(epoch))
    return f"hfaudit ({version}) unstable; urgency=medium\n\n  * Release {version}; /usr/share/doc/hfaudit/NEWS.gz has the changes.\n\n -- {MAINTAINER}  {when}\n"


class Tree:
    """The files of a package on their way into it."""

    def __init__(self, folder, installed):
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(installed, folder, symlinks=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def settle(self, epoch):
        """Modes and times that do not depend on the machine."""
        for place, folders, names in os.walk(self.folder):
            for name in (*folders, *names):
                path = os.path.join(place, name)
                if not os.path.islink(path):
                    program = os.path.isdir(path) or "/usr/bin/" in path
                    os.chmod(path, 0o755 if program else 0o644)
                os.utime(path, (epoch, epoch), follow_symlinks=False)
        os.chmod(self.folder, 0o755)

    def size(self):
        return sum((os.lstat(os.path.join(place, name)).st_size + 1023) // 1024
                   for place, _, names in os.walk(self.folder) for name in names)

    def sums(self):
        import hashlib
        lines = []
        for place, folders, names in os.walk(self.folder):
            folders.sort()
            for name in names:
                path = os.path.join(place, name)
                relative = os.path.relpath(path, self.folder)
                if not os.path.islink(path) and not relative.startswith("DEBIAN/"):
                    with open(path, "rb") as file:
                        lines.append(f"{hashlib.md5(file.read(), usedforsecurity=False).hexdigest()}  {relative}\n")
        return "".join(sorted(lines, key=lambda line: line.split("  ", 1)[1]))

    def pack(self, target, control, epoch):
        self.settle(epoch)
        write(self.path("DEBIAN/md5sums"), self.sums())
        write(self.path("DEBIAN/control"), control.replace("@SIZE@", str(self.size())))
        os.utime(self.path("DEBIAN"), (epoch, epoch))
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", self.folder, target], check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch)})


def control(name, arch, version, depends, description, more=""):
    return (f"Package: {name}\nVersion: {version}\nArchitecture: {arch}\nMaintainer: {MAINTAINER}\nInstalled-Size: @SIZE@\n"
            f"Depends: {depends}\n{more}{description}")


def documents(tree, name, version, epoch):
    doc = f"usr/share/doc/{name}"
    write(tree.path(f"{doc}/copyright"), read(os.path.join(FOLDER, "copyright")))
    write(tree.path(f"{doc}/changelog.gz"), compressed(changelog(version, epoch)))


def make_program(dist, scratch, installed, arch, version, epoch):
    tree = Tree(os.path.join(scratch, f"hfaudit-{arch}"), installed)
    shutil.rmtree(tree.path("usr/share/doc"), ignore_errors=True)
    documents(tree, "hfaudit", version, epoch)
    write(tree.path("usr/share/doc/hfaudit/NEWS.gz"), compressed(read(os.path.join(ROOT, "CHANGELOG.md"))))
    write(tree.path("usr/share/doc/hfaudit/README.md"), read(os.path.join(ROOT, "README.md")))
    functions = tree.path("usr/share/zsh/site-functions")
    if os.path.isdir(functions):  # where Debian's zsh looks
        os.rename(functions, tree.path("usr/share/zsh/vendor-completions"))
    for place, _, names in os.walk(tree.path("usr/share/man")):
        for name in names:
            path = os.path.join(place, name)
            text = read(path)
            os.unlink(path)
            include = re.fullmatch(r"\.so (?:man\d/)?(\S+)\n", text)
            if include:
                os.symlink(include.group(1) + ".gz", path + ".gz")
            else:
                write(path + ".gz", compressed(text))
    units = os.path.join(ROOT, "packaging", "systemd")
    for name in sorted(os.listdir(units)) if os.path.isdir(units) else ():
        if name.endswith((".service", ".timer")):
            write(tree.path(f"usr/lib/systemd/system/{name}"), read(os.path.join(units, name)))
    overrides = os.path.join(FOLDER, "hfaudit.lintian-overrides")
    write(tree.path("usr/share/lintian/overrides/hfaudit"), read(overrides))
    name = f"hfaudit_{version}_{arch}.deb"
    more = "Suggests: bash-completion\nSection: utils\nPriority: optional\nMulti-Arch: foreign\n"
    tree.pack(os.path.join(dist, name), control("hfaudit", arch, version, DEPENDS, DESCRIPTION, more), epoch)
    return name


def make_library(dist, scratch, installed, arch, version, epoch):
    tree = Tree(os.path.join(scratch, f"libhfaudit-dev-{arch}"), installed)
    documents(tree, "libhfaudit-dev", version, epoch)
    name = f"libhfaudit-dev_{version}_{arch}.deb"
    more = "Section: libdevel\nPriority: optional\nMulti-Arch: same\n"
    tree.pack(os.path.join(dist, name), control("libhfaudit-dev", arch, version, DEV_DEPENDS, DEV_DESCRIPTION, more), epoch)
    return name
