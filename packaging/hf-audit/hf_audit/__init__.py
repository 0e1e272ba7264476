"""The program behind `hf audit`: becomes hfaudit, with `scan` where no command is named."""

import os
import sys

from hfaudit import find_hfaudit_bin


def main() -> None:
    words = sys.argv[1:] or ["scan"]
    program = find_hfaudit_bin()
    os.execv(program, [program, *words])
