// What is given to the group that shares a cache, and for which evidence.
#include "catch_any.hpp"
#include "repair/sharing_rule.hpp"

using namespace hfaudit;

namespace {

constexpr Sharing group = {3000};
const std::string etag(64, 'a');
const std::string commit(40, 'c');

FileInfo meta_of(FileType type, std::uint32_t mode, std::uint32_t gid = 3000) {
  FileInfo meta;
  meta.type = type;
  meta.mode = mode;
  meta.gid = gid;
  meta.members = members_access(meta, group);
  return meta;
}

FileInfo file(std::uint32_t mode, std::uint32_t gid = 3000) {
  return meta_of(FileType::regular, mode, gid);
}
FileInfo folder(std::uint32_t mode, std::uint32_t gid = 3000) {
  return meta_of(FileType::directory, mode, gid);
}

std::uint32_t mode_after(const FileInfo& meta, SharedEntry entry) {
  const auto fix = sharing_fix_for(meta, entry, group);
  return fix ? fix->share.mode : meta.mode;
}

SharedEntry kind_of(const std::string& path) {
  return shared_entry_at(path, FileType::regular);
}

}  // namespace

TEST_CASE("sharing: an entry is known by its path in the cache") {
  const std::string repo = "models--a--b";
  CHECK(kind_of(".locks/" + repo + "/" + etag + ".lock") == SharedEntry::lock);
  CHECK(kind_of(".locks/" + repo + "/notes.txt") == SharedEntry::other);
  CHECK(kind_of(repo + "/blobs/" + etag) == SharedEntry::blob);
  CHECK(kind_of(repo + "/blobs/" + etag + ".lock") == SharedEntry::lock);
  CHECK(kind_of(repo + "/blobs/" + etag + ".incomplete") == SharedEntry::partial);
  CHECK(kind_of(repo + "/blobs/" + etag + ".0badcafe.incomplete") == SharedEntry::other);
  CHECK(kind_of(repo + "/blobs/secret") == SharedEntry::other);
  CHECK(kind_of(repo + "/blobs/deep/" + etag) == SharedEntry::other);
  CHECK(kind_of(repo + "/refs/pr/1") == SharedEntry::ref);
  CHECK(kind_of(repo + "/trees/" + commit + ".json") == SharedEntry::tree);
  CHECK(kind_of(repo + "/trees/main.json") == SharedEntry::other);
  CHECK(kind_of(repo + "/snapshots/" + commit + "/config.json") == SharedEntry::copy);
  CHECK(kind_of(repo + "/.no_exist/" + commit + "/x") == SharedEntry::marker);
  CHECK(kind_of("token") == SharedEntry::other);
  CHECK(kind_of("notes/" + etag) == SharedEntry::other);
  CHECK(shared_entry_at("private", FileType::directory) == SharedEntry::other);
  CHECK(shared_entry_at(repo + "/private", FileType::directory) == SharedEntry::other);
  for (const auto& path : {std::string(), std::string(".locks"), repo, repo + "/blobs"})
    CHECK(shared_entry_at(path, FileType::directory) == SharedEntry::folder);
}

TEST_CASE("sharing: the group gets what the clients need, and others get nothing") {
  CHECK(mode_after(folder(0755), SharedEntry::folder) == 02775);
  CHECK(mode_after(folder(0700), SharedEntry::folder) == 02770);
  CHECK(mode_after(file(0644), SharedEntry::lock) == 0664);
  CHECK(mode_after(file(0600), SharedEntry::lock) == 0660);
  CHECK(mode_after(file(0444), SharedEntry::lock) == 0664);
  CHECK(mode_after(file(0600), SharedEntry::blob) == 0640);
  CHECK(mode_after(file(0400), SharedEntry::blob) == 0440);
  CHECK(mode_after(file(0644), SharedEntry::ref) == 0664);
  CHECK(mode_after(file(0644), SharedEntry::partial) == 0664);
  CHECK(mode_after(file(0600), SharedEntry::tree) == 0640);
}

TEST_CASE("sharing: what the group can use stays as it is") {
  for (const auto mode : {0775U, 02775U, 02770U})
    CHECK_FALSE(sharing_fix_for(folder(mode), SharedEntry::folder, group));
  CHECK_FALSE(sharing_fix_for(file(0664), SharedEntry::lock, group));
  CHECK_FALSE(sharing_fix_for(file(0644), SharedEntry::blob, group));
  CHECK_FALSE(sharing_fix_for(file(0644, 2001), SharedEntry::blob, group));
  CHECK_FALSE(sharing_fix_for(file(0600), SharedEntry::other, group));
}

