// Answers of git: what is understood, and what is refused.
#include "catch_any.hpp"
#include "listings/git_head.hpp"

using namespace hfaudit;

namespace {

const std::string object = "587be6b4c3f93f93c489c0111bba5596147a26cb";
const std::string other_object = "45b983be36b73c0788dc9cbcb76cbb80fc7bb057";

std::string tree_row(const std::string& path, const std::string& size = "      2",
                     const std::string& mode = "100644", const std::string& type = "blob") {
  return mode + " " + type + " " + object + " " + size + "\t" + path + '\0';
}

std::string index_row(char tag, const std::string& path) {
  return std::string(1, tag) + " " + path + '\0';
}

}  // namespace

TEST_CASE("git: the commit and the branch of HEAD") {
  const auto head = parse_git_head("\n" + object + "\nrefs/heads/feature/x\n");
  REQUIRE(head);
  CHECK(head->commit == object);
  CHECK(head->branch == "feature/x");
  const auto detached = parse_git_head("\n" + object + "\nHEAD\n");
  REQUIRE(detached);
  CHECK(detached->branch.empty());
  CHECK(parse_git_head("\n" + object + "\nrefs/heads/../x\n")->branch.empty());
}

TEST_CASE("git: no HEAD of this folder") {
  CHECK_FALSE(parse_git_head("../\n" + object + "\nrefs/heads/main\n"));
  CHECK_FALSE(parse_git_head(""));
  CHECK_FALSE(parse_git_head("\n\n"));
  CHECK_FALSE(parse_git_head("\nHEAD^{commit}\nHEAD\n"));
  CHECK_FALSE(parse_git_head("\n" + object + "\n"));
  CHECK_FALSE(parse_git_head("\n" + object + "\nrefs/heads/main\nmore\n"));
}

TEST_CASE("git: the files of a commit") {
  const auto files = parse_git_tree(tree_row("z") + tree_row("a b\n", "     12", "100755") +
                                    tree_row("link", "      4", "120000") +
                                    tree_row("module", "      -", "160000", "commit") +
                                    tree_row("absent", "    BAD"));
  REQUIRE(files);
  REQUIRE(files->size() == 3);
  CHECK(files->at(0).path == "a b\n");
  CHECK(files->at(0).size == 12);
  CHECK(files->at(1).path == "absent");
  CHECK_FALSE(files->at(1).size);
  CHECK(files->at(2).path == "z");
  CHECK(files->at(2).object == object);
  CHECK(parse_git_tree("")->empty());
}

TEST_CASE("git: a tree that is refused") {
  CHECK_FALSE(parse_git_tree(tree_row("../x")));
  CHECK_FALSE(parse_git_tree(tree_row("/etc/passwd")));
  CHECK_FALSE(parse_git_tree(tree_row("x") + tree_row("x")));
  CHECK_FALSE(parse_git_tree("100644 blob " + object + " 2\tx"));  // breaks off
  CHECK_FALSE(parse_git_tree(std::string("100644 blob xyz 2\tx\0", 20)));
  CHECK_FALSE(parse_git_tree(std::string("fatal\0", 6)));
}

TEST_CASE("git: what the working tree should hold") {
  const auto index =
      parse_git_index(index_row('H', "b") + index_row('S', "left/out") + index_row('H', "a"));
  REQUIRE(index);
  CHECK(index->wants("a"));
  CHECK(index->wants("b"));
  CHECK_FALSE(index->wants("left/out"));
  CHECK_FALSE(index->wants("removed by git rm"));
  const auto none = parse_git_index("");
  REQUIRE(none);
  CHECK(none->wants("anything"));
  CHECK_FALSE(parse_git_index("H a"));
  CHECK_FALSE(parse_git_index(index_row('H', "")));
}

TEST_CASE("git: the content of objects") {
  const std::string answer =
      object + " blob 3\na\nb\n" + other_object + " missing\n" + other_object + " blob 0\n\n";
  const auto objects = parse_git_objects(answer);
  REQUIRE(objects);
  CHECK(objects->size() == 2);
  CHECK(objects->at(object) == "a\nb");
  CHECK(objects->at(other_object).empty());
  CHECK(parse_git_objects("")->empty());
  for (const auto& bad : {object + " blob 30\nabc\n", object + " blob 3\nabc",
                          object + " blob 2\nabc\n", object + " blob -1\nabc\n", object + " blob\n",
                          std::string("x"), object + " blob 18446744073709551615\nabc\n"})
    CHECK_FALSE(parse_git_objects(bad));
}
