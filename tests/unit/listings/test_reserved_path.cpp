#include "catch_any.hpp"
#include "listings/reserved_path.hpp"

using namespace hfaudit;

namespace {

Reserved kind_of(std::string_view path) {
  return reserved_part_of(path).kind;
}

}  // namespace

TEST_CASE("git's folder is reserved in all spellings") {
  for (const char* path :
       {".git", ".git/config", "a/.GIT/x", ".git /x", ".git. ./x", "git~1/x", "a/GIT~1",
        ".git::$INDEX_ALLOCATION/x", ".git:x", ".g\xe2\x80\x8cit/x", "\xef\xbb\xbf.git",
        ".git\xe2\x81\xaf/x", "a\\.git\\x", ".gi\xe2\x80\x8eT ./x"})
    CHECK(kind_of(path) == Reserved::git);
  CHECK(reserved_part_of("a/.Git /x").part == ".Git ");
}

TEST_CASE("the notes of clients are reserved at any depth") {
  for (const char* path :
       {".cache/huggingface/x", ".cache/huggingface", "a/.CACHE/Huggingface./x", ".huggingface/x",
        ".hfd/x", "a/.hfaudit-quarantine/b", "cache~1/huggin~1/x"})
    CHECK(kind_of(path) == Reserved::client);
  CHECK(reserved_part_of("a/.cache/huggingface/x").part == ".cache/huggingface");
}

TEST_CASE("what only resembles them is not reserved") {
  for (const char* path :
       {"", ".", "a", ".gitattributes", ".gitignore", ".github/x", "git/x", "a.git/x", "git~2",
        ".git2", ".gi", "..git", ".cache/x", "huggingface/x", ".cache", "a/huggingface/.cache",
        ".cachex/huggingface", "\xe2\x80", ".g\xe2\x80\x8fx"})
    CHECK(kind_of(path) == Reserved::none);
}

TEST_CASE("a name among the refs is that of a ref if git allows it") {
  for (const char* name : {"main", "v1.0", "feature-x", "@x", "lost+found", "1111111", "x{y}"})
    CHECK(may_name_ref(name));
  for (const char* name : {"", ".", "..", ".main.swp", "main~", "main.lock", "a..b", "a b", "a\\b",
                           "a:b", "a?", "a*", "a[", "a^", "@", "a@{1}", "a.", "a\tb", "a\x7f"})
    CHECK_FALSE(may_name_ref(name));
}
