"""hfaudit pull beside a server that takes requests and says nothing."""

import json
import os
import sys
import time
import unittest

for folder in ("support", "testhub"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder))

from cli_case import CliCase  # noqa: E402
from hub import Hub, make_model, silent, slow  # noqa: E402

REPO = make_model("acme/mute", shards=1, shard_size=1 << 20)


class PullSilence(CliCase):
    def pull(self, *faults, timeout, code):
        started = time.monotonic()
        with Hub(REPO, faults=list(faults)) as hub:
            done = self.run_hfaudit("pull", "acme/mute", "--timeout", timeout, "--max-attempts", "1", "--format", "json",
                                    env={"HF_ENDPOINT": hub.url})
            asked = len(hub.requests(method="GET", file="*.safetensors"))
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return json.loads(done.stdout), asked, time.monotonic() - started

    def test_for_ever_is_given_up_after_the_idle_timeout(self):
        report, asked, took = self.pull(silent(path="*.safetensors"), timeout="1", code=3)
        self.assertLess(took, 25)
        self.assertLess(asked, 60)
        left = report["transfers"][0]["left"]
        self.assertEqual(len(left), 1, left)
        self.assertIn("safetensors", left[0]["path"])

    def test_a_late_beginner_is_heard_in_the_end(self):
        # Later than three requests at the usual distance would be given up for others.
        self.pull(slow(1, path="*.safetensors"), timeout="4", code=0)


if __name__ == "__main__":
    unittest.main()
