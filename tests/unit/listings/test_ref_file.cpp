#include "catch_any.hpp"
#include "listings/listings.hpp"

using namespace hfaudit;

TEST_CASE("a ref holds a commit, or says what is wrong with it") {
  const std::string hash = "0123456789abcdef0123456789abcdef01234567";
  struct Case {
    const char* what;
    std::string bytes;
    RefState state;
  };
  const std::vector<Case> cases{
      {"as clients write it", hash, RefState::commit},
      {"a newline, which Python does not take off", hash + "\n", RefState::commit_with_space},
      {"CRLF", hash + "\r\n", RefState::commit_with_space},
      {"a space before", " " + hash, RefState::commit_with_space},
      {"nothing", "", RefState::empty},
      {"only a newline", "\n", RefState::empty},
      {"cut off", hash.substr(0, 39), RefState::malformed},
      {"too long", hash + "0", RefState::malformed},
      {"upper case", "0123456789ABCDEF0123456789ABCDEF01234567", RefState::malformed},
      {"two lines", hash + "\n" + hash + "\n", RefState::malformed},
      {"a space within", hash.substr(0, 20) + " " + hash.substr(20), RefState::malformed},
      {"a NUL behind", hash + std::string(1, '\0'), RefState::malformed},
      {"a branch name", "main", RefState::malformed},
      {"zeros of a lost write", std::string(40, '\0'), RefState::malformed},
      {"perhaps more than was read", hash + std::string(88, ' '), RefState::malformed},
  };
  for (const auto& item : cases) {
    INFO(item.what);
    const auto ref = parse_ref(item.bytes);
    CHECK(ref.state == item.state);
    const bool holds = ref.state == RefState::commit || ref.state == RefState::commit_with_space;
    CHECK(ref.commit == (holds ? hash : ""));
  }
}
