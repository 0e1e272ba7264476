"""The commands of the examples, run as they stand there: in an empty root, with a Hub, with a server of a few lines."""

import os
import shutil
import subprocess

import examples
from jail import HFAUDIT, NOBODY, JailCase  # first: it knows where the others are
from hub import Hub, make_model

SIX = make_model("acme/six", shards=3, shard_size=100_000)
# The server is the program itself under another name, which knows no command "serve": it says so and ends with 2.
STARTED = "hfaudit: unknown command serve"


class Commands(JailCase):
    def setUp(self):
        super().setUp()
        self.hub = Hub(SIX).__enter__()
        self.addCleanup(self.hub.__exit__)
        self.put("/usr/bin/vllm", b"")
        shutil.copy(HFAUDIT, os.path.join(self.root, "usr/bin/vllm"))

    def run_example(self, command, container=None, code=0, uid=NOBODY, **options):
        """As an engine does: the words, the variables, the user, and the cache writable or not."""
        self.assertEqual(command[0], "/hfaudit")
        env = examples.environment(container) if container else {"HF_HOME": "/cache"}
        return self.jailed(*command[1:], code=code, uid=uid, HF_ENDPOINT=self.hub.url, **env, **options)

    def for_everybody(self):
        super().for_everybody()
        os.chmod(os.path.join(self.root, "usr/bin/vllm"), 0o755)

    def prepare(self):
        container, = examples.pod()["initContainers"]
        return self.run_example(container["command"], container, uid=None, writable=True)

    def damage(self):
        folder = os.path.join(self.cache, "hub", SIX.folder, "blobs")
        os.unlink(os.path.join(folder, SIX.head.files["model-00002-of-00003.safetensors"].etag))

    def test_the_pod(self):
        server, = examples.pod()["containers"]
        self.assertNotIn(STARTED, self.run_example(server["command"], server, code=2))  # nothing is there yet
        self.prepare()
        self.assertIn(STARTED, self.run_example(server["command"], server, code=2))
        asked = len(self.hub.log)
        self.damage()
        said = self.run_example(server["command"], server, code=1)
        self.assertNotIn(STARTED, said)
        self.assertIn("model-00002-of-00003.safetensors", said)
        self.assertEqual(said.count("\n"), 1, said)
        self.assertEqual(len(self.hub.log), asked, "the server's gate asks nobody")
        self.prepare()

    def test_the_images(self):
        gate = examples.instruction("gate", "ENTRYPOINT") + examples.instruction("gate", "CMD")
        server = examples.instruction("server", "ENTRYPOINT")
        self.run_example(gate, code=2)
        self.prepare()
        self.run_example(gate)
        self.assertIn(STARTED, self.run_example(server, code=2))

    def test_the_script(self):
        folder = os.path.join(self.scratch, "bin")
        os.makedirs(folder)
        os.symlink(HFAUDIT, os.path.join(folder, "hfaudit"))
        self.prepare()

        def start():
            return subprocess.run([os.path.join(examples.EXAMPLES, "entrypoint.sh"), "sh", "-c", 'echo "$MODEL"; exit 7'],
                                  env=self.environment(PATH=folder + ":/usr/bin:/bin", HFAUDIT_REPO="acme/six"), timeout=60,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        done = start()
        snapshot = os.path.join(self.cache, "hub", SIX.folder, "snapshots", SIX.head.oid)
        self.assertEqual((done.returncode, done.stdout), (7, snapshot + "\n"), done.stderr)
        self.damage()
        done = start()
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"\A[^\n]+\n\Z")
