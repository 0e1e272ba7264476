"""The examples say what is so: paths, stages, volumes; and the entrypoint script does what it says."""

import os
import subprocess
import unittest

import examples
from jail import HFAUDIT, CliCase


def here(path):
    return path.replace(examples.SOURCE, examples.ROOT)


class Containerfile(unittest.TestCase):
    def test_each_stage_is_built_from_something(self):
        stages = examples.stages()
        self.assertEqual(list(stages), ["", "build", "gate", "server"])
        self.assertEqual([word for word, _ in stages[""]], ["ARG"])
        known = {"FROM", "COPY", "RUN", "ENV", "USER", "ENTRYPOINT", "CMD"}
        self.assertLessEqual({word for name in list(stages)[1:] for word, _ in stages[name]}, known)

    def test_what_is_run_to_build_runs(self):
        runs = [rest.split() for word, rest in examples.stages()["build"] if word == "RUN"]
        self.assertEqual(len(runs), 2)
        built = subprocess.run([here(word) for word in runs[0]], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                               check=False, timeout=600)
        self.assertEqual((built.returncode, built.stdout), (0, here(runs[1][0]) + "\n"), built.stderr)
        said = subprocess.run([here(word) for word in runs[1]], check=True, capture_output=True, text=True).stdout
        self.assertRegex(said, r"\Ahfaudit \d")

    def test_what_is_copied_is_what_was_built(self):
        for stage in ("gate", "server"):
            option, source, target = examples.instruction(stage, "COPY").split()
            self.assertEqual((option, os.path.realpath(here(source))), ("--from=build", os.path.realpath(HFAUDIT)))
            self.assertEqual(examples.instruction(stage, "ENTRYPOINT")[0], target)

    def test_the_build_folder_stays_outside(self):
        with open(os.path.join(examples.ROOT, ".dockerignore"), encoding="ascii") as file:
            self.assertIn("build", file.read().split())


class Kubernetes(unittest.TestCase):
    def test_what_is_mounted_is_there(self):
        pod = examples.pod()
        volumes = {volume["name"] for volume in pod["volumes"]}
        for container in pod["initContainers"] + pod["containers"]:
            self.assertLessEqual({mount["name"] for mount in container["volumeMounts"]}, volumes)
            self.assertIn(examples.environment(container)["HF_HOME"], [m["mountPath"] for m in container["volumeMounts"]])
            self.assertTrue(container["securityContext"]["readOnlyRootFilesystem"])

    def test_the_images_have_the_program(self):
        pod = examples.pod()
        server, = pod["containers"]
        for container in pod["initContainers"] + pod["containers"]:
            stage = container["image"].removeprefix("model-")
            self.assertEqual(container["command"][0], examples.instruction(stage, "COPY").split()[2])
        # what follows "--" is the server of the image
        entrypoint = examples.instruction("server", "ENTRYPOINT")
        after = lambda words: words[words.index("--"):]  # noqa: E731
        self.assertEqual(after(server["command"]), after(entrypoint))
        self.assertEqual(examples.environment(server)["HFAUDIT_REPO"], entrypoint[2])

    def test_the_probes_ask_the_server(self):
        server, = examples.pod()["containers"]
        ports = {port["name"] for port in server["ports"]}
        for name in ("startupProbe", "readinessProbe", "livenessProbe"):
            self.assertIn(server[name]["httpGet"]["port"], ports)

    def test_an_outage_of_the_hub_stops_no_complete_model(self):
        for container in examples.pod()["initContainers"] + examples.pod()["containers"]:
            self.assertNotIn("--online", container["command"])

    def test_a_rollout_waits_longer_than_the_pull(self):
        gate, = examples.pod()["initContainers"]
        self.assertEqual(gate["command"][gate["command"].index("--wait") + 1], "2h")
        self.assertGreater(examples.manifest("server.yaml")["spec"]["progressDeadlineSeconds"], 2 * 3600)

    def test_resources_of_the_base_are_there(self):
        names = examples.manifest("kustomization.yaml")["resources"]
        self.assertEqual(sorted([*names, "kustomization.yaml"]), sorted(os.listdir(examples.BASE)))

    def test_the_selector_finds_the_pods(self):
        whole = examples.manifest("server.yaml")["spec"]
        self.assertEqual(whole["selector"]["matchLabels"], whole["template"]["metadata"]["labels"])


class Entrypoint(CliCase):
    """With a gate of a few lines: what the script makes of its answers."""

    def start(self, gate, *command, **more):
        folder = os.path.join(self.scratch, "bin")
        self.write(os.path.join(folder, "hfaudit"), b"#!/bin/sh\n" + gate.encode() + b"\n")
        self.write(os.path.join(folder, "vllm"), b'#!/bin/sh\necho "vllm $*, MODEL=$MODEL, pid $$"\nexit 7\n')
        for name in os.listdir(folder):
            os.chmod(os.path.join(folder, name), 0o755)
        env = self.environment(PATH=folder + ":/usr/bin:/bin", **{"HFAUDIT_REPO": "acme/six", **more})
        process = subprocess.Popen([os.path.join(examples.EXAMPLES, "entrypoint.sh"), *command], env=env, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate(timeout=60)
        return process, out, err

    def test_an_open_gate(self):
        gate = 'echo "asked: $*" >&2; echo "/snapshots/a b"'
        process, out, err = self.start(gate)
        self.assertEqual((process.returncode, err), (7, "asked: preflight acme/six --print-path\n"))
        self.assertEqual(out, f"vllm serve /snapshots/a b, MODEL=/snapshots/a b, pid {process.pid}\n")
        self.assertIn("vllm --model x y,", self.start(gate, "vllm", "--model", "x y")[1])

    def test_a_closed_gate(self):
        for code in (1, 2, 3, 4, 143):
            process, out, err = self.start(f'echo "hfaudit: no" >&2; exit {code}')
            self.assertEqual((process.returncode, out, err), (code, "", "hfaudit: no\n"))

    def test_no_model_is_named(self):
        process, out, err = self.start("exit 0", HFAUDIT_REPO=None)
        self.assertNotEqual(process.returncode, 0)
        self.assertEqual(out, "")
        self.assertIn("HFAUDIT_REPO=org/name", err)


if __name__ == "__main__":
    unittest.main()
