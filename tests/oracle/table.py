"""Tables: the kinds, and what is said of each kind of healthy repo."""

import os
import shutil
import tempfile
import time

import damage
import healthy
import judge
from cases import Case


def kinds():
    lines = [f"{len(healthy.KINDS)} kinds of repos:", *(f"  {name}" for name in healthy.KINDS)]
    lines += [f"{len(damage.KINDS)} kinds of damage:"]
    return "\n".join(lines + [f"  {name}{' (alone)' if name in damage.ALONE else ''}" for name in damage.KINDS])


def whole(number, name, layouts):
    """Seeds of layouts in which nothing was left out, and where something says so of a repo without weights."""
    found = []
    for seed in range(1000 * number, 1000 * number + 1000):
        with tempfile.TemporaryDirectory(prefix="hfaudit-oracle-") as top:
            home = os.path.join(top, "home")
            os.makedirs(os.path.join(home, "hub"))
            placed = Case(seed, "", name).build(home, time.time()).placed
        if not placed.layout.filter and (not placed.repo.weightless or placed.layout.tree):
            found.append(seed)
        if len(found) == layouts:
            break
    return found


def healthy_table(binary, layouts=6):
    """Each kind in several layouts, downloaded as a whole: how many were answered right by each command."""
    rows, right = ["| kind of healthy repo | scan | verify | preflight |", "|---|---|---|---|"], True
    for number, name in enumerate(healthy.KINDS):
        counts = {"scan": 0, "verify": 0, "preflight": 0}
        for seed in whole(number, name, layouts):
            top = tempfile.mkdtemp(prefix="hfaudit-oracle-")
            try:
                home = os.path.join(top, "home")
                os.makedirs(os.path.join(home, "hub"))
                case = Case(seed, "", name).build(home, time.time())
                wrong = {command.split()[0] for command, _ in judge.ask(judge.Program(binary, home), case)}
            finally:
                shutil.rmtree(top, ignore_errors=True)
            for command in counts:
                counts[command] += command not in wrong
        right = right and all(count == layouts for count in counts.values())
        rows.append(f"| {name} | " + " | ".join(f"{count} of {layouts}" for count in counts.values()) + " |")
    return "\n".join(rows), right
