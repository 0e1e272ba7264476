// A folder to download into, and short ways to look at it: for the tests of what `hfaudit pull`
// writes.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "catch_any.hpp"
#include "store/store.hpp"

namespace hfaudit::test {

namespace fs = std::filesystem;

// The content of most files of these tests.
inline const std::string file_text = "what the file is to hold";

// A folder on a disk (leases and holes are not the same everywhere), which goes away again; and the
// umask of the test.
class Scratch {
 public:
  explicit Scratch(mode_t mask = 022) : old_mask_(::umask(mask)) {
    REQUIRE(::mkdtemp(path_.data()) != nullptr);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
    ::umask(old_mask_);
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(std::string_view name) const {
    return path_ + "/" + std::string(name);
  }

 private:
  std::string path_ = "/var/tmp/hfaudit-test-XXXXXX";
  mode_t old_mask_;
};

inline void write(const std::string& path, std::string_view bytes) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline bool exists(const std::string& path) {
  return fs::symlink_status(path).type() != fs::file_type::not_found;
}

inline unsigned mode(const std::string& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

inline std::uint64_t inode(const std::string& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

// Names in a folder that match nothing but their end.
inline std::size_t count(const std::string& folder, std::string_view suffix) {
  std::size_t found = 0;
  if (!fs::is_directory(folder)) return 0;
  for (const auto& entry : fs::directory_iterator(folder))
    found += entry.path().filename().string().ends_with(suffix) ? 1U : 0U;
  return found;
}

// What the caller of a draft does: appends from where it is.
inline void fill(PartialFile& partial_file, std::string_view whole) {
  const auto rest = whole.substr(static_cast<std::size_t>(partial_file.prefix()));
  const auto at = static_cast<off_t>(partial_file.prefix());
  REQUIRE(::pwrite(partial_file.fd(), rest.data(), rest.size(), at) ==
          static_cast<ssize_t>(rest.size()));
}

inline BeginResult must_begin(Store& store, const TreeFile& file, BeginOptions options = {}) {
  auto begun = store.begin(file, options);
  if (!begun) INFO(begun.error().subject + ": " + begun.error().cause);
  REQUIRE(begun);
  return std::move(*begun);
}

// A whole download.
inline FileState pull(Store& store, const TreeFile& file, std::string_view content,
                      BeginOptions options = {}) {
  const auto begun = must_begin(store, file, options);
  REQUIRE(begun.partial_file);
  fill(*begun.partial_file, content);
  const auto done = begun.partial_file->commit();
  REQUIRE(done);
  CHECK(done->present);
  CHECK(done->linked);
  return *done;
}

// A file that is as the Hub describes it; etags are only names here.
inline TreeFile git_file(const std::string& path, char digit, std::uint64_t size) {
  TreeFile file;
  file.path = path;
  file.size = size;
  file.blob_id = std::string(40, digit);
  return file;
}

inline TreeFile lfs_file(const std::string& path, char digit, std::uint64_t size) {
  auto file = git_file(path, digit, size);
  file.lfs_sha256 = std::string(64, digit);
  return file;
}

inline const std::string test_commit = "0123456789abcdef0123456789abcdef01234567";
inline const RepoId test_repo{RepoType::model, "acme/six"};

// A hub cache with nothing in it.
class CacheWorld : public Scratch {
 public:
  explicit CacheWorld(mode_t mask = 022) : Scratch(mask) {}
  [[nodiscard]] std::unique_ptr<Store> store(StoreOptions options = {},
                                             const std::string& revision = "main") const {
    Layout layout;
    layout.hub_cache.path = hub();
    auto opened = open_cache_store(layout, test_repo, revision, test_commit, options);
    REQUIRE(opened);
    return std::move(*opened);
  }
  [[nodiscard]] std::string hub() const { return *this / "home/hub"; }
  [[nodiscard]] std::string repo(std::string_view name) const {
    return hub() + "/models--acme--six/" + std::string(name);
  }
  [[nodiscard]] std::string blob(std::string_view name) const {
    return repo("blobs/" + std::string(name));
  }
  [[nodiscard]] std::string entry(std::string_view path) const {
    return repo("snapshots/" + test_commit + "/" + std::string(path));
  }
};

// A --local-dir with nothing in it.
class LocalWorld : public Scratch {
 public:
  explicit LocalWorld(mode_t mask = 022) : Scratch(mask) {}
  [[nodiscard]] std::unique_ptr<Store> store() const {
    auto opened = open_local_store(dir(), test_repo, test_commit);
    REQUIRE(opened);
    return std::move(*opened);
  }
  [[nodiscard]] std::string dir() const { return *this / "model"; }
  [[nodiscard]] std::string at(std::string_view path) const {
    return dir() + "/" + std::string(path);
  }
  [[nodiscard]] std::string notes(std::string_view path) const {
    return at(".cache/huggingface/download/" + std::string(path));
  }
};

}  // namespace hfaudit::test
