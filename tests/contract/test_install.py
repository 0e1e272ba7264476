"""What `cmake --install` makes: the program, its manual, and a package that a stranger's CMake project can use."""

import os
import shutil
import subprocess
import tempfile
import unittest

BUILD = os.environ.get("HFAUDIT_BUILD", "")

CONSUMER_CMAKE = """\
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
find_package(hfaudit 0.1 REQUIRED)
add_executable(consumer consumer.cpp)
target_link_libraries(consumer PRIVATE hfaudit::hfaudit)
"""

# The example of README.md.
CONSUMER = r"""
#include <cstdio>
#include <hfaudit/audit.hpp>

int main() {
  const auto layout = hfaudit::find_layout(hfaudit::system_environment(), {});
  const auto report = hfaudit::audit(layout, {});
  if (!report) return std::printf("%s: %s\n", report.error().subject.c_str(), report.error().cause.c_str()), 2;
  for (const auto& repo : report->repos)
    std::printf("%s %s\n", repo.repo.id.c_str(), std::string(to_string(repo.verdict)).c_str());
  return to_int(hfaudit::exit_code_for(*report));
}
"""


def run(*command, **more):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=600, check=False, **more)


@unittest.skipUnless(BUILD, "HFAUDIT_BUILD names no build")
class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.place)
        cls.prefix = os.path.join(cls.place, "prefix")
        done = run("cmake", "--install", BUILD, "--prefix", cls.prefix)
        if done.returncode:
            raise AssertionError(done.stdout)
        cls.files = {os.path.relpath(os.path.join(place, name), cls.prefix)
                     for place, _, names in os.walk(cls.prefix) for name in names}

    def path(self, end):
        found = [name for name in self.files if name.endswith(end)]
        self.assertEqual(1, len(found), f"{end} in {sorted(self.files)}")
        return os.path.join(self.prefix, found[0])

    def test_everything_is_there(self):
        for end in ("bin/hfaudit", "bin/hf-pull", "man1/hfaudit.1", "man1/hfaudit-scan.1", "man1/hf-pull.1",
                    "man7/hfaudit-findings.7", "/libhfaudit.a",
                    "share/bash-completion/completions/hfaudit", "share/bash-completion/completions/hf-pull",
                    "site-functions/_hfaudit", "vendor_completions.d/hfaudit.fish", "vendor_completions.d/hf-pull.fish",
                    "share/hfaudit/schemas/report-1.schema.json", "share/hfaudit/schemas/lock-1.schema.json",
                    "include/hfaudit/audit.hpp", "/hfaudit-config.cmake", "/hfaudit-targets.cmake", "/LICENSE"):
            self.path(end)

    def test_nothing_of_the_tests_is_there(self):
        self.assertEqual([], [name for name in self.files if "fixture" in name or "catch" in name.lower()])

    def test_the_program_runs_from_there(self):
        self.assertRegex(run(self.path("bin/hfaudit"), "--version").stdout, r"^hfaudit \d+\.\d+\.\d+\n$")

    def test_it_has_another_name(self):
        link = self.path("bin/hf-pull")
        self.assertEqual("hfaudit", os.readlink(link))
        self.assertIn("hfaudit pull", run(link, "--help").stdout)

    def test_the_package_needs_no_private_dependency(self):
        for end in ("/hfaudit-targets.cmake", "/hfaudit-config.cmake"):
            with open(self.path(end), encoding="utf-8") as file:
                text = file.read()
            for private in ("nlohmann", "fmt", "CLI11", "hfaudit_flags", "Catch2"):
                self.assertNotIn(private, text, end)

    def test_a_consumer_builds_and_runs(self):
        source = os.path.join(self.place, "consumer")
        os.makedirs(source)
        for name, text in (("CMakeLists.txt", CONSUMER_CMAKE), ("consumer.cpp", CONSUMER)):
            with open(os.path.join(source, name), "w", encoding="utf-8") as file:
                file.write(text)
        build = os.path.join(source, "build")
        for step in (("-G", "Ninja", "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}"), ("--build", build)):
            done = run("cmake", *step)
            self.assertEqual(0, done.returncode, done.stdout)
        os.makedirs(os.path.join(self.place, "home", "hub", "models--acme--empty", "refs"))
        env = {**os.environ, "HF_HOME": os.path.join(self.place, "home")}
        done = run(os.path.join(build, "consumer"), env=env)
        self.assertEqual((0, "acme/empty unknown\n"), (done.returncode, done.stdout))
        done = run(os.path.join(build, "consumer"), env={**env, "HF_HOME": os.path.join(self.place, "nowhere")})
        self.assertEqual(2, done.returncode, done.stdout)


if __name__ == "__main__":
    unittest.main()
