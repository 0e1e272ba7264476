"""hfaudit export of what real clients left, the newest one's shared store included: unpacked elsewhere, clients of all ages load it
without a network, and it is proven there."""

import os
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

for folder in ("support", "testhub"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder))

import scenarios  # noqa: E402, F401  fills SCENARIOS
import scenarios_layout  # noqa: E402, F401
import scenarios_shared  # noqa: E402, F401
from audit_runs import PARALLEL, binary  # noqa: E402
from clients import NEWEST, NO_HUB, VERSIONS, client  # noqa: E402
from stage import applies, moved, rows, six, staged  # noqa: E402

from hub import make_model  # noqa: E402

WHOLE = ("finished", "killed_then_completed", "no_links_finished", "shared_finished", "shared_by_two_repos", "main_moved",
         "dataset_finished")
HALF = ("killed", "json_only", "no_links_killed", "shared_payload_removed", "shared_payload_truncated")
LOADERS = (VERSIONS[0], "1.28", NEWEST)
KINDS = {"models": "", "datasets": "datasets/"}
CONTENT = {"models--acme--six": six, "models--acme--moved": moved, "datasets--acme--rows": rows,
           "models--acme--copy": lambda: make_model("acme/copy", seed="acme/six")}


def repos_of(home):
    """Folder -> the REPO that the command line takes."""
    found = {}
    for folder in sorted(os.listdir(os.path.join(home, "hub"))):
        kind, _, name = folder.partition("--")
        if kind in KINDS and os.path.exists(os.path.join(home, "hub", folder, "refs", "main")):
            found[folder] = KINDS[kind] + name.replace("--", "/")
    return found


def run(home, *words, **options):
    env = {"PATH": os.environ["PATH"], "HF_HOME": home, "HF_ENDPOINT": NO_HUB, "HOME": home + ".user"}
    return subprocess.run([binary(), *words], env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                          check=False, **options)


class Export(unittest.TestCase):
    def bring(self, version, name, root):
        """What is wrong with the cache that arrives: sentences."""
        with staged(version, name, root) as stage:
            repos = repos_of(stage.home)
            done = run(stage.home, "export", *repos.values())
        if done.returncode or not repos:
            return [f"export: {done.returncode} {done.stderr.decode()} {repos}"]
        target = stage.home + ".arrived"
        os.makedirs(os.path.join(target, "hub"))
        subprocess.run(["tar", "-x", "-C", os.path.join(target, "hub")], input=done.stdout, check=True)
        verify = run(target, "verify")
        wrong = [] if verify.returncode == 0 else [f"verify: {verify.returncode} {verify.stdout.decode()}"]
        for folder, repo in repos.items():
            for loader in LOADERS:
                wrong += [f"{loader}: {one}" for one in self.load(loader, target, folder, repo)]
        return wrong

    @staticmethod
    def load(loader, home, folder, repo):
        kind = "dataset" if repo.startswith("datasets/") else "model"
        done = client(loader).offline_load(home, repo.removeprefix("datasets/"), repo_type=kind)
        if done.exit_code:
            return [f"{repo}: {done.stderr[-500:]}"]
        wrong = []
        for path, file in CONTENT[folder]().head.files.items():
            with open(os.path.join(done.value, path), "rb") as arrived:
                if arrived.read() != file.content.read():
                    wrong.append(f"{repo}: {path} is another file")
        return wrong

    def each(self, names, look):
        pairs = [(version, name) for name in names for version in (VERSIONS[0], NEWEST) if applies(name, version)]
        with tempfile.TemporaryDirectory() as root, ThreadPoolExecutor(PARALLEL) as pool:
            looks = [(pair, pool.submit(look, *pair, root)) for pair in pairs]
            for (version, name), found in looks:
                with self.subTest(client=version, scenario=name):
                    self.assertEqual(found.result(), [])
        self.assertGreater(len(pairs), len(names) // 2)

    def test_every_client_loads_what_arrives(self):
        self.each(WHOLE, self.bring)

    def refused(self, version, name, root):
        with staged(version, name, root) as stage:
            done = run(stage.home, "export", "acme/six")
        refused = done.returncode == 1 and done.stdout == b"" and b"hfaudit repair acme/six" in done.stderr
        return [] if refused else [f"{done.returncode} {done.stderr.decode()}"]

    def test_what_is_half_there_is_refused(self):
        self.each(HALF, self.refused)


if __name__ == "__main__":
    unittest.main()
