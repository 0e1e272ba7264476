"""Wheels that hold the static program, one for each architecture, for glibc and musl alike."""

import base64
import hashlib
import os
import re
import stat
import time
import zipfile

from toolchain import ROOT

# The program needs no C library, so that the tags say the oldest that pip knows of.
TAGS = ("manylinux_2_17_{0}", "manylinux2014_{0}", "musllinux_1_1_{0}")
HF_PULL = '#!/bin/sh\nexec "$(dirname -- "$(readlink -f -- "$0")")/hfaudit" pull "$@"\n'
METADATA = """\
Metadata-Version: 2.1
Name: hfaudit
Version: {version}
Summary: Checks whether the Hugging Face models on disk are complete and intact, and repairs them
Keywords: huggingface,cache,models,integrity,verify,repair
License: {license}
Classifier: Development Status :: 4 - Beta
Classifier: Environment :: Console
Classifier: Intended Audience :: Developers
Classifier: Intended Audience :: System Administrators
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: C++
Classifier: Programming Language :: Python :: 3
Classifier: Topic :: Scientific/Engineering :: Artificial Intelligence
Classifier: Topic :: System :: Systems Administration
Classifier: Typing :: Typed
Requires-Python: >=3.9
Description-Content-Type: text/markdown

"""


def read(path, mode="rb"):
    with open(path, mode, **({} if "b" in mode else {"encoding": "utf-8"})) as file:
        return file.read()


def license_name():
    head = read(os.path.join(ROOT, "LICENSE"), "r")[:400]
    return "Apache-2.0" if "Apache License" in head else "MIT" if re.search(r"\bMIT\b", head) else "see LICENSE"


class Wheel:
    """Writes a wheel with its RECORD; the same files give the same bytes."""

    def __init__(self, path, info, epoch):
        self.info, self.record = info, []
        self.when = time.gmtime(max(epoch, 315532800))[:6]  # zip begins in 1980
        self.file = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9)

    def add(self, name, data, mode=0o644):
        entry = zipfile.ZipInfo(name, self.when)
        entry.external_attr = (stat.S_IFREG | mode) << 16
        entry.create_system = 3
        entry.compress_type = zipfile.ZIP_DEFLATED
        self.file.writestr(entry, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.record.append(f"{name},sha256={digest},{len(data)}\n")

    def close(self):
        name = f"{self.info}/RECORD"
        self.add(name, "".join([*self.record, f"{name},,\n"]).encode())
        self.file.close()


def make_wheel(dist, version, machine, program, epoch):
    tags = [f"py3-none-{tag.format(machine)}" for tag in TAGS]
    joined = ".".join(tag.format(machine) for tag in TAGS)
    path = os.path.join(dist, f"hfaudit-{version}-py3-none-{joined}.whl")
    info, scripts = f"hfaudit-{version}.dist-info", f"hfaudit-{version}.data/scripts"
    wheel = Wheel(path, info, epoch)
    package = os.path.join(ROOT, "packaging", "python", "hfaudit")
    for name in sorted(os.listdir(package)):
        if name.endswith(".py") or name == "py.typed":
            wheel.add(f"hfaudit/{name}", read(os.path.join(package, name)))
    wheel.add(f"{scripts}/hfaudit", read(program), 0o755)
    wheel.add(f"{scripts}/hf-pull", HF_PULL.encode(), 0o755)
    metadata = METADATA.format(version=version, license=license_name()) + read(os.path.join(ROOT, "README.md"), "r")
    wheel.add(f"{info}/METADATA", metadata.encode())
    lines = ["Wheel-Version: 1.0", "Generator: hfaudit-release", "Root-Is-Purelib: false", *(f"Tag: {tag}" for tag in tags)]
    wheel.add(f"{info}/WHEEL", ("\n".join(lines) + "\n").encode())
    wheel.add(f"{info}/licenses/LICENSE", read(os.path.join(ROOT, "LICENSE")))
    wheel.close()
    return path
