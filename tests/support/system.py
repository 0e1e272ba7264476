"""Access to the system that some tests need: programs for other users, mounts."""

import atexit
import functools
import os
import pty
import shutil
import stat
import subprocess
import sys
import tempfile

OPEN_FOLDERS = (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm")
SYSTEM_PATH = (
    "/usr/sbin:/usr/bin:/sbin:/bin"  # of administration programs: a user's PATH lacks sbin
)


def is_reachable(path):
    """Every user may search all folders above `path`."""
    folder = os.path.dirname(os.path.realpath(path))
    while os.stat(folder).st_mode & stat.S_IXOTH:
        if folder == os.path.dirname(folder):
            return True
        folder = os.path.dirname(folder)
    return False


@functools.cache
def reachable(program):
    """A path at which every user can run `program`: a checkout below /root is closed to all others."""
    if is_reachable(program) and os.stat(program).st_mode & stat.S_IXOTH:
        return program
    folder = tempfile.mkdtemp(
        prefix="hfaudit-program-", dir=next(filter(is_open_folder, OPEN_FOLDERS))
    )
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.chmod(folder, 0o755)
    copy = os.path.join(folder, os.path.basename(program))
    shutil.copyfile(program, copy)
    os.chmod(copy, 0o755)
    return copy


def is_open_folder(folder):
    return os.path.isdir(folder) and is_reachable(os.path.join(folder, "x"))


def as_user(case, uid, groups=()):
    """The words before a command that make it run as another user; root alone may do that."""
    if os.geteuid() != 0:
        case.skipTest("needs root")
    if not shutil.which("setpriv"):
        case.skipTest("setpriv is not installed")
    some = ["--groups", ",".join(map(str, groups))] if groups else ["--clear-groups"]
    return ["setpriv", "--reuid", str(uid), "--regid", str(uid), *some]


def mount(case, *words):
    """Mounts on the last of `words`, unmounts after the test; skips it where that is not permitted."""
    run_or_skip(case, "mount", *words)
    # Lazily: a program that the test killed may still have a file open.
    case.addCleanup(
        subprocess.run, ["umount", "-l", words[-1]], env={"PATH": SYSTEM_PATH}, check=True
    )


def run_or_skip(case, *command):
    """An administration command; skips the test where it is not installed or not permitted."""
    if os.geteuid() != 0:
        case.skipTest(f"needs root, to run {command[0]}")
    if not shutil.which(command[0], path=SYSTEM_PATH):
        case.skipTest(f"{command[0]} is not installed")
    done = subprocess.run(
        command,
        env={"PATH": SYSTEM_PATH},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        case.skipTest(f"{command[0]} is not permitted here: {done.stderr.strip()}")


def open_terminal(case):
    """A pseudo-terminal, as pty.openpty; skips the test where /dev/pts is not mounted."""
    try:
        return pty.openpty()
    except OSError as error:
        case.skipTest(f"no pseudo-terminal: {error}")


def run_for_peak(words, environment, output):
    """Peak KiB of a program, and its exit code; its standard output goes into the file `output`. The kernel counts what a
    process was before it became the program, so a Python of its own starts it: ours may be large."""
    script = ("import os,sys;out=os.open(sys.argv[1],os.O_CREAT|os.O_TRUNC|os.O_WRONLY);pid=os.posix_spawn(sys.argv[2],"
              "sys.argv[2:],os.environ,file_actions=[(os.POSIX_SPAWN_DUP2,out,1)]);_,s,u=os.wait4(pid,0);"
              "print(u.ru_maxrss,os.waitstatus_to_exitcode(s))")
    done = subprocess.run([sys.executable, "-S", "-c", script, output, *words], env=environment, timeout=60,
                          capture_output=True, text=True, check=True)
    peak, code = map(int, done.stdout.split())
    return peak, code
