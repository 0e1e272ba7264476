"""What may be answered about a case, and the answers that follow from what is absent or wrong."""

from dataclasses import dataclass, field

C, S, I, X, U, P = "complete", "subset", "incomplete", "corrupt", "unknown", "in-progress"
GRAVITY = {C: 0, S: 1, P: 2, U: 3, I: 4, X: 5}
WRONG_CONTENT = frozenset(("truncated-file", "size-mismatch", "not-the-content", "lfs-pointer", "digest-mismatch", "shared-blob-broken"))
ABSENT = frozenset(("missing-file", "missing-shard", "dangling-entry", "incomplete-download"))


NO_WEIGHTS = {".gitattributes", "config.json", "tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "merges.txt", "model_index.json",
              "special_tokens_map.json", "added_tokens.json", "modules.json", "trainer_state.json", "params.json", "dataset_infos.json",
              "requirements.txt", "config_sentence_transformers.json"}


@dataclass
class Answer:
    """Of a scan or a verify. `must`: of each set one is raised. `named`: of each tuple of paths a finding names one. `soft`: a verdict better
    than unknown needs a warning beside it."""
    verdicts: set
    exits: set
    must: list = field(default_factory=list)
    never: set = field(default_factory=set)
    named: list = field(default_factory=list)
    soft: bool = False


@dataclass
class Expect:
    scan: Answer
    verify: Answer
    preflight: set
    loaders: list = field(default_factory=list)  # (loader, exit codes) of preflight --for
    full: set | None = None  # exit codes of preflight --check full
    not_said: tuple = ()  # by preflight
    said: tuple = ()  # by preflight
    repaired: bool | None = None  # by repair --offline: all of it; False: it cannot be; None: it may
    kept: tuple = ()  # paths that repair --offline must leave


def names(placed, file):
    """Its paths: a finding may name any of those that share its content."""
    return tuple(other.path for other in placed.repo.files.values() if other.etag == file.etag)


def both(answer, preflight, **more):
    """The same answer from scan and verify."""
    return Expect(answer, answer, preflight, **more)


def healthy(placed):
    """Nothing is wrong: of what was downloaded all is here."""
    repo, layout = placed.repo, placed.layout
    if any(not file.data and not placed.is_proven(file) for file in placed.here.values()) and repo.kind.startswith("empty"):
        return anything(placed)  # nothing says that an empty checkpoint has to be empty
    never = {"error", "warning"}
    loaded = not layout.filter or layout.filter in ("docs", "other formats", "all but one")
    left_out = len(placed.here) < len(repo.files)
    no_weights = repo.repo_type == "model" and (repo.weightless or layout.filter == "weights" and left_out)
    if no_weights and not (layout.tree and repo.weightless):
        never = {"error"} if starts(placed) or layout.filter else never
        verdicts, preflight = {S}, {1}
    elif left_out:
        verdicts, preflight = ({S} if layout.tree else {C, S}), {0}
    else:
        verdicts, preflight = {C}, {0}
    if repo.repo_type != "model":
        preflight = {0}
    if layout.filter == "weights" and left_out:
        verdicts, preflight = ({S} if layout.tree or repo.repo_type == "model" else {C, S}), preflight | {1}
        if repo.kind.startswith(("diffusers", "sentence", "static")) or any(file.gone in ("shard", "named", "open") for file in repo.files.values()):
            never, verdicts = set(), {C, S, I}  # an index without its shards: asked for by the repo itself
    if no_weights and not all(map(is_no_weight, placed.here.values())):
        verdicts, preflight = verdicts | {C}, preflight | {0}
    exits = {0} if I not in verdicts else {0, 1}
    if layout.locks == "deleted revision" and not layout.tree:
        never, exits, preflight, verdicts = never - {"warning"}, exits | {3}, preflight | {3}, verdicts | {U}
    if layout.locks != "none" and layout.client.locks == "blobs" and not layout.links:
        never = never - {"warning"}  # hf-hub 0.4.0 holds a lock by its mere existence, and these look the same
    if placed.is_local and placed.is_clone and not left_out:  # HEAD lists all that there is
        verdicts, preflight = {C}, {0}
    elif placed.is_local and not placed.is_recorded and no_header(placed):
        verdicts, exits, preflight = verdicts | {U}, exits | {3}, preflight | {3}
    if placed.is_local and repo.repo_type != "model":  # a folder does not say that it is a dataset
        verdicts, preflight, never = verdicts | {C, S, U}, {0, 1, 3}, {"error"}
        exits = exits | {3}
    loaders = []
    if loaded and not no_weights and layout.filter in ("", "docs"):
        loaders = [(loader, {1} if repo.other_repos else preflight) for loader in repo.loaders if not (repo.other_repos and placed.is_local)]
    if repo.weightless and "tokenizer" in repo.loaders and not layout.filter:
        loaders = [("tokenizer", {0, 3} if 3 in preflight else {0})]
    must = [frozenset(("missing-dependency",))] if repo.other_repos and not placed.is_local else []
    return both(Answer(verdicts, exits, must, never), preflight, loaders=loaders)


