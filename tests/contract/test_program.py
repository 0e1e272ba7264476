"""How the release build of the program is linked: it starts fast and is hardened."""

import os
import re
import subprocess
import unittest

PROGRAM = os.environ.get("HFAUDIT", "")
BUILD = os.environ.get("HFAUDIT_BUILD", "")


def elf(*options):
    return subprocess.run(["readelf", "-W", *options, PROGRAM], capture_output=True, text=True, check=True).stdout


@unittest.skipUnless(PROGRAM and os.path.basename(BUILD) == "release", "HFAUDIT names no release build")
class Linked(unittest.TestCase):
    def test_only_the_c_library_is_loaded(self):
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", elf("-d")))
        self.assertLessEqual({name.split(".")[0] for name in needed}, {"libc", "libm", "ld-linux-x86-64", "ld-linux-aarch64"})

    def test_it_is_hardened(self):
        self.assertRegex(elf("-d"), r"FLAGS_1.*\bNOW\b.*\bPIE\b")
        self.assertIn("GNU_RELRO", elf("-l"))
        self.assertIn("__stack_chk_fail", elf("--dyn-syms"))

    def test_what_it_is_loaded_with(self):
        """As checksec looks at it: position-independent, no page both writable and executable, no path of its own for
        libraries, checked copies, no right that its user does not have."""
        self.assertRegex(elf("-h"), r"Type:\s+DYN")
        segments = re.findall(r"^\s+(\w+)\s+0x\S+ 0x\S+ 0x\S+ 0x\S+ 0x\S+ (.{3}) 0x", elf("-l"), re.MULTILINE)
        self.assertIn("LOAD", {kind for kind, _ in segments})
        self.assertEqual([flags for kind, flags in segments if kind == "GNU_STACK"], ["RW "])
        self.assertEqual([found for found in segments if "W" in found[1] and "E" in found[1]], [])
        self.assertNotRegex(elf("-d"), r"\((RPATH|RUNPATH|TEXTREL|DEBUGLINK)\)")
        checked = set(re.findall(r"\b(__\w+_chk)\b", elf("--dyn-syms"))) - {"__stack_chk_fail"}
        self.assertTrue(checked, "nothing is fortified")
        self.assertEqual(os.stat(PROGRAM).st_mode & 0o6002, 0)
        self.assertNotIn("security.capability", os.listxattr(PROGRAM))

    def test_no_path_of_the_build_is_in_it(self):
        with open(PROGRAM, "rb") as file:
            content = file.read()
        root = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..")).encode()
        self.assertNotIn(root + b"/libaudit", content)

    def test_it_starts_in_no_time(self):
        self.assertLess(min(processor_seconds(PROGRAM, "--version") for _ in range(20)), 0.005)


def processor_seconds(*command):
    """What a command costs, however busy the machine is."""
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    usage = os.wait4(pid, 0)[2]
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    unittest.main()
