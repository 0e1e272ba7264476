"""python3 -m tests.oracle: see README.md."""

import argparse
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import run  # noqa: E402
import table  # noqa: E402
from cases import Case  # noqa: E402


def main():
    words = argparse.ArgumentParser(prog="python3 -m tests.oracle", description="Healthy and damaged caches with known answers")
    words.add_argument("--hfaudit", default=os.environ.get("HFAUDIT", "build/dev/tools/hfaudit"), help="the program")
    words.add_argument("--cases", type=int, default=300)
    words.add_argument("--first", type=int, help="seed of the first case; random without it")
    words.add_argument("--seed", type=int, help="only this case")
    words.add_argument("--keep", metavar="DIR", help="with --seed: build it here, and leave it")
    words.add_argument("--damage", help="only this kind of damage; '' for none")
    words.add_argument("--kind", help="only this kind of repo")
    words.add_argument("--jobs", type=int, default=os.cpu_count())
    words.add_argument("--most", type=int, default=3, help="cases to print of each wrong answer")
    words.add_argument("--json", metavar="FILE", help="write the wrong answers to FILE")
    words.add_argument("--list", action="store_true", help="the kinds of repos and damage")
    words.add_argument("--table", action="store_true", help="kinds of healthy repos x scan, verify, preflight")
    asked = words.parse_args()
    if asked.list:
        print(table.kinds())
        return 0
    if asked.table:
        text, right = table.healthy_table(os.path.abspath(asked.hfaudit))
        print(text)
        return 0 if right else 1
    if asked.keep:
        case = Case(asked.seed, asked.damage, asked.kind)
        home = run.keep(case, asked.keep)
        print(run.explain(case))
        print(f"HF_HOME={home}")
        return 0
    first = asked.first if asked.first is not None else int.from_bytes(os.urandom(4), "big")
    seeds = [asked.seed] if asked.seed is not None else range(first, first + asked.cases)
    started = time.monotonic()
    oracle = run.Oracle(os.path.abspath(asked.hfaudit)).run([Case(seed, asked.damage, asked.kind) for seed in seeds], asked.jobs)
    print(run.summary(oracle, asked.most))
    print(f"seeds from {seeds[0]}, {time.monotonic() - started:.0f} s; rebuild one: python3 -m tests.oracle --seed N --keep DIR")
    if asked.json:
        with open(asked.json, "w", encoding="utf-8") as file:
            file.write(run.as_json(oracle))
    return 1 if oracle.wrong or oracle.lacking else 0


if __name__ == "__main__":
    sys.exit(main())
