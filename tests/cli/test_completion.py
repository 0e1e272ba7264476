"""Completions, in the shells themselves: what is offered, and that no folder's name can do anything in a shell."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
import unittest

from cli_case import HFAUDIT, CliCase

HOSTILE = ("$(touch pwned)", "`touch pwned`", ";touch pwned;", "a b", "'\"", "-rf", "x\ny", "*", "${IFS}", "\x1b[2J", "ä", "a\\b", "~root")

# It stands for hfaudit on the command line that is completed: completes, and writes down what else it is called with.
WRAPPER = """#!/bin/sh
[ "${1-}" != completion ] || exec "%s" "$@"
printf '<%%s>' "$@" >>"$LOG"
echo >>"$LOG"
"""

# Calls the function as bash does, with the words of $2…; $1 is how many of them are before the cursor's.
BASH = r"""
source <(hfaudit completion bash)
compopt() { printf 'compopt %s\n' "$*"; }
COMP_CWORD=$1
shift
COMP_WORDS=("$@")
_hfaudit
((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}"
"""


class CompletionCase(CliCase):
    shell = None

    def setUp(self):
        super().setUp()
        if self.shell and not shutil.which(self.shell):
            self.skipTest(f"{self.shell} is not installed")
        self.folder = os.path.join(self.scratch, "bin")
        self.log = os.path.join(self.scratch, "log")
        self.write(os.path.join(self.folder, "hfaudit"), (WRAPPER % HFAUDIT).encode())
        os.chmod(os.path.join(self.folder, "hfaudit"), 0o755)
        os.symlink("hfaudit", os.path.join(self.folder, "hf-pull"))
        for folder in ("models--acme--six", "models--gpt2", "datasets--acme--data", "models--zeta--last"):
            os.makedirs(os.path.join(self.home, "hub", folder))
        for name in HOSTILE:
            os.makedirs(os.path.join(self.home, "hub", "models--zeta--" + name))
            os.makedirs(os.path.join(self.home, "hub", "models--" + name))

    def environment(self, **more):
        return super().environment(**{"PATH": f"{self.folder}:/usr/bin:/bin", "LOG": self.log, "TERM": "dumb",
                                      "XDG_CONFIG_HOME": self.scratch + "/xdg", "XDG_DATA_HOME": self.scratch + "/xdg", **more})

    def execute(self, *command, cwd=None):
        done = subprocess.run(command, env=self.environment(), cwd=cwd or self.scratch, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""), command)
        return done.stdout.decode().splitlines()

    def type_in(self, command, *lines, prompt=b"READY> "):
        """Types lines into an interactive shell, one when the shell is ready for the next."""
        environment = self.environment(PS1=prompt.decode(), PROMPT=prompt.decode(), TERM="vt100")
        pid, terminal = pty.fork()
        if pid == 0:
            try:
                os.chdir(self.scratch)
                os.execve(command[0], command, environment)
            finally:
                os._exit(127)
        self.addCleanup(os.close, terminal)
        shown = b""
        for line in (*lines, "exit\n"):
            for part in re.split(r"(\t)", line):
                os.write(terminal, part.encode())
                until = time.monotonic() + (20 if part.endswith("\n") else 2)
                before = len(shown)
                while time.monotonic() < until and not (part.endswith("\n") and prompt in shown[before:]):
                    if not select.select([terminal], [], [], 0.4 if part == "\t" else 0.1)[0]:
                        if not part.endswith("\n"):
                            break
                        continue
                    try:
                        shown += os.read(terminal, 65536)
                    except OSError:
                        until = 0
        os.waitpid(pid, 0)
        return shown.decode(errors="replace")

    def calls(self, shown):
        self.assertFalse(os.path.exists(os.path.join(self.scratch, "pwned")))
        if not os.path.exists(self.log):
            self.fail(shown)
        with open(self.log, encoding="utf-8") as file:
            return file.read().splitlines()


class Repos(CompletionCase):
    def test_only_names_that_mean_nothing_to_a_shell(self):
        self.assertEqual(self.execute(HFAUDIT, "completion", "--repos"),
                         ["acme/six", "datasets/acme/data", "gpt2", "zeta/-rf", "zeta/last"])

    def test_of_the_cache_that_is_named(self):
        other = os.path.join(self.scratch, "other")
        os.makedirs(other + "/hub/models--b--c")
        self.assertEqual(self.execute(HFAUDIT, "completion", "--repos", "--hf-home", other), ["b/c"])
        self.assertEqual(self.execute(HFAUDIT, "completion", "--repos", "--cache-dir", other + "/hub"), ["b/c"])
        self.assertEqual(self.execute(HFAUDIT, "completion", "--repos", "--cache-dir", "/nonexistent"), [])

    def test_mistakes(self):
        self.assert_usage("completion", says="bash, zsh or fish")
        self.assert_usage("completion", "tcsh", says="invalid value \"tcsh\" (choose bash, zsh or fish)")
        self.assert_usage("completion", "bash", "--repos", says="--repos")


class Bash(CompletionCase):
    shell = "bash"

    def offered(self, *words, at=None):
        return self.execute("bash", "-c", BASH, "bash", str(len(words) - 1 if at is None else at), *words)

    def test_what_is_offered(self):
        for words, offered in [
                (["hfaudit", "sc"], ["scan", "scrub"]),
                (["hfaudit", "-"], ["--help", "--version"]),
                (["hfaudit", "scan", "--for"], ["--format"]),
                (["hfaudit", "scan", "--format", ""], ["text", "json", "ndjson", "html"]),
                (["hfaudit", "scan", "--format", "=", "n"], ["ndjson"]),
                (["hfaudit", "scan", "--format", "="], ["text", "json", "ndjson", "html"]),
                (["hfaudit", "lock", "--format", "s"], ["sha256sum"]),
                (["hfaudit", "preflight", "--for", "v"], ["vllm"]),
                (["hfaudit", "scan", "--jobs", ""], []),
                (["hfaudit", "scan", "--output", ""], ["compopt -o default"]),
                (["hfaudit", "scan", "--cache-dir", ""], ["compopt -o dirnames"]),
                (["hfaudit", "pull", "acme/six", "--from", ""], ["compopt -o dirnames"]),
                (["hfaudit", "merge", ""], ["compopt -o default"]),
                (["hfaudit", "scan", ""], ["acme/six", "datasets/acme/data", "gpt2", "zeta/-rf", "zeta/last"]),
                (["hfaudit", "scan", "--quiet", "g"], ["gpt2"]),
                (["hfaudit", "explain", "lfs"], ["lfs-pointer"]),
                (["hfaudit", "completion", ""], ["bash", "zsh", "fish"]),
                (["hfaudit", "scna", ""], []),
                (["/usr/bin/hf-pull", "a"], ["acme/six"]),
                (["hf-pull", "--valid"], ["--validate-only"]),
                (["hfaudit", "preflight", "gpt2", "--", "ls", ""], ["compopt -o default"])]:
            with self.subTest(words=words):
                self.assertEqual(self.offered(*words), offered)

    def test_every_option_of_every_command_is_offered(self):
        for command in self.offered("hfaudit", ""):
            if command.startswith("-"):
                continue
            text = self.execute(HFAUDIT, command, "--help")
            shown = {name for line in text for name in (re.findall(r"^  (-\S+)", line) or [""])[0].split(",") if name}
            with self.subTest(command=command):
                self.assertEqual(set(self.offered("hfaudit", command, "-")), shown)

    def test_repos_of_the_cache_that_is_named(self):
        other = os.path.join(self.scratch, "other")
        os.makedirs(other + "/models--b--c")
        self.assertEqual(self.offered("hfaudit", "scan", "--cache-dir", other, ""), ["b/c"])
        self.assertEqual(self.offered("hfaudit", "scan", "--cache-dir", "=", other, ""), ["b/c"])
        self.assertEqual(self.offered("hfaudit", "scan", "--cache-dir", "$(touch pwned)", ""), [])
        self.assertFalse(os.path.exists(os.path.join(self.scratch, "pwned")))

    def test_at_a_prompt(self):
        shown = self.type_in([shutil.which("bash"), "--norc", "--noprofile", "-i"], "source <(hfaudit completion bash)\n",
                             "hfaudit sca\tac\t\n", "hfaudit scan --form\tnd\tzeta/\t\tl\t\n", "hf-pull --valid\tgp\t\n")
        self.assertEqual(self.calls(shown), ["<scan><acme/six>", "<scan><--format><ndjson><zeta/last>", "<--validate-only><gpt2>"], shown)


class Zsh(CompletionCase):
    shell = "zsh"

    def test_at_a_prompt(self):
        shown = self.type_in([shutil.which("zsh"), "-f", "-i"],
                             "autoload -U compinit && compinit -u -D; source <(hfaudit completion zsh)\n",
                             "hfaudit sca\tac\t\n", "hfaudit scan --form\tnd\tzeta/\tl\t\n", "hf-pull --valid\tgp\t\n",
                             "hfaudit explain lfs\t\n", "hfaudit lock --format s\t\n", "hfaudit preflight -- whoam\t\n")
        self.assertEqual(self.calls(shown), ["<scan><acme/six>", "<scan><--format=ndjson><zeta/last>", "<--validate-only><gpt2>",
                                             "<explain><lfs-pointer>", "<lock><--format><sha256sum>", "<preflight><--><whoami>"], shown)

    def test_as_a_file_of_fpath(self):
        functions = os.path.join(self.scratch, "functions")
        self.write(os.path.join(functions, "_hfaudit"), "\n".join(self.execute(HFAUDIT, "completion", "zsh")).encode() + b"\n")
        shown = self.type_in([shutil.which("zsh"), "-f", "-i"], f"fpath=({functions} $fpath); autoload -U compinit && compinit -u -D\n",
                             "hfaudit sca\tgp\t\n", "hf-pull ac\t\n")
        self.assertEqual(self.calls(shown), ["<scan><gpt2>", "<acme/six>"], shown)


class Fish(CompletionCase):
    shell = "fish"

    def offered(self, line):
        lines = self.execute("fish", "--no-config", "-c", 'hfaudit completion fish | source; complete -C "$argv[1]"', line)
        return [offer.split("\t")[0] for offer in lines]

    def test_what_is_offered(self):
        os.makedirs(os.path.join(self.scratch, "folder"))
        self.write(os.path.join(self.scratch, "file.json"), b"")
        for line, offered in [
                ("hfaudit sc", ["scan", "scrub"]),
                ("hfaudit scan --for", ["--format"]),
                ("hfaudit scan --format ", ["html", "json", "ndjson", "text"]),
                ("hfaudit scan --format=n", ["--format=ndjson"]),
                ("hfaudit lock --format s", ["sha256sum"]),
                ("hfaudit scan ", ["acme/six", "datasets/acme/data", "gpt2", "zeta/-rf", "zeta/last"]),
                ("hfaudit scan -q g", ["gpt2"]),
                ("hfaudit explain lfs", ["lfs-pointer"]),
                ("hfaudit completion ", ["bash", "fish", "zsh"]),
                ("hfaudit scan --output fi", ["file.json"]),
                ("hfaudit scan --cache-dir f", ["folder/"]),
                ("hfaudit merge fi", ["file.json"]),
                ("hf-pull --valid", ["--validate-only"]),
                ("hf-pull ac", ["acme/six"]),
                ("hfaudit scan --hf-home '$(touch pwned)' ", [])]:
            with self.subTest(line=line):
                self.assertEqual(sorted(self.offered(line)), offered)
        self.assertFalse(os.path.exists(os.path.join(self.scratch, "pwned")))


if __name__ == "__main__":
    unittest.main()
