"""Caches as real clients leave them: downloads that end well, are killed, raced, or still run.

As a program it builds every scenario and keeps the homes, for a look by eye:

    python3 scenarios.py --homes DIR [--listings DIR] [--only finished,killed] [VERSION...]
"""

import argparse
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

from stage import (
    MIB, SCENARIOS, applies, finished_files, listing, partial_bytes, scenario, settle, six, staged,
)

from clients import VERSIONS, wait_until  # after stage, which finds the way to it
from hub import barrier, silent, throttle

import scenarios_layout  # noqa: F401, E402  registers its own
import scenarios_shared  # noqa: F401, E402

THIRD = "*-00003-of-*"


def third_held():
    """A fault that lets one MiB of the third shard through."""
    return barrier("third", MIB, path=THIRD)


@scenario()
def finished(stage):
    with stage.hub(six()) as hub:
        stage.download(hub)
    yield


@scenario()
def killed(stage):
    """Everything is there but the second half of one shard."""
    with stage.hub(six(), faults=[third_held()]) as hub:
        stage.kill_at_barrier(hub, "third", MIB)
    yield


@scenario()
def killed_first_shard(stage):
    """One worker, killed in its first shard: no index is there that could name what is missing."""
    with stage.hub(six(), faults=[barrier("first", MIB, path="*-00001-of-*")]) as hub:
        stage.kill_at_barrier(hub, "first", MIB, done=4, max_workers=1)
    yield


@scenario(since="0.23")
def killed_before_first_write(stage):
    """The client's own buffer of 10 MiB: all partials are there, and empty."""
    with stage.hub(six(), faults=[barrier("shards", MIB, path="*.safetensors")]) as hub:
        running = stage.start(hub, step=None)
        hub.wait_held("shards", 6)
        blobs = os.path.join(stage.home, "hub", six().folder, "blobs")
        wait_until(
            lambda: sum(name.endswith(".incomplete") for name in os.listdir(blobs)) >= 6,
            "six partials", 30,
        )
        settle(stage.home)
        running.kill()
    yield


@scenario()
def killed_then_completed(stage):
    with stage.hub(six(), faults=[third_held()]) as hub:
        stage.kill_at_barrier(hub, "third", MIB)
    with stage.hub(six()) as hub:
        stage.download(hub)
    yield


@scenario()
def killed_twice(stage):
    """Killed, tried again, killed again: clients that never resume leave two partials of one blob,
    the others go on where the first one stopped."""
    for partial in (MIB // 2, MIB):
        with stage.hub(six(), faults=[barrier("third", MIB // 2, path=THIRD)]) as hub:
            stage.kill_at_barrier(hub, "third", partial)
    yield


@scenario()
def killed_by_bytes(stage):
    """Killed at a moment that nobody chose: what is half done differs from run to run, and some
    shard is always missing. Between a blob and its entry, for one, there is a moment, too."""
    with stage.hub(six(), faults=[throttle(2 * MIB, path="*.safetensors")]) as hub:
        stage.start(hub).kill_after(random.randrange(MIB, 11 * MIB))
    yield


@scenario(since="0.23")
def killed_in_small_text(stage):
    """Killed in the middle of a text file that the Hub compresses, then started again. The Hub ignores
    the Range of such a file; old clients append the whole file to their partial and fail (mended in 1.5,
    and in 0.36.2)."""
    path = "tokenizer.json"
    with stage.hub(six(), faults=[barrier("text", 20000, path=path)]) as hub:
        stage.kill_at_barrier(hub, "text", 1, step=16 << 10)
    with stage.hub(six()) as hub:
        result = stage.start(hub).wait()
    assert bool(result.exit_code) != stage.client.at_least("0.36"), result
    yield


@scenario()
def killed_before_first_file(stage):
    """The Hub has listed the repo and says nothing more: a download that never got going."""
    with stage.hub(six(), faults=[silent(on="head")]) as hub:
        running = stage.start(hub)
        wait_until(lambda: hub.requests(method="HEAD"), "a HEAD request")
        running.kill()
    yield


@scenario()
def raced(stage):
    """Two processes want the same repo at the same time."""
    with stage.hub(six(), faults=[third_held()]) as hub:
        one = stage.start(hub)
        hub.wait_held("third")
        two = stage.start(hub)
        wait_until(lambda: len(hub.requests(path="/api/*/revision/*")) >= 2, "a second client")
        time.sleep(0.5)  # let it run into the lock; nothing depends on it
        hub.release("third")
        one.wait().must()
        two.wait().must()
    yield


@scenario()
def raced_one_killed(stage):
    """The one that holds the lock dies, the one that waits for it completes."""
    with stage.hub(six(), faults=[third_held()]) as hub:
        one = stage.start(hub)
        hub.wait_held("third")
        two = stage.start(hub)
        wait_until(lambda: len(hub.requests(path="/api/*/revision/*")) >= 2, "a second client")
        wait_until(lambda: partial_bytes(stage.home) >= MIB, "a partial")
        one.kill()
        hub.release("third")
        two.wait().must()
    yield


@scenario()
def story_partials(stage):
    """The story: every shard was in flight, one made it, five are partial, then the power went."""
    fault = barrier("shards", MIB, path="*-0000[2-6]-of-*")
    with stage.hub(six(), faults=[fault]) as hub:
        stage.kill_at_barrier(hub, "shards", 5 * MIB, held=5)
    yield


@scenario()
def json_only(stage):
    """Only JSON was asked for, the index among it: it names six shards that are not there."""
    with stage.hub(six()) as hub:
        stage.download(hub, allow_patterns=["*.json"])
    yield


@scenario()
def in_progress(stage):
    """The client is alive, and in the middle of a shard, while the cache is looked at."""
    with stage.hub(six(), faults=[third_held()]) as hub:
        running = stage.start(hub)
        hub.wait_held("third")
        wait_until(lambda: finished_files(stage.home) == 13, "all other files")
        wait_until(lambda: partial_bytes(stage.home) == MIB, "half a shard")
        settle(stage.home)
        yield
        hub.release("third")
        running.wait().must()


def build(version, name, homes, listings=None):
    """Builds one scenario and leaves it where it is."""
    began = time.monotonic()
    with staged(version, name, homes) as stage:
        if listings:
            folder = os.path.join(listings, version)
            os.makedirs(folder, exist_ok=True)
            roots = [stage.home] + ([stage.local] if stage.local_used else [])
            with open(os.path.join(folder, name + ".txt"), "w") as file:
                file.write(listing(*roots))
    return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description="Builds caches with real clients.")
    parser.add_argument("--homes", required=True)
    parser.add_argument("--listings")
    parser.add_argument("--only")
    parser.add_argument("versions", nargs="*", default=list(VERSIONS))
    options = parser.parse_args()
    names = options.only.split(",") if options.only else list(SCENARIOS)
    todo = [(v, n) for n in names for v in options.versions if applies(n, v)]
    with ThreadPoolExecutor(6) as pool:
        jobs = [(v, n, pool.submit(build, v, n, options.homes, options.listings)) for v, n in todo]
        for version, name, job in jobs:
            error = job.exception()
            print(f"{version:5} {name:28}", error or f"{job.result():.1f} s", flush=True)


if __name__ == "__main__":
    main()
