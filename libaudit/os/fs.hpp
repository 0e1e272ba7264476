// Reading a file system by directory descriptor: the only way that hfaudit scans a cache.
//
// All functions are read-only and leave a link in the last component unfollowed, unless their names
// state otherwise. Files are opened without changing their access time where the system allows it.
// Opening a FIFO or a device returns at once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/byte_source.hpp"
#include "base/file_info.hpp"
#include "hfaudit/result.hpp"

namespace hfaudit::os {

// A file open for reading. Closes itself.
class File final : public ByteSource {
 public:
  File(int fd, const FileInfo& meta, std::string name)
      : fd_(fd), meta_(meta), name_(std::move(name)) {}
  ~File() override;

  [[nodiscard]] std::uint64_t size() const override { return meta_.size; }
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override;
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] const FileInfo& meta() const { return meta_; }  // when it was opened
  [[nodiscard]] Result<FileInfo> stat() const;                  // now
  // The same file once more, with flags and a position of its own, and with the meta() of this one.
  // By way of /proc, which may be absent.
  [[nodiscard]] Result<std::unique_ptr<File>> open_again() const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  int fd_;
  FileInfo meta_;
  std::string name_;
};

struct DirectoryEntry {
  std::string_view name;  // valid until the callback returns
  FileType type = FileType::other;
};

// For a link in the last component of a name.
enum class Links : std::uint8_t { refuse, follow };

// An open directory. Movable; closes itself.
class Directory {
 public:
  // Follows links in `path`: for the roots that the user named.
  [[nodiscard]] static Result<Directory> open_root(const std::string& path);

  Directory(Directory&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Directory& operator=(Directory&& other) noexcept;
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory();

  // `name` may hold slashes only where a caller built it from names that it opened itself.
  [[nodiscard]] Result<Directory> open_directory(const std::string& name,
                                                 Links links = Links::refuse) const;
  [[nodiscard]] Result<FileInfo> stat(const std::string& name) const;  // of a link: the link itself
  [[nodiscard]] Result<FileInfo> stat_target(const std::string& name) const;  // follows links
  [[nodiscard]] Result<FileInfo> stat_self() const;
  // When the directory was made, in ns since the epoch; 0 where the file system lacks it.
  [[nodiscard]] std::int64_t born_ns() const;
  [[nodiscard]] Result<std::string> read_link(const std::string& name) const;
  // The same, into the caller's memory.
  [[nodiscard]] Result<std::string_view> read_link(const std::string& name,
                                                   std::span<char> into) const;
  // Regular files only. Links are followed to a blob in the shared store.
  [[nodiscard]] Result<std::unique_ptr<File>> open_file(const std::string& name,
                                                        Links links = Links::refuse) const;
  // May this process read the regular file that the name leads to, through links?
  [[nodiscard]] bool may_read(const std::string& name) const;
  // The first `limit` bytes.
  [[nodiscard]] Result<std::string> read_small(const std::string& name, std::size_t limit,
                                               Links links = Links::refuse) const;
  // Calls `each` for every name but "." and "..", in any order; once in the life of a Directory.
  // Entries that vanish meanwhile are left out.
  [[nodiscard]] Result<void> list(const std::function<void(const DirectoryEntry&)>& each) const;
  // Bytes that an ordinary user can still write to the file system; nullopt: unknown.
  [[nodiscard]] std::optional<std::uint64_t> free_bytes() const;

  [[nodiscard]] int fd() const { return fd_; }

 private:
  friend class SecureDirectory;
  explicit Directory(int fd) : fd_(fd) {}
  int fd_ = -1;
};

// The present state of an open file; `name` is for the error.
[[nodiscard]] Result<FileInfo> stat_descriptor(int fd, std::string_view name);

// ENOENT and ENOTDIR mean absent. Any other error means unreadable.
[[nodiscard]] bool is_absent(const Error& error);

}  // namespace hfaudit::os