TEST_CASE("sharing: what its owner made read-only is only read") {
  CHECK_FALSE(sharing_fix_for(folder(0555), SharedEntry::folder, group));
  CHECK(mode_after(folder(0500), SharedEntry::folder) == 0550);
  CHECK_FALSE(sharing_fix_for(file(0444), SharedEntry::ref, group));
}

TEST_CASE("sharing: an entry of another group goes to this one") {
  const auto fix = sharing_fix_for(file(0664, 2001), SharedEntry::lock, group);
  REQUIRE(fix);
  CHECK(fix->share.gid == 3000);
  CHECK(fix->evidence == ShareEvidence::empty);
}

TEST_CASE("sharing: a private file needs evidence that it is the cache's") {
  const auto evidence = [](const FileInfo& meta, SharedEntry entry) {
    const auto fix = sharing_fix_for(meta, entry, group);
    return fix ? fix->evidence : ShareEvidence::none;
  };
  CHECK(evidence(file(0600), SharedEntry::blob) == ShareEvidence::digest);
  CHECK(evidence(file(0640, 2001), SharedEntry::blob) == ShareEvidence::digest);
  CHECK(evidence(file(0600), SharedEntry::lock) == ShareEvidence::empty);
  CHECK(evidence(file(0644), SharedEntry::lock) == ShareEvidence::empty);
  CHECK(evidence(file(0644), SharedEntry::ref) == ShareEvidence::commit);
  CHECK(evidence(file(0600), SharedEntry::tree) == ShareEvidence::listing);
  CHECK(evidence(file(0600), SharedEntry::copy) == ShareEvidence::nothing);
  CHECK(evidence(file(0600), SharedEntry::partial) == ShareEvidence::nothing);
  CHECK(evidence(file(0644), SharedEntry::partial) == ShareEvidence::none);
}

TEST_CASE("sharing: a closed folder needs names that clients make") {
  const auto fix = sharing_fix_for(folder(0700), SharedEntry::folder, group);
  REQUIRE(fix);
  CHECK(fix->evidence == ShareEvidence::names);
  CHECK(sharing_fix_for(folder(0755), SharedEntry::folder, group)->evidence == ShareEvidence::none);
  const auto known = [](const std::string& in, const std::string& name,
                        FileType type = FileType::regular) {
    return is_known_child(in, name, type);
  };
  const std::string repo = "models--a--b";
  CHECK(known(repo, "blobs", FileType::directory));
  CHECK(known(repo, "tmp_0f3a9c1d-0000-4000-8000-000000000000"));
  CHECK_FALSE(known(repo, "diary.txt"));
  CHECK(known(repo + "/blobs", etag));
  CHECK(known(repo + "/blobs", etag + ".0badcafe.incomplete"));
  CHECK_FALSE(known(repo + "/blobs", "diary.txt"));
  CHECK(known(repo + "/snapshots", commit, FileType::directory));
  CHECK_FALSE(known(repo + "/snapshots", "diary", FileType::directory));
  CHECK(known(repo + "/snapshots/" + commit, "config.json"));
  CHECK_FALSE(known(repo + "/trees", "diary.txt"));
  CHECK_FALSE(known(".locks/" + repo, "diary.txt"));
  CHECK(is_known_child_of_xet("https___cas_serv-tGqkUaZf_CBPHQ6h", FileType::directory));
  CHECK(is_known_child_of_xet("logs", FileType::directory));
  CHECK_FALSE(is_known_child_of_xet("diary.txt", FileType::regular));
}

TEST_CASE("sharing: a listing of clients is known by its beginning") {
  CHECK(begins_as_listing(R"({"format_version":1,"files":{"a":{"size":1}}})"));
  CHECK(begins_as_listing("{\n \"format_version\": 1,\n \"files\": {\n"));
  CHECK_FALSE(begins_as_listing(R"({"token":"hf_x"})"));
  CHECK_FALSE(begins_as_listing("{\n \"format_version\": 1,"));
  CHECK_FALSE(begins_as_listing(""));
}

TEST_CASE("sharing: new entries get what their folder declares") {
  CHECK(declared_file_mode(02775, 0600) == 0660);
  CHECK(declared_file_mode(02775, 0644) == 0664);
  CHECK(declared_file_mode(0755, 0600) == 0600);
  CHECK(declared_file_mode(01777, 0600) == 0600);
  CHECK(declared_file_mode(03775, 0600) == 0660);
  CHECK(declared_folder_mode(02775, 02755) == 02775);
  CHECK(declared_folder_mode(02770, 0700) == 02770);
  CHECK(declared_folder_mode(0755, 0700) == 0700);
}
