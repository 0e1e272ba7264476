#include "hfaudit/lock.hpp"

#include <random>

#include "catch_any.hpp"
#include "listings/locked.hpp"

using namespace hfaudit;

namespace {

LockedRepos two_repos() {
  LockedRepos locked;
  locked.repos.push_back({{RepoType::model, "acme/six"},
                          "main",
                          std::string(40, 'a'),
                          {{"config.json", 2, {}, std::string(40, '1')},
                           {"sub/model.safetensors", 9, std::string(64, '2'), {}}}});
  locked.repos.push_back({{RepoType::dataset, "rows"},
                          "v1.0",
                          std::string(40, 'b'),
                          {{"rows.csv", 3, {}, std::string(40, '4')}}});
  return locked;
}

std::string with(std::string_view from, std::string_view to) {
  auto text = format_lock(two_repos());
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a lock file gives back what was locked, in one order", "[lock]") {
  const auto text = format_lock(two_repos());
  const auto read = parse_lock(text);
  REQUIRE(read);
  REQUIRE(read->repos.size() == 2);
  CHECK(read->repos[0] == two_repos().repos[0]);
  CHECK(read->repos[1] == two_repos().repos[1]);
  CHECK(format_lock(*read) == text);

  auto shuffled = two_repos();
  std::swap(shuffled.repos[0], shuffled.repos[1]);
  std::swap(shuffled.repos[1].files[0], shuffled.repos[1].files[1]);
  const auto sorted = parse_lock(format_lock(shuffled));
  REQUIRE(sorted);
  CHECK(format_lock(*sorted) == text);
}

TEST_CASE("a file is a line, so that a diff shows what changed", "[lock]") {
  auto after = two_repos();
  after.repos[0].files[1].sha256[0] = '3';
  const auto before_text = format_lock(two_repos()), after_text = format_lock(after);
  std::size_t differing = 0;
  std::string_view a = before_text, b = after_text;
  while (!a.empty()) {
    const auto end_a = a.find('\n'), end_b = b.find('\n');
    if (a.substr(0, end_a) != b.substr(0, end_b)) ++differing;
    a.remove_prefix(end_a + 1);
    b.remove_prefix(end_b + 1);
  }
  CHECK(differing == 1);
}

TEST_CASE("names that are not UTF-8 survive", "[lock]") {
  auto locked = two_repos();
  locked.repos[0].files[0].path = "a\xff\xfe.bin";
  const auto read = parse_lock(format_lock(locked));
  REQUIRE(read);
  CHECK(read->repos[0].files[0].path == locked.repos[0].files[0].path);
}

TEST_CASE("a list of no files, or two lists for one commit, is refused", "[lock]") {
  auto none = two_repos();
  none.repos[1].files.clear();
  CHECK_FALSE(parse_lock(format_lock(none)));

  auto twice = two_repos();
  twice.repos.push_back(twice.repos[0]);
  twice.repos.back().revision = "v2";
  CHECK(parse_lock(format_lock(twice)));
  twice.repos.back().files[0].size = 3;
  CHECK_FALSE(parse_lock(format_lock(twice)));
}

TEST_CASE("what is no lock file is refused with a reason", "[lock]") {
  CHECK_FALSE(parse_lock(""));
  CHECK_FALSE(parse_lock("[]"));
  CHECK_FALSE(parse_lock("{}"));
  CHECK_FALSE(parse_lock(with("hfaudit.lock/1", "hfaudit.lock/2")));
  for (const auto* path : {"../config.json", "/config.json", "a/../b", "a//b", "", "."})
    CHECK_FALSE(parse_lock(with("\"config.json\"", '"' + std::string(path) + '"')));
  CHECK_FALSE(parse_lock(with(std::string(40, 'a'), std::string(39, 'a'))));
  CHECK_FALSE(parse_lock(with(std::string(64, '2'), std::string(64, 'x'))));
  CHECK_FALSE(parse_lock(with("sha256:", "md5:")));
  CHECK_FALSE(parse_lock(with("acme/six", "../six")));
  CHECK_FALSE(parse_lock(with("acme/six", "acme/six@x")));
  CHECK_FALSE(parse_lock(with("\"main\"", "\"../main\"")));
  CHECK_FALSE(parse_lock(with("\"dataset\"", "\"thing\"")));
  CHECK_FALSE(parse_lock(with("\"size\":2", "\"size\":-2")));
  CHECK_FALSE(parse_lock(with("sub/model.safetensors", "config.json")));  // one path twice
  const auto text = format_lock(two_repos());
  for (std::size_t size = 0; size + 2 < text.size(); size += 7)
    CHECK_FALSE(parse_lock(std::string_view(text).substr(0, size)));
}

TEST_CASE("any bytes are read without harm", "[lock]") {
  std::mt19937_64 chance(5);
  const auto text = format_lock(two_repos());
  for (int round = 0; round < 2000; ++round) {
    auto damaged = text;
    for (int i = 0; i < 3; ++i)
      damaged[chance() % damaged.size()] = static_cast<char>(chance() % 256);
    if (const auto read = parse_lock(damaged)) CHECK(parse_lock(format_lock(*read)));
  }
}

TEST_CASE("the Hub's listing is compared with what was locked", "[lock]") {
  const auto locked = two_repos().repos[0];
  auto tree = tree_of(locked);
  REQUIRE(tree.files.size() == 2);
  CHECK(tree.files[0].etag() == std::string(40, '1'));
  CHECK(tree.files[1].etag() == std::string(64, '2'));
  CHECK(difference_from(locked, tree).empty());
  tree.files.push_back({"zzz.txt", 1, std::string(40, '9'), "", ""});  // more is no difference
  CHECK(difference_from(locked, tree).empty());
  auto other = tree;
  other.files[0].blob_id = "7" + std::string(39, '1');
  CHECK(difference_from(locked, other).find("config.json") != std::string::npos);
  other = tree;
  other.files[1].lfs_sha256 = "7" + std::string(63, '2');
  CHECK_FALSE(difference_from(locked, other).empty());
  other = tree;
  other.files[1].size = 10;
  CHECK_FALSE(difference_from(locked, other).empty());
  other = tree;
  other.files.erase(other.files.begin());
  CHECK(difference_from(locked, other).find("config.json") != std::string::npos);
}

TEST_CASE("changes are told by repo and file", "[lock]") {
  CHECK(changes_between(two_repos(), two_repos()).empty());
  auto after = two_repos();
  after.repos[0].commit = std::string(40, 'c');
  after.repos[0].files[0].size = 5;
  after.repos[0].files[1].path = "sub/other.safetensors";
  after.repos.pop_back();
  const auto lines = changes_between(two_repos(), after);
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == "~ acme/six@main  aaaaaaaaaaaa -> cccccccccccc");
  CHECK(lines[1] == "  ~ config.json  2 B -> 5 B");
  CHECK(lines[2] == "  - sub/model.safetensors  9 B");
  CHECK(lines[3] == "  + sub/other.safetensors  9 B");
  CHECK(lines[4] == "- datasets/rows@v1.0  bbbbbbbbbbbb");
}
