"""python -m hfaudit ARG...: becomes the program."""

import os
import sys

from hfaudit import find_hfaudit_bin

if __name__ == "__main__":
    program = find_hfaudit_bin()
    os.execv(program, [program, *sys.argv[1:]])
