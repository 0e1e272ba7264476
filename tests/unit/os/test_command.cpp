// A user's command: its end is told, and it cannot hang us.
#include <chrono>
#include <csignal>

#include "catch_any.hpp"
#include "os/command.hpp"

using namespace hfaudit;
using std::chrono::milliseconds;

namespace {

os::CommandEnd run(const std::string& command, std::string_view input = {},
                   milliseconds most = milliseconds(10'000)) {
  const auto end = os::run_shell(command, input, most);
  REQUIRE(end);
  return *end;
}

}  // namespace

TEST_CASE("command: how it ended") {
  CHECK(run("exit 0").code == 0);
  CHECK(run("exit 9").code == 9);
  CHECK(run("kill -TERM $$").signal == SIGTERM);
}

TEST_CASE("command: the whole input, whether it is read or not") {
  const std::string much(3'000'000, 'x');
  CHECK(run("test $(wc -c) = 3000000", much).code == 0);
  CHECK(run("exec <&-", much).code == 0);
  CHECK(run("true", much).code == 0);
}

TEST_CASE("command: one that does not end is ended, with its children") {
  const auto began = std::chrono::steady_clock::now();
  const auto end = run("sleep 30 & sleep 30", {}, milliseconds(100));
  CHECK(end.out_of_time);
  CHECK(run("trap '' TERM; sleep 30; sleep 30", {}, milliseconds(100)).out_of_time);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(10));
}
