// What root gives back of a cache, and what it leaves.
#include "catch_any.hpp"
#include "repair/ownership_rule.hpp"

using namespace hfaudit;

namespace {

constexpr std::uint32_t user = 1000, stranger = 1001, users_group = 1000, shared_group = 2000;

constexpr OwnershipContext own_cache = {user, users_group, false, users_group};
constexpr OwnershipContext shared_cache = {user, users_group, true, shared_group};

FileInfo entry(FileType type, std::uint32_t uid, Access access) {
  FileInfo meta;
  meta.type = type;
  meta.uid = uid;
  meta.gid = shared_group;
  meta.access = access;
  return meta;
}

constexpr Access all = {true, true, true}, reads = {true, false, true},
                 nothing = {false, false, false};

}  // namespace

TEST_CASE("ownership: in a cache of one user's own, what is root's goes back, whatever its mode") {
  for (const auto type : {FileType::regular, FileType::directory, FileType::symlink}) {
    CHECK(ownership_fix_for(entry(type, 0, all), "x", own_cache) == OwnershipFix::give);
    CHECK(ownership_fix_for(entry(type, user, nothing), "x", own_cache) == OwnershipFix::leave);
  }
}

TEST_CASE("ownership: FIFOs, sockets and devices are left alone") {
  CHECK(ownership_fix_for(entry(FileType::other, 0, nothing), "x", own_cache) ==
        OwnershipFix::leave);
  CHECK(ownership_fix_for(entry(FileType::other, 0, nothing), "x", shared_cache) ==
        OwnershipFix::leave);
}

TEST_CASE("ownership: another user's entry goes back where it keeps the cache's user out") {
  const auto of = [](FileType type, Access access, std::string_view name) {
    return ownership_fix_for(entry(type, stranger, access), name, own_cache);
  };
  CHECK(of(FileType::regular, reads, "blob") == OwnershipFix::leave);
  CHECK(of(FileType::regular, nothing, "blob") == OwnershipFix::give);
  CHECK(of(FileType::regular, reads, "abc.lock") == OwnershipFix::give);
  CHECK(of(FileType::regular, reads, "abc.incomplete") == OwnershipFix::give);
  CHECK(of(FileType::directory, reads, "blobs") == OwnershipFix::give);
  CHECK(of(FileType::directory, all, "blobs") == OwnershipFix::leave);
  CHECK(of(FileType::symlink, nothing, "config.json") == OwnershipFix::leave);
}

TEST_CASE(
    "ownership: a shared cache keeps its users, and root's goes back where it is in the way") {
  auto theirs = entry(FileType::regular, stranger, nothing);
  CHECK(ownership_fix_for(theirs, "blob", shared_cache) == OwnershipFix::leave);
  theirs.gid = users_group;
  CHECK(ownership_fix_for(theirs, "blob", shared_cache) == OwnershipFix::leave);
  CHECK(ownership_fix_for(entry(FileType::directory, stranger, reads), "blobs", shared_cache) ==
        OwnershipFix::leave);
  CHECK(ownership_fix_for(entry(FileType::directory, 0, reads), "blobs", shared_cache) ==
        OwnershipFix::give);
  CHECK(ownership_fix_for(entry(FileType::regular, 0, nothing), "blob", shared_cache) ==
        OwnershipFix::give);
  CHECK(ownership_fix_for(entry(FileType::regular, 0, reads), "blob", shared_cache) ==
        OwnershipFix::leave);
}
