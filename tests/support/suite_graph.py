"""Runs groups of tests as a graph: each starts when those that it needs have passed and a processor core is free for it.

A group that compiles asks for all cores, one that computes for one, one that mostly waits for none. So the tests of real
clients, which wait for downloads and timeouts, run beside the compilers, which are started with a lower priority.
"""

import collections
import concurrent.futures
import contextlib
import dataclasses
import time
import traceback
from collections.abc import Callable

from suite_run import JOBS, Tally, seconds_since, stop_all


@dataclasses.dataclass(frozen=True)
class Group:
    name: str
    run: Callable[[str], Tally]  # takes the filter below the group's name, "" for all
    needs: tuple = ()
    cores: int = 0  # that it keeps busy
    budget_s: int = 0  # of processor time, which other groups do not change; more is reported, not failed
    filter: str = ""
    on_request: bool = False  # left out where no group is named


def with_needs(groups, wanted):
    """The wanted names and all that they need, in the order of `groups`."""
    by_name = {group.name: group for group in groups}
    found = set()

    def visit(name):
        if name not in found:
            found.add(name)
            for need in by_name[name].needs:
                visit(need)

    for name in wanted:
        visit(name)
    return [group for group in groups if group.name in found]


def run_graph(groups, report):
    """Runs the groups, calls report(group, tally, seconds) after each and returns the sum. Earlier groups start first."""
    total, waiting, running, ended = Tally(), collections.deque(groups), {}, {}
    free = JOBS
    with concurrent.futures.ThreadPoolExecutor(len(groups)) as pool, stopping_all():
        while waiting or running:
            for group in list(waiting):
                if any(need not in ended for need in group.needs) or (min(group.cores, JOBS) > free):
                    continue
                waiting.remove(group)
                free -= min(group.cores, JOBS)
                broken = [need for need in group.needs if ended[need].failed]
                running[pool.submit(run_group, group, broken)] = group, time.monotonic()
            done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            for future in done:
                group, started = running.pop(future)
                free += min(group.cores, JOBS)
                ended[group.name] = future.result()
                total.add(dataclasses.replace(ended[group.name], output="", shown=""))
                report(group, ended[group.name], seconds_since(started))
    return total


@contextlib.contextmanager
def stopping_all():
    """Ctrl-C and SIGTERM end what the groups have started; the pool would wait for it."""
    try:
        yield
    except BaseException:
        stop_all()
        raise


def run_group(group, broken):
    if broken:
        return Tally(failed=1, output=f"not run: {' and '.join(broken)} failed\n")
    try:
        return group.run(group.filter)
    except Exception:  # the other groups go on
        return Tally(failed=1, output=traceback.format_exc())
