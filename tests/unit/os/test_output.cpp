// Files that take the place of another one in one step.
#include <unistd.h>

#include "os/output.hpp"
#include "store_world.hpp"

using namespace hfaudit;
using namespace hfaudit::test;

namespace {

std::size_t entries_in(const std::string& path) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), {}));
}

}  // namespace

TEST_CASE("output: the file of a killed run with the same process id is not in the way") {
  const Scratch scratch;
  // process id 1 in each container
  const auto leftover = scratch / (".report.json." + std::to_string(::getpid()) + ".tmp");
  write(leftover, "half");
  auto file = os::OutputFile::create(scratch / "report.json");
  REQUIRE(file);
  file->write("whole");
  REQUIRE(file->commit());
  CHECK(read(scratch / "report.json") == "whole");
  CHECK(read(leftover) == "half");
}

TEST_CASE("output: without a commit the old file stays, and the new one is removed") {
  const Scratch scratch;
  write(scratch / "report.json", "old");
  {
    auto file = os::OutputFile::create(scratch / "report.json");
    REQUIRE(file);
    file->write("new");
  }
  CHECK(read(scratch / "report.json") == "old");
  CHECK(entries_in(scratch.path()) == 1);
}

TEST_CASE("output: a name may be as long as names can be") {
  const Scratch scratch;
  constexpr std::size_t longest = 255;
  const std::string name(longest, 'x');
  auto file = os::OutputFile::create(scratch / name);
  REQUIRE(file);
  file->write("whole");
  REQUIRE(file->commit());
  CHECK(read(scratch / name) == "whole");
}
