"""The table of options as hfaudit-options prints it, and what a command gets of its words, variables and config.toml."""

import os
import subprocess
from dataclasses import dataclass

from cli_case import HFAUDIT, CliCase

PROGRAM = os.path.join(os.path.dirname(HFAUDIT), "hfaudit-options")
TEXTS = ("v1", "1/2", "locks", "7,9", "dataset", "https://a.example")  # one of them is a value of any option of text


@dataclass(frozen=True)
class Row:
    command: str
    name: str
    kind: str
    choices: str
    initial: str
    example: str
    least: str
    most: str
    repeatable: str
    separator: str
    excludes: str
    variable: str
    key: str
    setting: str
    location: str

    def samples(self):
        """Texts that may be values of the option, none of them its default."""
        if self.kind == "flag":
            return ["true"]
        if self.choices:
            return [choice for choice in self.choices.split("|") if choice != self.initial]
        if self.kind == "number":
            return [str(int(self.least) + 2)]
        return {"bytes": ["5M"], "duration": ["95s"], "text": TEXTS}.get(self.kind, ["some-name"])


def toml(value):
    return "'" + value + "'"


class SettingsCase(CliCase):
    def setUp(self):
        super().setUp()
        if not os.path.exists(PROGRAM):
            self.skipTest("there is no hfaudit-options beside the program")
        self.config = os.path.join(self.scratch, ".config", "hfaudit", "config.toml")

    def options(self, *words, env=None):
        return subprocess.run([PROGRAM, *words], env=self.environment(**(env or {})), cwd=self.scratch, check=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=60).stdout.decode()

    def table(self):
        return [Row(*line.split("\t")) for line in self.options("--table").splitlines()]

    def settings(self):
        return [row for row in self.table() if row.setting == "setting"]

    def arguments(self, *words, env=None):
        return sorted(self.options("--arguments", *words, env=env).splitlines())

    def configure(self, text, mode=0o600):
        self.write(self.config, text.encode())
        os.chmod(self.config, mode)
