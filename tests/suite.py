"""Everything that `./bootstrap test` runs. The last line is the sum of all single tests.

    ./bootstrap test                     all groups
    ./bootstrap test unit contract       these groups, and the builds that they need
    ./bootstrap test cli:pull unit:tree  only tests with that in their name (of unit: or in that of their file), in the quick
                                         build `dev`; `cli-asan:pull` in the build of that group
    ./bootstrap test --list              the groups

Groups run side by side as far as cores allow (support/suite_graph.py). A group that fails prints its output and the others go
on. Logs stay in build/test-logs.
"""

import os
import signal
import sys
import time

TESTS = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(TESTS, "support"))

from suite_graph import Group, run_graph, with_needs  # noqa: E402
from suite_programs import build, environments, fixtures, python_tests, unit_tests  # noqa: E402
from suite_run import JOBS, LOGS, ROOT, seconds_since  # noqa: E402
from suite_text import LINTER, each_file_alone, formatting, lint, manual, shell  # noqa: E402

MOST_LINES = 400  # of a failed group's output
# Each command once. Unit tests and fixtures search for leaks in all that they run.
LEAKS = r"test_(cli_reports|export|html|lock|metrics|preflight|pull|repair|since|sources|verify|watch)\."
THREADED = "test_(pull|verify|online|watch|repair_all)"  # command line tests of what has more threads than a scan


def cli(preset, names="", **more):
    """They mostly wait, so several at once."""
    return lambda only: python_tests("cli", preset, only, names=names, processes=4 * JOBS, alone=12, **more)


# The order is that in which groups that wait for a core get one. Each line is known to ./bootstrap, too.
GROUPS = [
    Group("environments", lambda _: environments(LINTER)),
    Group("build-release", lambda _: build("release"), cores=JOBS, budget_s=380),
    Group("interop", lambda only: python_tests("interop", "release", only, show=True, processes=JOBS + 1),
          needs=("build-release", "environments"), budget_s=480),
    Group("unit", lambda only: unit_tests("release", only), needs=("build-release",), cores=1, budget_s=30),
    Group("fixtures", lambda only: fixtures("release", only), needs=("build-release",), cores=1, budget_s=20),
    Group("contract", lambda only: python_tests("contract", "release", only, processes=JOBS), needs=("build-release",),
          budget_s=50),
    Group("cli", cli("release"), needs=("build-release",), budget_s=280),
    Group("oracle", lambda only: python_tests("oracle", "release", only, show=True), needs=("build-release",), budget_s=30),
    Group("build-asan", lambda _: build("asan"), cores=JOBS, budget_s=310),
    Group("unit-asan", lambda only: unit_tests("asan", only), needs=("build-asan",), cores=1, budget_s=150),
    Group("fixtures-asan", lambda only: fixtures("asan", only), needs=("build-asan",), cores=1, budget_s=90),
    Group("cli-asan", cli("asan", leaks=LEAKS), needs=("build-asan", "build-release"), budget_s=340),
    Group("build-tsan", lambda _: build("tsan"), cores=JOBS, budget_s=190),
    Group("unit-tsan", lambda only: unit_tests("tsan", only), needs=("build-tsan",), cores=1, budget_s=40),
    Group("fixtures-tsan", lambda only: fixtures("tsan", only, every=4), needs=("build-tsan",), cores=1, budget_s=35),
    Group("cli-tsan", cli("tsan", names=THREADED), needs=("build-tsan", "build-release"), budget_s=250),
    Group("build-static", lambda _: build("static", "hfaudit_cli", testing=False), cores=JOBS,
          needs=("build-release",), budget_s=80),
    Group("static", lambda only: python_tests("static", "static", only, show=True), needs=("build-static",), budget_s=15),
    Group("lint", lambda _: lint(), needs=("build-release", "environments"), cores=JOBS, budget_s=110),
    Group("headers", lambda _: each_file_alone(), cores=JOBS, budget_s=180),
    Group("format", lambda _: formatting(), cores=1, budget_s=5),
    Group("shell", lambda _: shell(), cores=1, budget_s=2),
    Group("man", lambda _: manual(), budget_s=1),
]

# What a filtered group needs of the build `dev`, and how it runs there.
QUICK = {
    "unit": (("hfaudit_unit",), lambda only: unit_tests("dev", only)),
    "fixtures": (("hfaudit_fixture_judge",), lambda only: fixtures("dev", only)),
    "cli": (("hfaudit_cli", "hfaudit_options", "hfaudit_fixture", "hfaudit_probes", "hfaudit_fault_injector"), lambda only: cli("dev")(only)),
    "oracle": (("hfaudit_cli", "hfaudit_fixture"), lambda only: python_tests("oracle", "dev", only, show=True)),
    "interop": (("hfaudit_cli", "hfaudit_fixture"), lambda only: python_tests("interop", "dev", only, show=True)),
}


def report(group, tally, seconds):
    name = group.name + (":" + group.filter if group.filter else "")
    with open(os.path.join(LOGS, group.name + ".log"), "w", encoding="utf-8") as file:
        file.write(tally.output)
    if tally.failed:
        lines = tally.output.splitlines()
        if len(lines) > MOST_LINES:
            print(f"… {len(lines) - MOST_LINES} lines left out, see {os.path.relpath(LOGS, ROOT)}/{group.name}.log")
        print("\n".join(lines[-MOST_LINES:]))
    elif tally.shown:
        print(tally.shown, end="")
    skipped = f", {tally.skipped} skipped" if tally.skipped else ""
    budget = f" of {group.budget_s}" if group.budget_s else ""
    over = ", over budget" if group.budget_s and tally.processor_s > group.budget_s else ""
    print(f"{'FAILED' if tally.failed else 'ok':6} {name:14} {tally.passed} passed, {tally.failed} failed{skipped}"
          f" ({seconds:.1f} s, {tally.processor_s:.1f}{budget} s of processor{over})", flush=True)


def select(words):
    """The groups that the command line names, with what they need. ValueError: a name is unknown or takes no filter."""
    known = {group.name: group for group in GROUPS}
    plain, quick, targets = [], [], []
    for word in words:
        name, _, only = word.partition(":")
        if name not in known:
            raise ValueError(f"no such group: {name}; there are: {' '.join(known)}")
        if not only:
            plain.append(name)
        elif name in QUICK:
            targets += QUICK[name][0]
            quick.append(Group(name, QUICK[name][1], ("build-dev",), filter=only))
        elif name.partition("-")[0] in (*QUICK, "contract", "static"):
            plain += known[name].needs
            quick.append(Group(name, known[name].run, known[name].needs, filter=only))
        else:
            raise ValueError(f"{name} takes no filter")
    chosen = with_needs(GROUPS, plain or ([] if quick else known))
    if targets or any("build-dev" in group.needs for group in quick):
        chosen.append(Group("build-dev", lambda _: build("dev", *dict.fromkeys(targets))))
    return chosen + quick


def main(words):
    sys.stdout.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if words == ["--list"]:
        print("\n".join(group.name for group in GROUPS))
        return 0
    try:
        groups = select(words)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    os.makedirs(LOGS, exist_ok=True)
    started = time.monotonic()
    total = run_graph(groups, report)
    if total.skipped:
        print(f"skipped, see above: {total.skipped}")
    print(f"{seconds_since(started):.0f} s, {total.processor_s:.0f} s of processor")
    print(f"{total.passed} passed, {total.failed} failed")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
