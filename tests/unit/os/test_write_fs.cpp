// Writing by directory descriptor: what is refused, and what is left where something fails.
#include "os/lock_file.hpp"
#include "os/write_fs.hpp"
#include "store_world.hpp"

#include <sys/file.h>

using namespace hfaudit;
using namespace hfaudit::test;

namespace {

os::Directory folder_at(const std::string& path) {
  auto folder = os::Directory::open_root(path);
  REQUIRE(folder);
  return std::move(*folder);
}

}  // namespace

TEST_CASE("write_fs: a new file is new, and an old one has one name") {
  const Scratch scratch;
  const auto folder = folder_at(scratch.path());
  write(scratch / "old", "x");
  fs::create_symlink(scratch / "nowhere", scratch / "dangling");
  CHECK(os::WritableFile::create(folder, "old").error().code == EEXIST);
  CHECK(os::WritableFile::create(folder, "dangling").error().code == EEXIST);
  CHECK_FALSE(exists(scratch / "nowhere"));
  CHECK(os::WritableFile::open(folder, "old"));
  CHECK_FALSE(os::WritableFile::open(folder, "dangling"));
  CHECK_FALSE(os::WritableFile::open(folder, "absent"));
  fs::create_symlink("old", scratch / "link");
  CHECK(os::WritableFile::open(folder, "link").error().code == ELOOP);
  fs::create_hard_link(scratch / "old", scratch / "second");
  CHECK_FALSE(os::WritableFile::open(folder, "old"));
  REQUIRE(::mkfifo((scratch / "fifo").c_str(), 0600) == 0);
  CHECK_FALSE(os::WritableFile::open(folder, "fifo"));
}

TEST_CASE("write_fs: folders are made by the umask, and links refused") {
  const Scratch scratch(077);
  const auto folder = folder_at(scratch.path());
  REQUIRE(os::make_folder(folder, "new"));
  CHECK(mode(scratch / "new") == 0700);
  REQUIRE(os::make_folder(folder, "new"));
  fs::create_directory_symlink("new", scratch / "link");
  CHECK(os::make_folder(folder, "link").error().cause == "a link is in the place of a folder");
  CHECK(os::make_folder(folder, "link", os::Links::follow));
  write(scratch / "file", "");
  CHECK(os::make_folder(folder, "file").error().cause == "a file is in the place of a folder");
  CHECK(os::open_folder(folder, "absent").error().code == ENOENT);
  CHECK(os::make_root(scratch / "a/b/c"));
  CHECK(mode(scratch / "a/b") == 0700);
}

TEST_CASE("write_fs: what is made in a folder of a group is the group's, whatever the umask") {
  const Scratch scratch;
  const auto folder = folder_at(scratch.path());
  REQUIRE(os::make_folder(folder, "shared"));
  REQUIRE(::chmod((scratch / "shared").c_str(), 02775) == 0);
  REQUIRE(os::make_folder(folder_at(scratch / "shared"), "inner"));
  CHECK(mode(scratch / "shared/inner") == 02775);
  REQUIRE(os::WritableFile::create(folder_at(scratch / "shared"), "file"));
  CHECK(mode(scratch / "shared/file") == 0664);
  // a sticky folder is everybody's, and what is in it is not
  REQUIRE(::chmod((scratch / "shared").c_str(), 01777) == 0);
  REQUIRE(os::WritableFile::create(folder_at(scratch / "shared"), "own"));
  CHECK(mode(scratch / "shared/own") == 0644);
}

TEST_CASE("write_fs: a copy is as long as was asked for") {
  const Scratch scratch;
  const auto folder = folder_at(scratch.path());
  write(scratch / "from", std::string(100'000, 'x'));
  const auto source = folder.open_file("from");
  REQUIRE(source);
  auto target = os::WritableFile::create(folder, "to");
  REQUIRE(target);
  REQUIRE(target->append("longer than what comes"));
  CHECK(target->copy_from(**source, 5) == std::uint64_t{5});
  CHECK(read(scratch / "to") == "xxxxx");
  CHECK(target->copy_from(**source, 70'000) == std::uint64_t{70'000});
  CHECK(read(scratch / "to") == std::string(70'000, 'x'));
  CHECK(target->copy_from(**source, 200'000) == std::uint64_t{100'000});  // the source has no more
}

TEST_CASE("write_fs: the mode of a new file, whatever the file had") {
  const auto mask = GENERATE(022U, 077U, 002U);
  const Scratch scratch(mask);
  const auto folder = folder_at(scratch.path());
  write(scratch / "f", "");
  REQUIRE(::chmod((scratch / "f").c_str(), 0604) == 0);
  auto file = os::WritableFile::open(folder, "f");
  REQUIRE(file);
  file->set_usual_mode(folder);
  CHECK(mode(scratch / "f") == (0666U & ~mask));
  CHECK(count(scratch.path(), "") == 1);
}

TEST_CASE("write_fs: who else has a file open") {
  const Scratch scratch;
  const auto folder = folder_at(scratch.path());
  auto file = os::WritableFile::create(folder, "f");
  REQUIRE(file);
  CHECK(os::others_have_open(*file) == false);
  for (const int flags : {O_RDONLY, O_WRONLY}) {
    const int fd = ::open((scratch / "f").c_str(), flags);
    CHECK(os::others_have_open(*file) == true);
    ::close(fd);
  }
  CHECK(os::others_have_open(*file) == false);
  CHECK(os::is_local(folder));
}

TEST_CASE("write_fs: holes end what is there") {
  const Scratch scratch;
  const auto folder = folder_at(scratch.path());
  write(scratch / "f", std::string(8192, 'x'));
  fs::resize_file(scratch / "f", 100'000);
  CHECK(os::data_end(**folder.open_file("f")) == 8192);
  write(scratch / "g", "xyz");
  CHECK(os::data_end(**folder.open_file("g")) == 3);
  write(scratch / "empty", "");
  CHECK(os::data_end(**folder.open_file("empty")) == 0);
}

TEST_CASE("write_fs: a lock is one's own, and its name leads to it") {
  using Make = os::LockFile::Make;
  const Scratch scratch(077);
  const auto folder = folder_at(scratch.path());
  CHECK(os::LockFile::take(folder, "l", Make::never).error().code == ENOENT);
  {
    const auto first = os::LockFile::take(folder, "l", Make::if_missing);
    REQUIRE(first);
    REQUIRE(*first);
    CHECK(mode(scratch / "l") == 0664);
    const auto second = os::LockFile::take(folder, "l", Make::if_missing);
    REQUIRE(second);
    CHECK_FALSE(*second);
    fs::remove(scratch / "l");  // a client that removes its locks: the next one is another file
    CHECK(*os::LockFile::take(folder, "l", Make::if_missing));
  }
  CHECK(exists(scratch / "l"));
  CHECK(*os::LockFile::take(folder, "l", Make::never));
  fs::create_symlink("l", scratch / "link");
  CHECK(os::LockFile::take(folder, "link", Make::if_missing).error().code == ELOOP);
  REQUIRE(::chmod((scratch / "l").c_str(), 0444) == 0);
  CHECK(*os::LockFile::take(folder, "l", Make::never));
}

TEST_CASE("write_fs: a rename to a free name takes no other's") {
  const Scratch scratch;
  const auto folder = folder_at(scratch.path());
  write(scratch / "a", "a");
  write(scratch / "b", "b");
  CHECK(os::rename_to_free_name(folder, "a", folder, "b").error().code == EEXIST);
  REQUIRE(os::rename_to_free_name(folder, "a", folder, "c"));
  CHECK(read(scratch / "c") == "a");
}
