"""What lies in packaging/ is what its programs accept: promtool, systemd-analyze, schemas of Kubernetes. Each is skipped, with
the reason, where its program is not installed."""

import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

try:
    import yaml
except ImportError:
    yaml = None

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
PACKAGING = os.path.join(ROOT, "packaging")
PROMETHEUS, SYSTEMD = os.path.join(PACKAGING, "prometheus"), os.path.join(PACKAGING, "systemd")
HFAUDIT = os.environ.get("HFAUDIT", "")
# Of systemd-analyze security; "OK" is below 5. The mail unit runs as root, for sendmail.
WORST_EXPOSURES = {"hfaudit-scrub@daemon.service": 2.0, "hfaudit-mail@x.service": 7.0}


def text_of(*path):
    with open(os.path.join(PACKAGING, *path), encoding="utf-8") as file:
        return file.read()


def metric_names():
    """Of libaudit/report/metrics."""
    names = set()
    for path in glob.glob(os.path.join(ROOT, "libaudit", "report", "metrics", "*.cpp")):
        with open(path, encoding="utf-8") as file:
            names |= set(re.findall(r'gauge\(\s*"(hfaudit_\w+)"', file.read()))
    return names


class PackagingCase(unittest.TestCase):
    maxDiff = None

    def accepted(self, *command, **options):
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout


class Prometheus(PackagingCase):
    def expressions(self):
        board = json.loads(text_of("prometheus", "hfaudit-dashboard.json"))
        return [target["expr"] for panel in board["panels"] for target in panel["targets"]]

    def test_only_metrics_that_there_are(self):
        known = metric_names()
        self.assertGreater(len(known), 25)
        for path in ("hfaudit.rules.yml", "hfaudit-dashboard.json", "README.md"):
            asked = set(re.findall(r"\bhfaudit_\w+", text_of("prometheus", path)))
            self.assertEqual(asked - known, set(), path)
        self.assertEqual(known - set(re.findall(r"\bhfaudit_\w+", text_of("prometheus", "README.md"))), set(), "not in README.md")

    @unittest.skipUnless(shutil.which("promtool"), "no promtool (Debian package prometheus)")
    def test_the_rules(self):
        self.accepted("promtool", "check", "rules", "hfaudit.rules.yml", cwd=PROMETHEUS)
        self.accepted("promtool", "test", "rules", "hfaudit.rules.test.yml", cwd=PROMETHEUS)

    @unittest.skipUnless(shutil.which("promtool"), "no promtool (Debian package prometheus)")
    def test_the_expressions_of_the_dashboard(self):
        rules = [{"record": f"panel:{at}", "expr": re.sub(r"\$\w+", ".*", one)} for at, one in enumerate(self.expressions())]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:  # JSON is YAML
            json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
            file.flush()
            self.accepted("promtool", "check", "rules", file.name)

    def test_the_panels_do_not_overlap(self):
        taken = set()
        panels = json.loads(text_of("prometheus", "hfaudit-dashboard.json"))["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        for panel in panels:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(at["x"] + at["w"], 24)
            taken |= cells


@unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze (Debian package systemd)")
class Systemd(PackagingCase):
    def setUp(self):
        """The units as they are installed for a user, with a program that is here."""
        self.folder = tempfile.mkdtemp(prefix="hfaudit-units-")
        self.addCleanup(shutil.rmtree, self.folder)
        for path in glob.glob(os.path.join(SYSTEMD, "*.[st]*")):
            with open(path, encoding="utf-8") as file:
                text = file.read().replace("ExecStart=hfaudit ", "ExecStart=/bin/true ")
            with open(os.path.join(self.folder, os.path.basename(path)), "w", encoding="utf-8") as file:
                file.write(text)

    def unit(self, name):
        return os.path.join(self.folder, name)

    def test_systemd_accepts_them(self):
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", self.unit("hfaudit-scrub@daemon.service"),
                               self.unit("hfaudit-scrub@daemon.timer"), self.unit("hfaudit-mail@x.service")],
                              capture_output=True, text=True, timeout=120, check=False)
        ours = [line for line in done.stderr.splitlines() if "hfaudit" in line]
        self.assertEqual((done.returncode, ours), (0, []), done.stderr)

    def test_little_is_exposed(self):
        for unit, worst in WORST_EXPOSURES.items():
            done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", self.unit(unit)],
                                  capture_output=True, text=True, timeout=120, check=False)
            found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
            if not found:
                self.skipTest("this systemd-analyze cannot judge a unit that is not loaded")
            self.assertLess(float(found.group(1)), worst, done.stdout)

    def test_its_options_are_those_of_scrub(self):
        if not os.path.exists(HFAUDIT):
            self.skipTest("HFAUDIT names no program")
        said = self.accepted(HFAUDIT, "scrub", "--help")
        command = re.search(r"^ExecStart=hfaudit scrub (.*)$", text_of("systemd", "hfaudit-scrub@.service"), re.MULTILINE).group(1)
        for option in re.findall(r"--[a-z-]+", command):
            self.assertIn(option, said)

    def test_the_mail_unit_may_call_sendmail(self):
        """Which is setuid or setgid: these settings keep it from that, in a unit of root's too."""
        text = text_of("systemd", "hfaudit-mail@.service")
        for setting in ("User=", "DynamicUser=", "NoNewPrivileges=", "RestrictSUIDSGID=", "CapabilityBoundingSet="):
            self.assertIsNone(re.search(rf"^{setting}", text, re.MULTILINE), setting)


