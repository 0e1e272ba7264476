// Writing to a file system by directory descriptor: the only way that hfaudit changes a cache.
//
// Every name is one component below a directory that the caller opened, and a link there stays
// unfollowed. New entries get their mode from the umask (or the folder's default ACL); in a folder
// that its group may write, the group gets the same access as there, regardless of the umask. An
// existing file is opened for writing only where it is a regular file with one name: a link in its
// place is refused. New files of root belong to the owner of the folder, who would otherwise be
// locked out of their own cache.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_info.hpp"
#include "hfaudit/result.hpp"
#include "os/fs.hpp"

namespace hfaudit::os {

// A file open for reading and writing. Movable; closes itself.
class WritableFile {
 public:
  // New; an error with EEXIST where the name is taken, be it by a dangling link.
  [[nodiscard]] static Result<WritableFile> create(const Directory& folder,
                                                   const std::string& name);
  // New, with exactly this mode, and of this process's user, also in another user's folder.
  [[nodiscard]] static Result<WritableFile> create_own(const Directory& folder,
                                                       const std::string& name, std::uint32_t mode);
  // Existing, regular, with one name.
  [[nodiscard]] static Result<WritableFile> open(const Directory& folder, const std::string& name);

  WritableFile(WritableFile&& other) noexcept;
  WritableFile& operator=(WritableFile&& other) noexcept;
  WritableFile(const WritableFile&) = delete;
  WritableFile& operator=(const WritableFile&) = delete;
  ~WritableFile();

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] Result<FileInfo> stat() const;
  [[nodiscard]] bool has_one_name() const;
  [[nodiscard]] Result<void> append(std::string_view bytes);
  [[nodiscard]] Result<void> truncate(std::uint64_t size);
  // Adopts the first `bytes` of another file, sharing blocks where the file system can. Where it
  // fails midway (a full disk), the copied part stays. Returns its size.
  [[nodiscard]] Result<std::uint64_t> copy_from(const File& source, std::uint64_t bytes);
  // The content of the file is on the disk.
  [[nodiscard]] Result<void> sync();
  // As a new file in `folder` would be. Where the file is another user's, it stays as it is.
  void set_usual_mode(const Directory& folder);
  // flock(2), exclusive, without waiting. False: another process has it. True also where the file
  // system lacks flock.
  [[nodiscard]] bool try_lock();

 private:
  WritableFile(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  int fd_ = -1;
  std::string name_;
};

// A folder; make_folder() creates it where it is missing. Links are followed for the folders that
// users move. Errors: a refused link, which the error names.
[[nodiscard]] Result<Directory> open_folder(const Directory& parent, const std::string& name,
                                            Links links = Links::refuse);
[[nodiscard]] Result<Directory> make_folder(const Directory& parent, const std::string& name,
                                            Links links = Links::refuse);
// A root that the user named, and all above it that is missing; links are followed.
[[nodiscard]] Result<Directory> make_root(const std::string& path);

[[nodiscard]] Result<void> rename(const Directory& from, const std::string& name,
                                  const Directory& to, const std::string& new_name);
// The same, unless the new name is taken.
[[nodiscard]] Result<void> rename_to_free_name(const Directory& from, const std::string& name,
                                               const Directory& to, const std::string& new_name);
// A second name for a file; of a link, for the link itself.
[[nodiscard]] Result<void> add_name(const Directory& from, const std::string& name,
                                    const Directory& to, const std::string& new_name);
[[nodiscard]] Result<void> make_link(const Directory& folder, const std::string& text,
                                     const std::string& name);
[[nodiscard]] Result<void> remove(const Directory& folder, const std::string& name);
[[nodiscard]] Result<void> remove_empty_folder(const Directory& folder, const std::string& name);
// Names in it last. Some file systems lack this for folders: their errors are ignored.
void sync_folder(const Directory& folder);

// Bytes from `from` up to the first hole, at most to the file's end. Where the file system lacks
// holes: to its end.
[[nodiscard]] std::uint64_t data_end(const File& file);

[[nodiscard]] bool has_one_name(const File& file);

// Is it a file system of this machine alone, where /proc and leases are complete?
[[nodiscard]] bool is_local(const Directory& folder);

// Has another process the file open, in any container? nullopt: the file system or the kernel
// cannot answer.
[[nodiscard]] std::optional<bool> others_have_open(const WritableFile& file);

}  // namespace hfaudit::os
