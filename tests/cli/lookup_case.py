"""Base of the tests of absent repos: a cache, and the answer to a name."""

import json
import os
import subprocess

from cli_case import HFAUDIT, CliCase
from system import reachable

OLD, NEW = "a" * 40, "b" * 40
# a model that a loader takes: "{}" and no tensor
HEADER = b"{}" + b" " * 6
WHOLE = {"README.md": b"# Fine", "config.json": b"{}", "model.safetensors": len(HEADER).to_bytes(8, "little") + HEADER}


class LookupCase(CliCase):
    def add_repo(self, folder="models--acme--fine", files=None, **more):
        return super().add_repo(folder, files or WHOLE, **more)

    def setUp(self):
        super().setUp()
        self.hub = os.path.join(self.home, "hub")

    def run_as(self, prefix, *args, env=None):
        program = reachable(HFAUDIT) if prefix else HFAUDIT
        done = subprocess.run([*prefix, program, *args], env=self.environment(**(env or {})), cwd="/",
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")

    def says(self, *args, code, says=(), not_says=("hfaudit pull",), prefix=(), env=None):
        """The exit code, and what stands in the output."""
        got, text = self.run_as(prefix, *args, env=env)
        self.assertEqual(got, code, text)
        for words in [says] if isinstance(says, str) else says:
            self.assertIn(words, text)
        for words in not_says:
            self.assertNotIn(words, text)
        return text

    def json(self, *args, code, prefix=(), env=None):
        got, text = self.run_as(prefix, *args, "--format", "json", env=env)
        self.assertEqual(got, code, text)
        return json.loads(text)

    def found(self, report):
        return sorted(finding["id"] for finding in report["findings"])

    def verdicts(self, report):
        return {repo["repo_id"]: repo["verdict"] for repo in report["repos"]}