def no_header(placed):
    """Has none of the files a structure that shows it to be whole?"""
    return not any(file.name.endswith((".safetensors", ".gguf", ".index.json")) for file in placed.here.values())


def starts(placed):
    """Is a file here that a loader starts from?"""
    return any(path.rpartition("/")[2] in ("config.json", "adapter_config.json", "modules.json", "model_index.json")
               for path in placed.here)


def absent(placed, files):
    """Entry and content of these files are gone, and no partial, lock or dangling entry says that they were ever wanted."""
    repo, layout = placed.repo, placed.layout
    if placed.is_local and placed.is_clone:
        return both(Answer({I, S}, {0, 1}), {1, 3} if must_refuse(placed, files) else {0, 1, 3})
    before = healthy(placed)
    classes = {file.gone for file in files}
    if placed.is_local and placed.is_recorded:  # its record says that it was here
        found = Answer({I}, {1}, [ABSENT], named=[names(placed, files[0])])
        return both(found, {1, 3} if must_refuse(placed, files) else {0, 1})
    scan = Answer(set(), set(), never={"error"})
    expect = both(scan, set())
    # Judged from the files that are still here.
    named = [file for file in files if (file.gone == "named" or file.gone == "code" and layout.tree) and is_named(placed, file)]
    shards = [file for file in files if file.gone == "shard"]
    if layout.filter or "open" in classes or ("need" in classes and repo.kind == "scikit-learn"):
        return anything(placed)
    if named or (shards and any(related(file, other) for file in shards for other in placed.here.values())):
        scan.verdicts, scan.exits, scan.never, expect.preflight = {I}, {1}, set(), {1}
        scan.must = [ABSENT]
        scan.named = [names(placed, file) for file in named[:1] or shards[:1]]
        return expect
    if "shard" in classes or "sole" in classes or "need" in classes or has_no_weights_left(placed):
        hard = layout.tree or "need" in classes or "shard" in classes
        scan.verdicts, scan.exits = ({S, I}, {0, 1}) if hard else ({S}, {0})
        scan.never = set() if hard else {"error"}
        if "sole" in classes and starts(placed) and not any(file.lfs for file in placed.here.values()):
            scan.must = [ABSENT | {"missing-weights"}]
        expect.preflight = {1, 3}
        if not all(is_no_weight(file) for file in placed.here.values()):  # what is left may be the weights
            return both(Answer(scan.verdicts | {C}, {0, 1}), {0, 1, 3})
        return expect
    if "part" in classes:
        return anything(placed, {S, I} if layout.tree else {C, S, I})
    scan.verdicts = {S} if layout.tree else {S, C}
    scan.exits = {0}
    scan.never = {"error"}
    expect.preflight = set(before.preflight)
    if any(file.is_loader_json for file in files):
        expect.preflight |= {0, 1}
        scan.verdicts |= {I}
        scan.exits |= {1}
        scan.never = set()
    if any(file.gone == "code" and is_named(placed, file) for file in files):
        scan.must = [frozenset(("missing-code",))]
        scan.named = [(file.name,) for file in files if file.gone == "code"][:1]
        expect.loaders = [(repo.asks[file.path], {1}) for file in files if file.path in repo.asks][:1]
    if repo.weightless or not placed.here:
        return anything(placed)
    if U in before.scan.verdicts or placed.is_local:
        loosen(expect)
    return expect


