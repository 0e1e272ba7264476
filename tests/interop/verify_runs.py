"""Builds the caches that test_verify looks at, damages copies of them, and asks hfaudit and the newest client."""

import os
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from audit_runs import PARALLEL, Outcome, run
from stage import applies, staged
from verify_cases import CASES, Cache

from clients import NEWEST, VERSIONS, Result, client

HEALTHY = ("finished", "killed_then_completed", "local_dir_finished", "main_moved", "no_links_finished",
           "shared_finished")
DAMAGED = ("0.23", "1.17", NEWEST)  # blobs' names alone, copies with nothing to go by, trees


def healthy_pairs():
    return [(version, name) for name in HEALTHY for version in VERSIONS if applies(name, version)]


def damaged_pairs():
    """The (version, case) pairs."""
    return [(version, name) for name, case in CASES.items() for version in DAMAGED
            if applies(case.scenario, version)]


def build(root):
    """Every cache once; they are only ever copied afterwards."""
    def one(pair):
        with staged(*pair, root):
            pass
    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(one, healthy_pairs()))


def made(root, version, scenario):
    """One of them: not to be changed."""
    return Cache(os.path.join(root, version, scenario), scenario)


def hfaudit(command, cache, asked=None, hub=None):
    """One run; with a Hub, --online. A --local-dir does not say of which repo it is."""
    named = asked or (hub and cache.local)
    repo = [cache.repo_id + (f"@{asked}" if asked else "")] if named else []
    where = ["--local-dir", cache.local] if cache.local else ["--hf-home", cache.home]
    online = ["--online"] if hub else []
    return run(command, "--format", "json", *where, *online, *repo, home=cache.home, hub=hub)


def ask_client(cache, hub, commit=None):
    """`hf cache verify` of the newest client."""
    options = ["--revision", commit] if commit else []
    if cache.local:
        options += ["--local-dir", cache.local]
    return client(NEWEST).cache_verify(hub, cache.home, cache.repo_id, *options)


def named_by_client(judged):
    """The files that it found wrong."""
    return set(re.findall(r"(?m)^ +- (\S+): expected ", judged.stdout))


@dataclass
class Answers:
    """What was said of one damaged cache."""

    place: str = None  # of the damaged file, as findings name it
    scan: Outcome = None
    offline: Outcome = None
    online: Outcome = None
    client: Result = None  # None: it was not asked
    error: BaseException = None


def damage_and_ask(root, hub, pair):
    version, name = pair
    case = CASES[name]
    answers = Answers()
    try:
        cache = made(root, version, case.scenario).copy(tempfile.mkdtemp(dir=root))
        file = cache.file(case.path, case.commit)
        in_snapshot = cache.place(case.path, case.commit)
        answers.place = os.path.relpath(file, cache.home) if case.place == "blob" else in_snapshot
        case.damage(file, cache)
        if case.then:
            case.then(cache)
        answers.scan = hfaudit("scan", cache, case.asked)
        answers.offline = hfaudit("verify", cache, case.asked)
        answers.online = hfaudit("verify", cache, case.asked, hub)
        if version == NEWEST and not case.no_judge:  # once a case: these processes cost the most
            answers.client = ask_client(cache, hub, case.commit)
    except Exception as error:  # one broken case must not hide the others
        answers.error = error
    return answers


def damage_all(root, hub):
    """All answers by (version, case)."""
    pairs = damaged_pairs()
    with ThreadPoolExecutor(PARALLEL) as pool:
        return dict(zip(pairs, pool.map(lambda pair: damage_and_ask(root, hub, pair), pairs)))
