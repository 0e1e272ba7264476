"""packaging/slurm on real daemons: munged, slurmctld and slurmd of Debian on this one host. On request, with HFAUDIT_SLURM=1, as root.

2,000 repos in 8 tasks; one is requeued in the middle, one is killed for good; damage, the gate, the health check."""

import hashlib
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

HFAUDIT = os.environ.get("HFAUDIT", "")
SLURM = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "packaging", "slurm"))
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "squeue", "scancel", "sinfo")
REPOS = 2000


def why_not():
    if os.environ.get("HFAUDIT_SLURM") != "1":
        return "HFAUDIT_SLURM is not 1"
    missing = [one for one in PROGRAMS if shutil.which(one) is None]
    if missing:
        return f"no {', '.join(missing)} (Debian packages slurmctld, slurmd, slurm-client, munge)"
    return "" if os.geteuid() == 0 else "not root"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@unittest.skipIf(why_not(), why_not())
class OnRealDaemons(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.mkdtemp(prefix="hfaudit-slurm-")
        cls.addClassCleanup(shutil.rmtree, cls.scratch, ignore_errors=True)
        os.chmod(cls.scratch, 0o755)
        for folder in ("state", "spool", "log", "bin"):
            os.mkdir(cls.path(folder))
        os.symlink(HFAUDIT, cls.path("bin", "hfaudit"))
        cls.node = socket.gethostname().split(".")[0]
        cls.env = {"PATH": cls.path("bin") + ":/usr/sbin:/usr/bin:/sbin:/bin", "HOME": cls.scratch, "LC_ALL": "C.UTF-8",
                   "SLURM_CONF": cls.path("slurm.conf"), "HF_HOME": cls.path("hf")}
        cls.configure()
        cls.make_cache()
        cls.start("munged", "--force", f"--key-file={cls.path('munge.key')}", f"--socket={cls.path('munge.sock')}",
                  f"--pid-file={cls.path('munge.pid')}", f"--log-file={cls.path('log', 'munge')}", f"--seed-file={cls.path('seed')}",
                  "--foreground")
        cls.wait(lambda: os.path.exists(cls.path("munge.sock")))
        cls.start("slurmctld", "-D", "-f", cls.path("slurm.conf"))
        cls.start("slurmd", "-D", "-f", cls.path("slurm.conf"))
        cls.wait(lambda: "idle" in cls.run_program("sinfo", "-h", check=False).stdout)

    @classmethod
    def path(cls, *parts):
        return os.path.join(cls.scratch, *parts)

    @classmethod
    def start(cls, *command):
        process = subprocess.Popen(command, env=cls.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(process.wait)
        cls.addClassCleanup(process.terminate)

    @classmethod
    def run_program(cls, *command, check=True, **more):
        return subprocess.run(command, env={**cls.env, **more}, capture_output=True, text=True, timeout=120, check=check, cwd=cls.scratch)

    @classmethod
    def wait(cls, happened, seconds=300):
        until = time.monotonic() + seconds
        while not happened():
            if time.monotonic() > until:
                raise AssertionError("it never happens; the logs: " + cls.run_program("tail", "-n", "5", cls.path("log", "ctld"),
                                                                                       cls.path("log", "d"), check=False).stdout)
            time.sleep(0.5)

    @classmethod
    def configure(cls):
        with open(cls.path("munge.key"), "wb") as file:
            file.write(os.urandom(1024))
        os.chmod(cls.path("munge.key"), 0o600)
        lines = ["ClusterName=test", f"SlurmctldHost={cls.node}(127.0.0.1)", "SlurmUser=root", "SlurmdUser=root", "AuthType=auth/munge",
                 f"AuthInfo=socket={cls.path('munge.sock')}", f"StateSaveLocation={cls.path('state')}",
                 f"SlurmdSpoolDir={cls.path('spool')}", f"SlurmctldPidFile={cls.path('ctld.pid')}", f"SlurmdPidFile={cls.path('d.pid')}",
                 f"SlurmctldLogFile={cls.path('log', 'ctld')}", f"SlurmdLogFile={cls.path('log', 'd')}",
                 f"SlurmctldPort={free_port()}", f"SlurmdPort={free_port()}", "ProctrackType=proctrack/linuxproc",
                 "TaskPlugin=task/none", "MpiDefault=none", "SelectType=select/cons_tres", "SelectTypeParameters=CR_CPU",
                 "ReturnToService=2", "SchedulerParameters=sched_interval=2,requeue_delay=1", "MinJobAge=86400",
                 f"TaskProlog={SLURM}/task-prolog.sh", "SlurmdParameters=config_overrides",
                 f"NodeName={cls.node} NodeAddr=127.0.0.1 CPUs=64 RealMemory=64000", "PartitionName=all Nodes=ALL Default=YES State=UP"]
        with open(cls.path("slurm.conf"), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    @classmethod
    def make_cache(cls):
        chance = random.Random(1)
        for number in range(REPOS):
            commit = hashlib.sha1(str(number).encode()).hexdigest()
            repo = cls.path("hf", "hub", f"models--org{number % 40}--model-{number}")
            snapshot = os.path.join(repo, "snapshots", commit)
            for folder in (snapshot, os.path.join(repo, "blobs"), os.path.join(repo, "refs")):
                os.makedirs(folder)
            with open(os.path.join(repo, "refs", "main"), "w", encoding="ascii") as file:
                file.write(commit)
            content = chance.randbytes(chance.randrange(20_000, 100_000))
            blob = hashlib.sha256(content).hexdigest()
            with open(os.path.join(repo, "blobs", blob), "wb") as file:
                file.write(content)
            os.symlink(f"../../blobs/{blob}", os.path.join(snapshot, "vocab.bin"))

    def submit(self, reports, *options, **more):
        """The id of the array job, once the merge has ended is not waited for."""
        said = self.run_program(f"{SLURM}/verify-cache", "8", self.path(reports), "--hf-home", self.path("hf"), *options, **more).stdout
        return said.split()[2].rstrip(",")

    def running(self):
        return self.run_program("squeue", "-h", "-t", "PD,R,CG,CF").stdout

    def merged(self, reports):
        self.wait(lambda: not self.running())
        with open(self.path(reports, "merge.log"), encoding="utf-8") as file:
            return file.read()

    def wait_for_task(self, job, task):
        self.wait(lambda: f"{job}_{task} " in "".join(f"{line} \n" for line in self.run_program(
            "squeue", "-h", "-r", "-t", "R", "-o", "%i").stdout.split()))

    def test_1_a_task_that_is_requeued(self):
        job = self.submit("first", "--max-rate", "500K")
        self.wait_for_task(job, 5)
        time.sleep(5)  # it reads
        self.run_program("scontrol", "requeue", f"{job}_5")
        said = self.merged("first")
        self.assertIn("all 8 parts were read", said)
        self.assertIn(f"clean: {REPOS:,} repos", said)

    def test_2_a_task_that_is_killed_and_submitted_again(self):
        blob = os.path.join(self.path("hf", "hub", "models--org7--model-7", "blobs"))
        blob = os.path.join(blob, os.listdir(blob)[0])
        with open(blob, "r+b") as file:
            file.seek(1000)
            file.write(b"XX")
        job = self.submit("second", "--max-rate", "500K")
        self.wait_for_task(job, 2)
        time.sleep(3)
        self.run_program("scancel", "--signal=KILL", "--full", f"{job}_2")
        said = self.merged("second")
        self.assertRegex(said, r"part 2 of 8 (was not read|is missing)")
        self.submit("second", HFAUDIT_ONLY="2")
        said = self.merged("second")
        self.assertIn("all 8 parts were read", said)
        self.assertRegex(said, r"corrupt +org7/model-7")
        self.assertIn(f"({1} corrupt, {REPOS - 1:,} complete)", said)

    def test_3_the_gate(self):
        done = self.run_program("srun", "-n1", "echo", "served", check=False, HFAUDIT_REPO="org1/model-1")
        self.assertEqual((done.returncode, done.stdout), (0, "served\n"), done.stderr)
        done = self.run_program("srun", "-n1", "echo", "served", check=False, HFAUDIT_REPO="org1/absent")
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn("served", done.stdout)
        self.assertIn("org1/absent", done.stdout)

    def test_4_the_health_check(self):
        for model, drains in (("org1/model-1", False), ("org7/model-7", True)):
            with open(self.path("models"), "w", encoding="ascii") as file:
                file.write(model + "\n")
            self.run_program(f"{SLURM}/health-check.sh", HFAUDIT_MODELS=self.path("models"))
            self.assertEqual("hfaudit" in self.run_program("sinfo", "-h", "-R").stdout, drains, model)


if __name__ == "__main__":
    unittest.main()
