"""hfaudit preflight on what real clients leave: what they finished passes, what they left half done is blocked."""

import os
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

for folder in ("support", "testhub"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder))

import scenarios  # noqa: E402, F401  fills SCENARIOS
from audit_runs import PARALLEL, binary  # noqa: E402
from clients import NO_HUB, VERSIONS  # noqa: E402
from stage import SCENARIOS, applies, staged  # noqa: E402

PASSES = ("finished", "killed_then_completed", "formats", "dataset_finished", "no_links_finished",
          "shared_finished", "main_moved")
BLOCKED = ("killed", "killed_first_shard", "killed_before_first_write", "json_only", "dataset_killed", "no_links_killed",
           "shared_payload_removed", "shared_payload_truncated", "main_moved_then_killed")


def repos_with_main(home):
    """As the command line takes them."""
    kinds = {"models": "", "datasets": "datasets/", "spaces": "spaces/"}
    hub = os.path.join(home, "hub")
    for folder in sorted(os.listdir(hub)):
        kind, _, name = folder.partition("--")
        if kind in kinds and os.path.exists(os.path.join(hub, folder, "refs", "main")):
            yield kinds[kind] + name.replace("--", "/")


class Preflight(unittest.TestCase):
    def gate(self, home, repo):
        env = {"PATH": os.environ["PATH"], "HF_HOME": home, "HF_ENDPOINT": NO_HUB}
        return subprocess.run([binary(), "preflight", repo, "--", "echo", "started"], env=env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)

    def look(self, version, name, root):
        with staged(version, name, root) as stage:
            return [self.gate(stage.home, repo) for repo in repos_with_main(stage.home)]

    def check(self, names, code):
        # What the versions between leave, test_real_clients looks at.
        pairs = [(version, name) for name in names for version in (VERSIONS[0], VERSIONS[-1]) if applies(name, version)]
        with tempfile.TemporaryDirectory() as root, ThreadPoolExecutor(PARALLEL) as pool:
            looks = [(pair, pool.submit(self.look, *pair, root)) for pair in pairs]
            for (version, name), look in looks:
                with self.subTest(client=version, scenario=name):
                    self.assertTrue(look.result())
                    for done in look.result():
                        self.assertEqual((done.returncode, done.stdout), (code, "" if code else "started\n"), done.stderr)
                        self.assertEqual(len(done.stderr.splitlines()), 1 if code else 0, done.stderr)
        return len(pairs)

    def test_what_clients_finished_passes(self):
        self.assertGreater(self.check(PASSES, 0), len(PASSES))

    def test_what_clients_left_half_done_is_blocked(self):
        self.assertGreater(self.check(BLOCKED, 1), len(BLOCKED))


if __name__ == "__main__":
    unittest.main()
