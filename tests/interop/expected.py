"""What hfaudit must say about every scenario: one table.

A row gives the verdict of the repos, the finding ids that must be raised, and those that may be. Any
other finding fails the test, whatever its severity; the exit code follows from what was raised. Where clients
of different ages leave different things behind, a row holds from the version that it names on.
"""

from dataclasses import dataclass, replace

from clients import numbers

# Severities above info, as far as these scenarios can raise them (the contract has them all).
ERRORS = {
    "incomplete-download", "dangling-entry", "missing-file", "missing-shard", "size-mismatch",
    "truncated-file", "nothing-here", "shared-blob-broken", "lost-link",
}
ANYWHERE = {"idle-lock"}  # every flock client leaves its lock files, one of them at least when killed


@dataclass(frozen=True)
class Row:
    verdicts: tuple  # of all repos: one of these
    must: frozenset
    may: frozenset
    revisions: tuple = None  # the verdicts of all revisions, sorted, where it matters

    def unexpected(self, ids):
        return set(ids) - self.must - self.may - ANYWHERE


def exit_code(ids):
    """The exit code that goes with these findings."""
    return 1 if set(ids) & ERRORS else 0


def row(verdict, must=(), may=(), revisions=None):
    verdicts = (verdict,) if isinstance(verdict, str) else verdict
    return Row(tuple(verdicts), frozenset(must), frozenset(may), revisions)


# A partial says that something is absent; so do an index, the siblings' numbers and a cached tree.
ALSO_MISSING = {"missing-shard", "missing-file"}

COMPLETE = row("complete")
KILLED = row("incomplete", {"incomplete-download"}, ALSO_MISSING)
# Before 0.23 a partial has no name: of two for one blob, one is nobody's.
KILLED_NAMELESS = row("incomplete", (), ALSO_MISSING | {"incomplete-download", "unattributed-download", "orphan-partial"})
# Killed before its index arrived: nothing but the config speaks of weights.
KILLED_EARLY = row("incomplete", {"incomplete-download"}, ALSO_MISSING | {"missing-weights"})
# Since 1.18 a partial is never taken up again: what a later run completed leaves it behind.
# Neither was one before 0.23, which had no name.
COMPLETED = {"0.13": row("complete", {"orphan-partial"}), "0.23": COMPLETE, "1.18": row("complete", {"orphan-partial"})}

EXPECTED = {
    "finished": COMPLETE,
    "killed": KILLED,
    "killed_first_shard": KILLED_EARLY,
    "killed_before_first_write": KILLED_EARLY,
    # A client before 1.22 leaves a ref and nothing else, which is also what every --local-dir download
    # leaves in the cache: on disk the two are the same. Since 1.22 the tree is there before the ref.
    "killed_before_first_file": {
        "0.13": row(("incomplete", "unknown"), may={"nothing-here", "ref-dangling"}),
        "1.22": row("incomplete", {"nothing-here"}, ALSO_MISSING),
    },
    "killed_then_completed": COMPLETED,
    "killed_twice": {"0.13": KILLED_NAMELESS, "0.23": KILLED},
    # Nobody chose the moment: a blob may lie there without its entry, a temporary file may be left.
    "killed_by_bytes": {"0.13": row(
        ("incomplete", "complete"), (),
        ALSO_MISSING | {"incomplete-download", "missing-weights", "orphan-blob", "orphan-partial", "unattributed-download"},
    ), "0.23": row(
        "incomplete", {"incomplete-download"},
        ALSO_MISSING | {"missing-weights", "orphan-blob", "temp-debris", "unattributed-download"},
    )},
    # Before 0.36.2 and 1.5 the second run fails, and leaves a partial that is longer than its file.
    "killed_in_small_text": {"0.23": KILLED, "0.36": COMPLETE, "1.18": COMPLETED["1.18"]},
    "raced": COMPLETE,
    "raced_one_killed": COMPLETED,
    "story_partials": {"0.13": KILLED_NAMELESS, "0.23": KILLED},
    "json_only": row("incomplete", {"missing-shard"}, {"missing-file"}),
    "in_progress": row("in-progress", {"download-in-progress"}),
    # other shapes
    "formats": COMPLETE,
    "paged_tree": COMPLETE,
    "xet_hashes_in_tree": COMPLETE,
    "dataset_finished": COMPLETE,
    "dataset_killed": KILLED,
    "by_commit": row("complete", may={"detached-revision"}),
    "by_branch_tag_pull": COMPLETE,
    "main_moved": row("complete", {"detached-revision"}, revisions=("complete", "complete")),
    "main_moved_then_killed": row(
        "incomplete", {"incomplete-download", "detached-revision"}, ALSO_MISSING,
        revisions=("complete", "incomplete"),
    ),
    # The tree of 1.22 and later tells that the repo has more than was asked for.
    "include_one_gguf": {"0.13": COMPLETE, "1.22": row("subset")},
    "config_only": row("subset", may={"missing-weights"}),
    "probe_missing_file": row(("unknown", "subset", "complete"), {"ref-dangling"}),
    "probe_and_finished": COMPLETE,
    "no_links_finished": COMPLETE,
    "no_links_killed": KILLED,
    "local_dir_finished": COMPLETE,
    "local_dir_killed": KILLED,
    # Before 0.23 the cache holds all blobs and an empty snapshot: what a copy without links looks like.
    "local_dir_leaves_a_ref": {
        "0.13": row("incomplete", {"lost-link"}),
        "0.23": row(
            ("incomplete", "unknown", "subset", "complete"), may={"nothing-here", "ref-dangling"}
        ),
    },
    "local_dir_killed_then_completed": COMPLETED,
    # the shared store
    "shared_finished": COMPLETE,
    "shared_by_two_repos": COMPLETE,
    "shared_payload_removed": row(
        "incomplete", {"shared-blob-broken"}, ALSO_MISSING | {"dangling-entry"}
    ),
    "shared_payload_truncated": row(
        "corrupt", {"shared-blob-broken"}, {"size-mismatch", "truncated-file"}
    ),
}


def expected(name, version):
    """The row that holds for a scenario of this client."""
    found = EXPECTED[name]
    if not isinstance(found, Row):
        found = [rule for since, rule in found.items() if numbers(since) <= numbers(version)][-1]
    if numbers(version) >= (0, 17):
        return found
    # The locks lie beside the blobs, where hf-hub 0.4 takes any lock for one that is held.
    return replace(found, may=found.may | {"stale-lock"})
