"""A root folder with one program in it and nothing else: what an image FROM scratch is."""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "cli"), os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "testhub")]

from cli_case import HFAUDIT, CliCase  # noqa: E402

NOBODY = 54321  # an id that no system knows


def can(*command):
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


# Root makes the namespaces itself; others are root in a user namespace, where the kernel lets them.
OUTER = ["unshare", "--mount", "--pid", "--fork", "--kill-child"] + ([] if os.geteuid() == 0 else ["--user", "--map-root-user"])
WHY_NOT = "" if can(*OUTER, "mount", "--bind", "/", "/") else "no empty root: mounting is not permitted, or mount not installed"


class JailCase(CliCase):
    def setUp(self):
        super().setUp()
        if WHY_NOT:
            self.skipTest(WHY_NOT)
        self.root = os.path.join(self.scratch, "root")
        self.cache = os.path.join(self.root, "cache")
        os.makedirs(os.path.join(self.cache, "hub"))
        shutil.copy(HFAUDIT, os.path.join(self.root, "hfaudit"))
        self.home = self.cache

    def put(self, path, text):
        self.write(os.path.join(self.root, path.lstrip("/")), text.encode() if isinstance(text, str) else text)

    def forbid_openssl_everything(self):
        """A configuration with a provider that knows no algorithm."""
        for place in ("/usr/lib/ssl/openssl.cnf", "/etc/ssl/openssl.cnf"):
            self.put(place, "openssl_conf = a\n[a]\nproviders = p\n[p]\nnull = q\n[q]\nactivate = 1\n")

    def for_everybody(self):
        """What is in the jail can be read by any user, as in an image."""
        for folder, folders, files in os.walk(self.root):
            os.chmod(folder, 0o755)
            for name in files:
                path = os.path.join(folder, name)
                if not os.path.islink(path):
                    os.chmod(path, 0o755 if name == "hfaudit" else 0o644)

    def jailed(self, *args, uid=None, writable=False, code=0, **environment):
        """Runs the program there as process 1, with no /proc, no /dev, and no variable but these; what it printed."""
        self.for_everybody()
        mount = "mount --bind \"$0\" \"$0\" && mount -o remount,bind%s \"$0\" && " % ("" if writable else ",ro")
        user = f"--userspec={uid}:{uid} " if uid and os.geteuid() == 0 else ""
        inside = mount + f"exec chroot {user}\"$0\" /hfaudit \"$@\""
        path = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}  # of the outer commands
        done = subprocess.run([*OUTER, "sh", "-c", inside, self.root, *args], env={**path, **environment},
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=100, check=False)
        said = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        self.assertEqual(done.returncode, code, said)
        return said
