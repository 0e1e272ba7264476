"""Writes docs/tasks.md: six tasks of daily use, as the first version answered them and as the program does.

    python3 docs/tasks.py HFAUDIT

Each command really runs, with its output on a terminal of 100 columns, against the test Hub. `before` is quoted from notes
on the first version. Only the path of the cache is replaced.
"""

import hashlib
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from fcntl import ioctl

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "tests", folder) for folder in ("support", "testhub")]

from hub import Content, Hub, Repo, make_model, status  # noqa: E402

COLUMNS, SHOWN_AS, MANY = 100, "/ai/hf", 3000
SIX, WHOLE = make_model("acme/six", shards=3, shard_size=4 << 20), make_model("acme/whole", shards=1, shard_size=1 << 20)
GATED = Repo("acme/gated", gated=True).commit({"model.bin": Content.generate("gated", 1 << 20)})
INTRO = """# Six tasks, before and after

New users and operators tried the first version. These tasks failed or needed a second reading. `docs/tasks.py` runs the
commands below and writes this page; the lines of the first version are quoted.
"""


class Tasks:
    def __init__(self, program, scratch):
        self.program, self.home, self.parts = program, os.path.join(scratch, "hf"), [INTRO]
        self.user = os.path.join(scratch, "user")
        os.mkdir(self.user)

    def run(self, hub, command):
        """What the command prints: standard error, which is a log here, then the report, on a terminal."""
        env = {"PATH": os.path.dirname(self.program) + ":/usr/bin:/bin", "HOME": self.user, "HF_HOME": self.home,
               "HF_ENDPOINT": hub.url, "LC_ALL": "C.UTF-8", "TERM": "dumb"}
        terminal, other = pty.openpty()
        ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(["sh", "-c", command], env=env, stdin=subprocess.DEVNULL, stdout=other, stderr=errors,
                                       cwd=self.user)
            os.close(other)
            shown = b""
            while select.select([terminal], [], [])[0]:
                try:
                    shown += os.read(terminal, 1 << 16)
                except OSError:
                    break
            os.close(terminal)
            code = process.wait()
            errors.seek(0)
            text = errors.read() + shown
        text = text.decode().replace("\r\n", "\n").replace(self.home, SHOWN_AS).replace(hub.url, "https://huggingface.co")
        return re.sub(r"\n{2,}", "\n\n", text).strip("\n"), code

    def show(self, title, before, hub, *commands, after=""):
        lines = []
        for command in commands:
            text, code = self.run(hub, command)
            lines += [f"$ {command}", *text.split("\n"), f"(exit code {code})", ""]
        self.parts.append("\n".join([f"## {title}", "", "Before:", "", *(f"    {line}" for line in before.split("\n")), "",
                                     "Now:", "", *(f"    {line}".rstrip() for line in lines[:-1]), *(["", after] if after else []),
                                     ""]))

    def corrupt(self, path):
        """Another byte in the middle of a file: no size and no header shows it."""
        folder = os.path.join(self.home, "hub", SIX.folder)
        with open(os.path.join(folder, "blobs", SIX.head.files[path].etag), "r+b") as file:
            file.seek(3 << 20)
            byte = file.read(1)
            file.seek(3 << 20)
            file.write(bytes([byte[0] ^ 1]))

    def add_damaged_repos(self, home):
        """A link without its content in each, long ago."""
        for number in range(MANY):
            folder = os.path.join(home, "hub", f"models--acme--m{number:04}")
            commit = hashlib.sha1(str(number).encode()).hexdigest()
            for name in ("blobs", "refs", f"snapshots/{commit}"):
                os.makedirs(os.path.join(folder, name))
            with open(os.path.join(folder, "refs", "main"), "w", encoding="ascii") as ref:
                ref.write(commit)
            os.symlink(f"../../blobs/{hashlib.sha256(commit.encode()).hexdigest()}",
                       os.path.join(folder, "snapshots", commit, "model.safetensors"))
            for path, _, names in os.walk(folder):
                for one in [path, *(os.path.join(path, name) for name in names)]:
                    os.utime(one, (1_700_000_000, 1_700_000_000), follow_symlinks=False)

    def write(self):
        with open(os.path.join(HERE, "tasks.md"), "w", encoding="utf-8") as file:
            file.write("\n".join(self.parts))


def main(program):
    with tempfile.TemporaryDirectory(prefix="hfaudit-tasks-") as scratch:
        tasks = Tasks(os.path.abspath(program), scratch)
        with Hub(SIX, WHOLE, GATED) as hub:
            tasks.show("One file of a model", "Downloads all of acme/six, then fails: there is no repo config.json.", hub,
                       "hfaudit pull acme/six config.json")
            tasks.run(hub, "hfaudit pull acme/whole")
            tasks.show("One wrong name among several", "hfaudit: cannot parse a/b/c: a repo is org/name, with at most one slash",
                       hub, "hfaudit scan acme/whole a/b/c acme/hole")
            tasks.show("A gated model",
                       "acme/gated  download all of: it is gated: accept its terms at URL, then log in with …", hub,
                       "hfaudit pull acme/gated")
        with Hub(SIX, faults=[status(503, on="api", times=6)]) as hub:
            tasks.show("A Hub that is overloaded", "[acme/six] waits 11 s: the Hub has trouble (it answers 503): try again later",
                       hub, "hfaudit pull acme/six --waits 2,4")
        with Hub(SIX, WHOLE) as hub:
            tasks.corrupt("model-00002-of-00003.safetensors")
            shutil.rmtree(os.path.join(tasks.home, "hub", GATED.folder))
            tasks.show("Silent corruption", "model-00002-of-00003.safetensors does not hash to what the cached tree says\n"
                       "Read to the end: 5 files, 3.00 MB, in 15 ms", hub, "hfaudit verify acme/six", "hfaudit repair --verify")
        with Hub(SIX) as hub:
            tasks.home = os.path.join(scratch, "many")
            tasks.add_damaged_repos(tasks.home)
            tasks.show(f"{MANY:,} damaged repos", "9,007 lines.", hub, "hfaudit scan")
        tasks.write()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