def is_no_weight(file):
    """Known by its name to be no weights: config, tokenizer, code, text. A model.json or model.txt may be weights."""
    return file.name in NO_WEIGHTS or file.name.endswith((".index.json", "_config.json", ".md", ".py", ".png", ".html", ".jinja", ".yaml"))


def must_refuse(placed, gone):
    """Do absent files leave a loader without weights, or without what a manifest that is here names?"""
    here = placed.here.values()
    if any(file.gone == "named" and is_named(placed, file) or file.gone == "shard" and any(related(file, other) for other in here) for file in gone):
        return True
    return has_no_weights_left(placed)


def has_no_weights_left(placed):
    return placed.repo.repo_type == "model" and not placed.repo.weightless and all(map(is_no_weight, placed.here.values()))


def is_named(placed, file):
    """Is the manifest here that names the file, or its folder?"""
    folder, _, name = file.path.rpartition("/")
    words = [name.removesuffix(".py").encode(), folder.rpartition("/")[2].encode()]
    return any(word and word in other.data for word in words for other in placed.here.values() if other.name != "README.md")


def related(shard, other):
    """Does `other` show that `shard` should be here: an index, or a sibling with the same total?"""
    if other.path.endswith(".index.json") or ".index." in other.name:
        return shard.name.encode() in other.data
    return other.gone == "shard" and "-of-" in other.name and other.name.rpartition("-of-")[2] == shard.name.rpartition("-of-")[2]


def loosen(expect):
    """A newer lock of unknown origin allows `unknown`, too."""
    for answer in (expect.scan, expect.verify):
        answer.verdicts = answer.verdicts | {U}
        answer.exits = answer.exits | {3}
        answer.never = answer.never - {"warning"}
    expect.preflight = expect.preflight | {3}


def anything(placed, verdicts=None):
    """Only that there is an answer, and that verdict, findings and exit code agree."""
    return both(Answer(verdicts or {C, S, I, X, U}, {0, 1, 3}), {0, 1, 3})


def broken(placed, file, visible, proven=True, ids=WRONG_CONTENT, verdicts=frozenset((X, I))):
    """The content of a file is wrong. `visible`: a scan must see it; None: it must not. `proven`: a verify must see it."""
    before = healthy(placed)
    found = Answer(set(verdicts), {1}, [frozenset(ids)], named=[names(placed, file)])
    maybe = Answer(before.scan.verdicts | verdicts, {0, 1, 3})
    scan = {True: found, False: maybe, None: before.scan}[visible]
    verify = found if visible or proven else maybe
    preflight = {True: {1} if file.is_wanted else {0, 1}, False: {0, 1, 3}, None: before.preflight}[visible]
    elsewhere = placed.other_commits or any(other.data == file.data and other is not file for other in placed.here.values())
    return Expect(scan, verify, preflight, full={1} if verify is found and file.is_wanted else None,
                  repaired=False if visible and not elsewhere else None)


def no_orphans(placed):
    """What a download brought is not to be reclaimed; another orphan may be there."""
    return set() if "orphan blob" in placed.layout.extras else {"orphan-blob"}


def lost(placed, files, ids, repaired=True):
    """Content is here, and entries do not lead to it."""
    wanted = any(file.is_wanted for file in files)
    answer = Answer({I, X}, {1}, [frozenset(ids)], never=no_orphans(placed), named=[names(placed, files[0])])
    return both(answer, {1} if wanted else {0, 1}, repaired=repaired)
