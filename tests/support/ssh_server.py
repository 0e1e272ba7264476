"""An OpenSSH server on the loopback interface with keys of its own, for the user who runs the test.

    with SshServer(folder) as server: ... server.url("/path"), server.home (with .ssh/known_hosts and a key)
"""

import getpass
import os
import shutil
import socket
import subprocess
import time

SSHD = shutil.which("sshd") or ("/usr/sbin/sshd" if os.access("/usr/sbin/sshd", os.X_OK) else None)


def is_here():
    return SSHD is not None and shutil.which("ssh-keygen") is not None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class SshServer:
    def __init__(self, folder):
        self.folder, self.home = folder, os.path.join(folder, "home")

    def __enter__(self):
        keys = os.path.join(self.home, ".ssh")
        os.makedirs(keys, mode=0o700)
        host_key = os.path.join(self.folder, "host_key")
        for path in (host_key, os.path.join(keys, "id_ed25519")):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
        self.port = free_port()
        with open(host_key + ".pub", encoding="ascii") as stream:
            kind, key = stream.read().split()[:2]
        self.known_hosts = os.path.join(keys, "known_hosts")
        with open(self.known_hosts, "w", encoding="ascii") as stream:
            stream.write(f"[127.0.0.1]:{self.port} {kind} {key}\n")
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        config = os.path.join(self.folder, "sshd_config")
        with open(config, "w", encoding="utf-8") as stream:
            stream.write(f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {host_key}\nStrictModes no\nUsePAM no\nPidFile none\n"
                         f"AuthorizedKeysFile {keys}/id_ed25519.pub\nPermitRootLogin yes\nPasswordAuthentication no\n"
                         "KbdInteractiveAuthentication no\nSubsystem sftp internal-sftp\nMaxStartups 100\n")
        self.log = open(os.path.join(self.folder, "sshd.log"), "wb")
        self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.02)
        raise AssertionError("sshd does not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()

    def url(self, path):
        return f"sftp://{getpass.getuser()}@127.0.0.1:{self.port}{path}"