@unittest.skipUnless(yaml, "no yaml (Debian package python3-yaml)")
class Kubernetes(PackagingCase):
    FOLDER = os.path.join(PACKAGING, "kubernetes")

    def manifests(self):
        for path in sorted(glob.glob(os.path.join(self.FOLDER, "**", "*.yaml"), recursive=True)):
            with open(path, encoding="utf-8") as file:
                for one in yaml.safe_load_all(file):
                    yield os.path.relpath(path, self.FOLDER), one

    def containers(self):
        for path, one in self.manifests():
            spec = one.get("spec", {})
            spec = spec.get("jobTemplate", {}).get("spec", spec)
            pod = spec.get("template", {}).get("spec", {})
            for container in pod.get("initContainers", []) + pod.get("containers", []):
                yield path, pod, container

    def test_options_are_those_of_the_program(self):
        if not os.path.exists(HFAUDIT):
            self.skipTest("HFAUDIT names no program")
        seen = 0
        for path, _, container in self.containers():
            words = container["command"]
            if words[0] != "/hfaudit":
                continue
            words = words[1:words.index("--")] if "--" in words else words[1:]
            said = self.accepted(HFAUDIT, words[0], "--help")
            for option in [word for word in words if word.startswith("--")]:
                self.assertIn(option, said, path)
                seen += 1
        self.assertGreater(seen, 10)

    def test_every_container_is_confined(self):
        for path, pod, container in self.containers():
            self.assertTrue(pod["securityContext"]["runAsNonRoot"], path)
            self.assertFalse(container["securityContext"]["allowPrivilegeEscalation"], path)
            self.assertEqual(container["securityContext"]["capabilities"], {"drop": ["ALL"]}, path)
            self.assertIn("memory", container["resources"]["limits"], path)
            volumes = {volume["name"] for volume in pod["volumes"]}
            self.assertLessEqual({mount["name"] for mount in container["volumeMounts"]}, volumes, path)

    def test_the_parts_are_those_that_are_merged(self):
        job = {path: one for path, one in self.manifests()}
        verify, merge = job["verify-job.yaml"]["spec"], job["merge-job.yaml"]["spec"]
        container, = verify["template"]["spec"]["containers"]
        parts = {one["name"]: one["value"] for one in container["env"]}["HFAUDIT_SUBSET_OF"]
        self.assertEqual((verify["completionMode"], verify["completions"]), ("Indexed", int(parts)))
        written = container["command"][container["command"].index("--output") + 1]
        merged, = merge["template"]["spec"]["containers"]
        cleaner, = verify["template"]["spec"]["initContainers"]
        self.assertEqual(cleaner["command"], ["rm", "-f", written])
        self.assertEqual([word for word in merged["command"] if word.endswith(".json")],
                         [written.replace("$(JOB_COMPLETION_INDEX)", str(at)) for at in range(int(parts))])

    def test_the_schemas_of_kubernetes_accept_them(self):
        try:
            import kubernetes_validate
        except ImportError:
            self.skipTest("no kubernetes_validate (PyPI package kubernetes-validate)")
        for path, one in self.manifests():
            if one["kind"] not in ("Kustomization", "ClusterStorageContainer"):
                kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)


