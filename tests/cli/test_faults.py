"""Every system call of every command fails once, with every error: what could not be read is never called absent or damaged,
exit code 0 never hides anything, nothing good is lost, and no action is called done that was not.

The suite runs a fixed sample, a third of it under sanitizers. HFAUDIT_LONG=1 runs all: tens of thousands of runs, about an hour on two cores.
HFAUDIT_FAULTS="TARGET CALL ERROR MODE AT" (each may be *) runs what it names.
"""

import collections
import concurrent.futures
import fnmatch
import os
import re
import shutil
import subprocess
import unittest

from cli_case import SANITIZED
from repair_case import RepairCase, damage_all, overwrite, write
from fault_sweep import ERRORS, INJECTOR, LOOKING, MODES, ArchiveTarget, Fault, Target, contents
from hub import make_model
from system import as_user

LONG = bool(os.environ.get("HFAUDIT_LONG"))
CHOSEN = os.environ.get("HFAUDIT_FAULTS", "").split()
SIX = make_model("acme/six", shards=3, shard_size=300_000)
SMALL = make_model("acme/small", shards=1, shard_size=20_000)
READS, WRITES = (*ERRORS[:5], "ENOMEM", "EINTR"), ERRORS
OTHER = 54_377  # a user without a name
HUB = ("--waits", "0.02", "--max-attempts", "2", "--timeout", "20")


def move_to_store(hub, folder):
    """A repo's blobs become payloads of the newest client's shared store."""
    blobs = os.path.join(hub, folder, "blobs")
    for name in os.listdir(blobs):
        payload = (name * 2)[:64]
        place = os.path.join(hub, "blobs", payload[:2])
        os.makedirs(place, exist_ok=True)
        os.rename(os.path.join(blobs, name), os.path.join(place, payload))
        os.symlink(f"../../blobs/{payload[:2]}/{payload}", os.path.join(blobs, name))
    with open(os.path.join(hub, "blobs", ".huggingface-shared-blobs"), "w", encoding="ascii") as file:
        file.write("1\n")


def chosen(name, fault):
    wanted = (*CHOSEN, "*", "*", "*", "*", "*")
    return all(fnmatch.fnmatchcase(word, pattern) for word, pattern in
               zip((name, fault.call, fault.error, fault.mode, str(fault.at)), wanted))


def all_faults(target):
    """Each call of each kind with each error; what fails besides the first call varies."""
    for call, count in sorted(target.count().items()):
        for error in READS if call in LOOKING else WRITES:
            for mode in ("once",) if error == "EINTR" else MODES:
                for at in range(1, count + 1):
                    yield Fault(call, error, at, mode)


