// Another program's answer: whole, and within bounds.
#include <cerrno>
#include <chrono>

#include "catch_any.hpp"
#include "os/capture.hpp"

using namespace hfaudit;
using std::chrono::milliseconds;

namespace {

Result<os::Captured> captured(const std::string& command, std::string_view input = {},
                              os::CaptureLimits limits = {1'000'000, milliseconds(10'000)}) {
  return os::capture({"sh", "-c", command}, {"PATH=/usr/bin:/bin", "GIVEN=yes"}, input, limits);
}

}  // namespace

TEST_CASE("capture: what it prints, and how it ended") {
  const auto ended = captured("printf 'a\\0b'; echo why >&2; exit 7");
  REQUIRE(ended);
  CHECK(ended->out == std::string("a\0b", 3));
  CHECK(ended->errors == "why\n");
  CHECK(ended->code == 7);
  CHECK(captured("kill -9 $$")->code == 128 + 9);
}

TEST_CASE("capture: its input and its environment are those that it is given") {
  const std::string much(500'000, 'x');
  CHECK(captured("cat", much)->out == much);
  CHECK(captured("echo \"$GIVEN $HOME\"")->out == "yes \n");
  CHECK(captured("exec <&-; echo x", much)->out == "x\n");
  CHECK(captured("head -c 900000 /dev/zero >&2; echo x")->out == "x\n");
}

TEST_CASE("capture: an answer beyond its bounds is none") {
  const auto began = std::chrono::steady_clock::now();
  CHECK(captured("printf 1234", {}, {4, milliseconds(10'000)})->out == "1234");
  CHECK_FALSE(captured("printf 12345", {}, {4, milliseconds(10'000)}));
  CHECK_FALSE(captured("yes"));
  CHECK_FALSE(captured("sleep 30 & sleep 30", {}, {100, milliseconds(100)}));
  CHECK_FALSE(captured("exec >&- 2>&-; sleep 30", {}, {100, milliseconds(100)}));
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(10));
}

TEST_CASE("capture: a program that is not there") {
  const auto ended = os::capture({"hfaudit-no-such-program"}, {}, {}, {100, milliseconds(1'000)});
  REQUIRE_FALSE(ended);
  CHECK(ended.error().code == ENOENT);
}
