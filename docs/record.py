"""Records the story of README.md in a terminal: docs/story.cast (asciinema, version 2) and docs/story.svg.

    python3 -m venv VENV && VENV/bin/pip install termtosvg
    python3 docs/record.py HFAUDIT VENV/bin/termtosvg

A real client is killed in the middle of a download from the test Hub; hfaudit then runs in a pseudo-terminal. The output is
that of the program, with its timing. Only the typing of the commands is made up.
"""

import json
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from fcntl import ioctl

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "tests", folder) for folder in ("support", "testhub")]

from clients import client, environment  # noqa: E402
from hub import Hub, barrier, make_model, throttle  # noqa: E402

COLUMNS, ROWS = 104, 30
PROMPT = "\x1b[1;32m$\x1b[0m "
SECONDS_A_KEY, SECONDS_TO_READ = 0.035, 2.2
STORY = ("hfaudit scan", "hfaudit preflight acme/six -- vllm serve acme/six", "hfaudit repair", "hfaudit verify")


class Recording:
    def __init__(self):
        self.events, self.now = [], 0.0

    def show(self, text, after=0.0):
        self.now += after
        self.events.append([round(self.now, 3), "o", text])

    def type(self, command):
        self.show(PROMPT, 0.3)
        for key in command:
            self.show(key, SECONDS_A_KEY)
        self.show("\r\n", 0.4)

    def run(self, command, env, names):
        """What a command prints, at the times at which it prints it. `names`: paths and what to show in their place."""
        pid, terminal = pty.fork()
        if pid == 0:
            ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.execvpe(command[0], command, env)
        began, start = time.monotonic(), self.now
        while select.select([terminal], [], [])[0]:
            try:
                data = os.read(terminal, 1 << 16)
            except OSError:
                break
            text = data.decode(errors="replace")
            for path, shown in names.items():
                text = text.replace(path, shown)
            self.now = start + time.monotonic() - began
            self.show(text)
        os.close(terminal)
        os.waitpid(pid, 0)
        self.now += SECONDS_TO_READ

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            print(json.dumps({"version": 2, "width": COLUMNS, "height": ROWS, "title": "hfaudit"}), file=file)
            for event in self.events:
                print(json.dumps(event), file=file)


def damaged_cache(home):
    """A whole model, and one whose download was killed."""
    with Hub(make_model("acme/whole", shards=1), make_model("acme/six"),
             faults=[barrier("half", 1 << 20, path="*-0000[2-6]-*")]) as hub:
        client("2.4").start(hub, home, "acme/whole").wait().must()
        running = client("2.4").start(hub, home, "acme/six")
        hub.wait_held("half")
        time.sleep(3)  # until the small files are there
        running.kill_after(6 << 20)


def main(program, renderer):
    with tempfile.TemporaryDirectory(prefix="hfaudit-record-") as scratch:
        home = os.path.join(scratch, "home")
        os.mkdir(home)
        damaged_cache(home)
        time.sleep(31)  # a scan takes a second look at what has just changed
        bin_folder = os.path.join(scratch, "bin")
        os.mkdir(bin_folder)
        shutil.copy(program, os.path.join(bin_folder, "hfaudit"))
        recording = Recording()
        with Hub(make_model("acme/whole", shards=1), make_model("acme/six"),
                 faults=[throttle(2 << 20, path="*.safetensors")]) as hub:
            env = environment(home, hub, TERM="xterm-256color")
            env["PATH"] = bin_folder + ":" + env["PATH"]
            for command in STORY:
                recording.type(command)
                recording.run(["sh", "-c", command], env, {home: "/ai/hf"})
            recording.show(PROMPT, 3.0)
        cast = os.path.join(HERE, "story.cast")
        recording.write(cast)
        subprocess.run([renderer, "render", cast, os.path.join(HERE, "story.svg"), "-t", "gjm8", "-D", "4000"], check=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main(*sys.argv[1:])