def sampled(faults, number):
    """Always the same ones, spread over calls, errors and modes."""
    faults = list(faults)
    step = max(1, len(faults) // number)
    return faults[step // 2::step | 1]


@unittest.skipUnless(os.path.exists(INJECTOR), "HFAUDIT_BUILD names no build with the fault injector")
class Faults(RepairCase):
    def setUp(self):
        super().setUp()
        self.served = self.hub(SIX, SMALL)
        self.healthy, self.damaged, self.empty = (os.path.join(self.scratch, name) for name in ("healthy", "damaged", "empty"))
        self.home = self.healthy
        os.makedirs(self.healthy)
        self.pull(self.served, "acme/six", "acme/small")
        shutil.copytree(self.healthy, self.damaged, symlinks=True)
        self.home = self.damaged
        damage_all(self, SIX)
        os.makedirs(os.path.join(self.empty, "hub"))
        names = [path for path in SIX.head.files if path.endswith((".safetensors", "config.json", "tokenizer.json"))]
        self.hurt = names + [SIX.head.files[path].etag for path in names]

    def target(self, name, master, *arguments, served=None, **more):
        environment = self.settings(served or self.served, XDG_STATE_HOME=os.path.join(self.scratch, "state"))
        return Target(name, master, [*arguments, "--format", "json"], environment, self.scratch,
                      hurt=() if "healthy" in name else self.hurt, **more)

    def blobs(self, repo, but=()):
        return [f"hub/{repo.folder}/blobs/{file.etag}" for path, file in repo.head.files.items() if path not in but]

    def looking(self):
        for name, cache in (("healthy", self.healthy), ("damaged", self.damaged)):
            yield self.target(f"scan-{name}", cache, "scan")
            yield self.target(f"scan-one-{name}", cache, "scan", "acme/six")
            yield self.target(f"verify-{name}", cache, "verify")
            yield self.target(f"preflight-{name}", cache, "preflight", "acme/six")
            yield self.target(f"preflight-full-{name}", cache, "preflight", "--check", "full", "acme/six")

    def exporting(self):
        shared = os.path.join(self.scratch, "in-store")
        shutil.copytree(self.healthy, shared, symlinks=True)
        move_to_store(os.path.join(shared, "hub"), SMALL.folder)
        for name, cache, repos in (("healthy", self.healthy, ("acme/six", "acme/small")), ("store", shared, ("acme/small",))):
            yield ArchiveTarget(f"export-{name}", cache, ["export", *repos], self.settings(self.served), self.scratch)

    def changing(self):
        bad = [path for path in SIX.head.files if path.endswith(".safetensors") or path in (
            "README.md", "tokenizer.json")]
        sound = [*self.blobs(SMALL), *self.blobs(SIX, but=bad)]
        settle = ["verify", "--format", "json"]
        yield self.target("repair-healthy", self.healthy, "repair", "--verify", *HUB, settle=settle,
                          good=self.blobs(SIX) + self.blobs(SMALL))
        yield self.target("repair-damaged", self.damaged, "repair", "--verify", *HUB, settle=settle, good=sound)
        yield self.target("pull-damaged", self.damaged, "pull", "acme/six", *HUB, settle=settle, good=sound)
        yield self.target("pull-empty", self.empty, "pull", "acme/small", *HUB, settle=settle)
        yield self.target("pull-from", self.empty, "pull", "acme/small", "--from", self.healthy, *HUB, settle=settle)
        yield self.target("pull-offline", self.empty, "pull", "acme/small", "--offline", "--from", self.healthy, settle=settle)
        yield self.target("pull-complete", self.healthy, "pull", "acme/small", *HUB, settle=settle, good=self.blobs(SMALL))

    def folders(self):
        """The same of --local-dir."""
        local = os.path.join(self.scratch, "local")
        self.home = local
        os.makedirs(os.path.join(local, "hub"))
        self.pull(self.served, "acme/six", "--local-dir", os.path.join(local, "model"))
        broken = os.path.join(self.scratch, "local-broken")
        shutil.copytree(local, broken, symlinks=True)
        overwrite(os.path.join(broken, "model", "model-00001-of-00003.safetensors"), 150_000, b"damage")
        os.truncate(os.path.join(broken, "model", "model-00002-of-00003.safetensors"), 1000)
        os.unlink(os.path.join(broken, "model", "config.json"))
        where = ("--local-dir", "{home}/model")
        settle = ["verify", *where, "--format", "json"]
        for name, cache in (("healthy", local), ("damaged", broken)):
            yield self.target(f"local-scan-{name}", cache, "scan", *where)
            yield self.target(f"local-verify-{name}", cache, "verify", *where)
            yield self.target(f"local-preflight-{name}", cache, "preflight", *where)
        bad = {"config.json", "model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors"}
        good = [f"model/{path}" for path in SIX.head.files if path not in bad]
        yield self.target("local-pull-damaged", broken, "pull", "acme/six", *where, *HUB, settle=settle, good=good)
        yield self.target("local-repair-damaged", broken, "repair", "--verify", *where, *HUB, settle=settle, good=good)

    def stores(self):
        """The same of the newest client's shared store."""
        served = self.hub(SIX, SMALL, xet=True)
        healthy, broken, empty = (os.path.join(self.scratch, f"store-{name}") for name in ("healthy", "broken", "empty"))
        for home in (healthy, empty):
            write(os.path.join(home, "hub", "blobs", ".huggingface-shared-blobs"), b"1\n")
        self.home = healthy
        self.pull(served, "acme/six", "acme/small")
        shutil.copytree(healthy, broken, symlinks=True)
        self.home = broken
        first, second, third = (self.blob(SIX, f"model-0000{i}-of-00003.safetensors") for i in (1, 2, 3))
        overwrite(os.path.realpath(first), 150_000, b"damage")
        os.unlink(second)  # its payload stays
        os.unlink(os.path.realpath(third))
        os.unlink(os.path.join(self.folder(SIX), "snapshots", SIX.head.oid, "config.json"))
        payloads = [path for path in contents(healthy) if re.fullmatch("hub/blobs/../[0-9a-f]{64}", path)]
        self.assertGreaterEqual(len(payloads), 4, "nothing lies in the store")
        lost = {os.path.relpath(os.path.realpath(path), broken) for path in (first, third)}
        sound = [path for path in payloads if path not in lost]
        settle = ["verify", "--format", "json"]
        more = {"served": served, "settle": settle}
        yield self.target("store-repair-healthy", healthy, "repair", "--verify", *HUB, good=payloads, **more)
        yield self.target("store-repair-damaged", broken, "repair", "--verify", *HUB, good=sound, **more)
        yield self.target("store-pull-damaged", broken, "pull", "acme/six", *HUB, good=sound, **more)
        yield self.target("store-pull-empty", empty, "pull", "acme/small", *HUB, **more)

    def others(self):
        """The same as another user than root, whom modes bind."""
        prefix = as_user(self, OTHER)
        os.chmod(self.scratch, 0o777)
        for folder in (self.healthy, self.damaged, self.empty):
            subprocess.run(["chown", "-R", f"{OTHER}:{OTHER}", folder], check=True)
        for target in self.changing():
            target.name, target.prefix = "user-" + target.name, prefix
            yield target

    def sweep(self, targets, number):
        tried, never, wrong = collections.Counter(), 0, []
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for target in targets:
                if CHOSEN and not fnmatch.fnmatchcase(target.name, CHOSEN[0]):
                    continue
                faults = [fault for fault in all_faults(target) if chosen(target.name, fault)]
                faults = faults if LONG or CHOSEN else sampled(faults, number // 3 if SANITIZED else number)
                for fault, (found, outcome) in zip(faults, pool.map(target.run, faults)):
                    if found is None:
                        never += 1
                        continue
                    tried[target.name] += 1
                    if found:
                        wrong.append(f"{target.name} {fault.call} {fault.error} {fault.mode} {fault.at}"
                                     f" {outcome.failed_at}: " + "\n    ".join(found))
                if LONG or CHOSEN:
                    print(target.name, tried[target.name], len(wrong), flush=True)
                    with open(os.path.join(os.environ["HFAUDIT_BUILD"], "faults.log"), "w", encoding="utf-8") as file:
                        file.write("\n".join(wrong))
        if LONG or CHOSEN:
            print(f"{sum(tried.values())} faults, {never} that other threads' calls left out, {len(wrong)} wrong", dict(tried))
        self.assertFalse(wrong, f"{len(wrong)}, the first of them:\n" + "\n".join(wrong[:20]))
        self.assertGreater(sum(tried.values()), 0)

    def test_commands_that_look(self):
        self.sweep(self.looking(), 28)

    def test_export(self):
        self.sweep(self.exporting(), 60)

    def test_commands_that_change(self):
        self.sweep(self.changing(), 9)

    def test_shared_store(self):
        self.sweep(self.stores(), 9)

    def test_another_user(self):
        self.sweep(self.others(), 5)

    def test_local_dir(self):
        self.sweep(self.folders(), 9)


if __name__ == "__main__":
    unittest.main()