@unittest.skipUnless(yaml, "no yaml (Debian package python3-yaml)")
class GithubAction(PackagingCase):
    """The script of the step, with a program that prints its arguments in the place of hfaudit."""

    def run_step(self, arguments, code=0):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "hfaudit", "bin", "hfaudit")
            os.makedirs(os.path.dirname(program))
            with open(program, "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\nprintf '[%s]' \"$@\"\nexit {code}\n")
            os.chmod(program, 0o755)
            env = {"PATH": os.environ["PATH"], "RUNNER_TEMP": folder, "COMMAND": "scan", "ARGUMENTS": arguments, "REPORT": "r.json",
                   "GITHUB_STEP_SUMMARY": os.path.join(folder, "summary"), "GITHUB_OUTPUT": os.path.join(folder, "output")}
            script = yaml.safe_load(text_of("github-action", "action.yml"))["runs"]["steps"][-1]["run"]
            # as GitHub runs it
            return subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], env=env, cwd=folder,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)

    def test_arguments_are_words_of_a_shell_and_never_commands(self):
        first = "[scan][--format][json][--output][r.json]"
        for text, words in (("", ""), ("acme/six --max-age 7d", "[acme/six][--max-age][7d]"),
                            ("--include '*.json' \"a b\"\n  c\\ d ''", "[--include][*.json][a b][c d][]"),
                            ("$(touch x) `touch x`; it\\'s", "[$(touch][x)][`touch][x`;][it's]")):
            with self.subTest(text=text):
                done = self.run_step(text)
                self.assertEqual((done.returncode, done.stdout), (0, first + words), done.stderr)

    def test_a_missing_quote_ends_the_step(self):
        done = self.run_step("acme/six --include '*.json")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("No closing quotation", done.stderr)

    def test_the_exit_code_is_that_of_hfaudit(self):
        self.assertEqual(self.run_step("acme/six", code=3).returncode, 3)


class KServe(PackagingCase):
    SCRIPT = os.path.join(PACKAGING, "kubernetes", "kserve", "storage-initializer")

    def run_script(self, *arguments, code=0):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "hfaudit")
            with open(path, "w", encoding="utf-8") as file:
                file.write(f'#!/bin/sh\necho "$*"\nexit {code}\n')
            os.chmod(path, 0o755)
            return subprocess.run([self.SCRIPT, *arguments], env={"PATH": folder + ":/usr/bin:/bin"}, capture_output=True, text=True,
                                  timeout=60, check=False)

    def test_two_arguments(self):
        done = self.run_script("hf://acme/six:v1", "/mnt/models")
        self.assertEqual((done.returncode, done.stdout), (0, "pull hf://acme/six:v1 --local-dir /mnt/models\n"), done.stderr)

    def test_the_exit_code_is_that_of_the_pull(self):
        for code in (1, 3, 4):
            self.assertEqual(self.run_script("hf://acme/six", "/mnt/models", code=code).returncode, code)

    def test_what_is_no_hf_uri(self):
        for arguments in (["s3://bucket/x", "/mnt/models"], ["hf://acme/six"], []):
            self.assertEqual(self.run_script(*arguments).returncode, 2)


