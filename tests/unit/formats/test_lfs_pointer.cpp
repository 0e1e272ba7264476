#include "catch_any.hpp"
#include "formats/examine.hpp"

using namespace hfaudit;

namespace {
const std::string version = "version https://git-lfs.github.com/spec/v1\n";
const std::string oid = "oid sha256:" + std::string(64, 'a') + "\n";
}  // namespace

TEST_CASE("an LFS pointer gives hash and size of what it stands for") {
  for (const auto& text :
       {version + oid + "size 12345\n", version + oid + "size 12345",
        "version https://hawser.github.com/spec/v1\n" + oid + "size 12345\n",
        version + "ext-0-foo sha256:" + std::string(64, 'b') + "\n" + oid + "size 12345\n",
        "version https://git-lfs.github.com/spec/v1\r\noid sha256:" + std::string(64, 'A') +
            "\r\nsize 12345\r\n"}) {
    INFO(text);
    const auto pointer = parse_lfs_pointer(text);
    REQUIRE(pointer);
    CHECK(pointer->sha256 == std::string(64, 'a'));
    CHECK(pointer->size == 12345);
  }
}

TEST_CASE("what only looks like an LFS pointer is none") {
  for (const auto& text :
       {std::string(), version, version + oid, version + "size 1\n", oid + "size 1\n",
        version + oid + "size -1\n", version + oid + "size 99999999999999999999\n",
        version + oid + "size 1 2\n", version + "oid sha1:" + std::string(40, 'a') + "\nsize 1\n",
        version + "oid sha256:" + std::string(63, 'a') + "\nsize 1\n",
        "version 1\n" + oid + "size 1\n", version + oid + "size 1\n" + std::string(1024, '\n')}) {
    INFO(text);
    CHECK_FALSE(parse_lfs_pointer(text));
  }
}
