"""The real clients, each in a virtual environment of its own, made once and kept. The linter has one, too.

They live in HFAUDIT_VENVS, else in build/venvs. A stamp file says that one is whole; a file lock lets
any number of test processes ask for the same one at the same time.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys

# One row a client. What it locks with is part of what it leaves on disk, so filelock is of its time:
# 3.14-3.20.0 keep lock files, 3.20.4-3.29.4 unlink them on release, later ones keep them again.
# The other pins keep old clients working on new Pythons (3.11 and 3.13 are tested).
PINS = {
    "0.23": ("huggingface_hub==0.23.5", "filelock==3.14.0", "requests==2.32.5"),
    "0.36": ("huggingface_hub==0.36.2", "filelock==3.20.0", "requests==2.32.5", "hf_xet==1.2.0"),
    "1.5": ("huggingface_hub==1.5.0", "filelock==3.24.3", "typer==0.21.1", "hf_xet==1.3.1"),
    "1.17": ("huggingface_hub==1.17.0", "filelock==3.29.0", "hf_xet==1.4.3"),
    "1.28": ("huggingface_hub==1.28.0", "filelock==3.32.3", "hf_xet==1.6.0"),
    "2.4": ("huggingface_hub==2.4.0", "filelock==4.2.11", "hf_xet==1.8.0"),
}
VERSIONS = tuple(PINS)
# For HFAUDIT_INTEROP_VERSIONS alone: what else is in use.
PINS |= {
    "0.13": ("huggingface_hub==0.13.4", "filelock==3.9.1", "requests==2.32.5"),
    "0.16": ("huggingface_hub==0.16.4", "filelock==3.12.4", "requests==2.32.5"),
    "0.20": ("huggingface_hub==0.20.3", "filelock==3.13.4", "requests==2.32.5"),
    "0.22": ("huggingface_hub==0.22.2", "filelock==3.14.0", "requests==2.32.5"),
    "0.30": ("huggingface_hub==0.30.2", "filelock==3.18.0", "requests==2.32.5"),  # it cannot be told to leave Xet alone
    "1.10": ("huggingface_hub==1.10.0", "filelock==3.25.2"),
    "1.22": ("huggingface_hub==1.22.0", "filelock==3.29.4"),
    "1.30": ("huggingface_hub==1.30.0", "filelock==3.32.3"),
    "2.0": ("huggingface_hub==2.0.0", "filelock==4.0.0"),
}
NEWEST = VERSIONS[-1]


def root():
    """The folder of all environments."""
    given = os.environ.get("HFAUDIT_VENVS")
    here = os.path.dirname(os.path.abspath(__file__))
    return os.path.abspath(given or os.path.join(here, "..", "..", "build", "venvs"))


def numbers(version):
    """"1.17" -> (1, 17), to compare versions with."""
    return tuple(int(part) for part in version.split("."))


@contextlib.contextmanager
def _locked(path):
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def ensure(version):
    """The environment of a client, made where it is not there yet. Returns its folder."""
    if version not in PINS:
        raise KeyError(f"no client {version}: PINS has {', '.join(PINS)}")
    return ensure_of("hfh-" + version, PINS[version])


def ensure_of(name, packages):
    """The same of any packages. Another Python or other pins are another environment."""
    pins = hashlib.sha256("\n".join(packages).encode()).hexdigest()[:8]
    path = os.path.join(root(), "%s-py%d.%d-%s" % (name, *sys.version_info[:2], pins))
    stamp = os.path.join(path, ".ready")
    if os.path.exists(stamp):
        return path
    os.makedirs(root(), exist_ok=True)
    with _locked(path + ".lock"):
        if os.path.exists(stamp):  # somebody else made it while we waited
            return path
        shutil.rmtree(path, ignore_errors=True)
        _run([sys.executable, "-m", "venv", path], 300)
        pip = [os.path.join(path, "bin", "python"), "-m", "pip", "--disable-pip-version-check"]
        _run([*pip, "install", "--quiet", *packages], 900)
        freeze = _run([*pip, "freeze"], 120)
        with open(stamp, "w") as file:
            file.write(freeze)  # what it really is, for whoever reads a failed run
    return path


def ensure_all(versions=VERSIONS):
    """All environments, made side by side: the time goes into waiting for downloads."""
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(len(versions)) as pool:
        return dict(zip(versions, pool.map(ensure, versions)))


def _run(command, timeout):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=timeout)
    if done.returncode:
        output = (done.stdout + done.stderr)[-3000:]
        raise RuntimeError(f"{' '.join(command)} failed with {done.returncode}:\n{output}")
    return done.stdout


if __name__ == "__main__":
    for name, where in ensure_all(tuple(sys.argv[1:]) or VERSIONS).items():
        print(name, where)