class Slurm(PackagingCase):
    """With programs of a few lines in the place of hfaudit, sbatch and scontrol."""
    FOLDER = os.path.join(PACKAGING, "slurm")

    def setUp(self):
        self.scratch = tempfile.mkdtemp(prefix="hfaudit-slurm-")
        self.addCleanup(shutil.rmtree, self.scratch)

    def put(self, name, script):
        path = os.path.join(self.scratch, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + script + "\n")
        os.chmod(path, 0o755)

    def run_script(self, name, *arguments, **more):
        env = {"PATH": self.scratch + ":/usr/bin:/bin", **more}
        return subprocess.run([os.path.join(self.FOLDER, name), *arguments], env=env, capture_output=True, text=True, timeout=60,
                              check=False, cwd=self.scratch)

    def test_the_array_and_the_merge_after_it(self):
        self.put("sbatch", 'echo "$HFAUDIT_REPORTS $HFAUDIT_SUBSET_OF $*" >> asked; echo "17;cluster"')
        done = self.run_script("verify-cache", "8", "reports/today", "--hf-home", "/shared/hf")
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(self.scratch, "asked"), encoding="utf-8") as file:
            array, merge = file.read().splitlines()
        self.assertRegex(array, r"^reports/today 8 --parsable --array=1-8 .*verify-array\.sbatch --hf-home /shared/hf$")
        self.assertRegex(merge, r"^reports/today 8 --parsable --dependency=afterany:17 .*merge\.sbatch$")

    def test_parts_of_an_earlier_run_are_removed(self):
        self.put("sbatch", 'echo 17')
        reports = os.path.join(self.scratch, "reports")
        for only, left in ((None, {"part-1.log"}), ("3,5-7", {"part-1.json", "part-4.json", "part-16.json", "part-1.log"}),
                           ("1-7:2%2", {"part-4.json", "part-6.json", "part-16.json", "part-1.log"})):
            shutil.rmtree(reports, ignore_errors=True)
            os.mkdir(reports)
            for name in ("part-1.log", "report.html", *(f"part-{at}.json" for at in (1, 3, 4, 5, 6, 7, 16))):
                with open(os.path.join(reports, name), "w", encoding="utf-8"):
                    pass
            done = self.run_script("verify-cache", "8", reports, **({"HFAUDIT_ONLY": only} if only else {}))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(set(os.listdir(reports)), left, only)

    def test_a_task_that_fails_leaves_no_old_part(self):
        self.put("hfaudit", "exit 3")
        old = os.path.join(self.scratch, "part-2.json")
        with open(old, "w", encoding="utf-8"):
            pass
        done = self.run_script("verify-array.sbatch", HFAUDIT_REPORTS=self.scratch, SLURM_ARRAY_TASK_ID="2")
        self.assertEqual((done.returncode, os.path.exists(old)), (3, False), done.stderr)

    def test_the_task_prolog(self):
        self.put("hfaudit", 'echo "hfaudit: acme/six is incomplete"; exit 1')
        self.assertEqual(self.run_script("task-prolog.sh").returncode, 0)
        done = self.run_script("task-prolog.sh", HFAUDIT_REPO="acme/six")
        self.assertEqual((done.returncode, done.stdout), (1, "print hfaudit: acme/six is incomplete\n"))
        self.put("hfaudit", "exit 0")
        done = self.run_script("task-prolog.sh", HFAUDIT_REPO="acme/six")
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_the_health_check_drains_for_damage_alone(self):
        self.put("scontrol", 'echo "$*" >> asked')
        with open(os.path.join(self.scratch, "models"), "w", encoding="utf-8") as file:
            file.write("# ours\n  # and theirs\nacme/six  # in production\r\n\n")
        asked = os.path.join(self.scratch, "asked")
        for code, drains in ((0, False), (1, True), (2, True), (3, False), (143, False)):
            self.put("hfaudit", f'[ "$HFAUDIT_REPO" = acme/six ] || exit 9\necho "hfaudit: six\x1b is bad" >&2; exit {code}')
            done = self.run_script("health-check.sh", HFAUDIT_MODELS="models", SLURMD_NODENAME="n7", HF_HOME="/data/hf")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(os.path.exists(asked), drains, code)
            if drains:
                with open(asked, encoding="utf-8") as file:
                    self.assertEqual(file.read(), "update nodename=n7 state=drain reason=hfaudit: six is bad\n")
                os.unlink(asked)
        self.assertEqual(self.run_script("health-check.sh", HFAUDIT_MODELS="absent").returncode, 0)

    def test_the_health_check_does_not_drain_where_the_cache_is_not_named(self):
        self.put("scontrol", 'echo "$*" >> asked')
        self.put("hfaudit", 'echo "${HF_HOME-none}"; exit 2')
        with open(os.path.join(self.scratch, "models"), "w", encoding="utf-8") as file:
            file.write("acme/six\n")
        asked = os.path.join(self.scratch, "asked")
        done = self.run_script("health-check.sh", HFAUDIT_MODELS="models")
        self.assertEqual((done.returncode, os.path.exists(asked)), (0, False))
        self.assertIn("HF_HOME is not set", done.stderr)
        with open(os.path.join(self.scratch, "settings"), "w", encoding="utf-8") as file:
            file.write("HF_HOME=/data/hf\n")
        self.run_script("health-check.sh", HFAUDIT_MODELS="models", HFAUDIT_SETTINGS="./settings", SLURMD_NODENAME="n7")
        with open(asked, encoding="utf-8") as file:
            self.assertEqual(file.read(), "update nodename=n7 state=drain reason=/data/hf\n")


if __name__ == "__main__":
    unittest.main()
