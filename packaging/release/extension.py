"""The repository of the extension of hf: `hf extensions install OWNER/hf-audit` gives `hf audit`.

hf installs a repository hf-NAME as a Python package in a venv of its own, and runs its program hf-NAME. The package depends on
the wheel, which has the program for each machine.
"""

import gzip
import io
import os
import tarfile

from toolchain import ROOT

FOLDER = os.path.join(ROOT, "packaging", "hf-audit")


def make_extension(dist, version, epoch):
    name = f"hf-audit-{version}"
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for place, folders, names in os.walk(FOLDER):
            folders[:] = sorted(folder for folder in folders if folder != "__pycache__")
            for file_name in sorted(names):
                path = os.path.join(place, file_name)
                entry = tarfile.TarInfo(os.path.join(name, os.path.relpath(path, FOLDER)))
                with open(path, "rb") as file:
                    content = file.read().replace(b"@VERSION@", version.encode())
                entry.size, entry.mtime, entry.mode = len(content), epoch, 0o644
                archive.addfile(entry, io.BytesIO(content))
    path = os.path.join(dist, name + ".tar.gz")
    with open(path, "wb") as file:
        file.write(gzip.compress(data.getvalue(), 9, mtime=0))
    return path
