// Our own partial file: the inode into which a file is downloaded, which no other process writes
// to, with the part of an earlier download.
//
// Its name is `<stem>.hfaudit.incomplete`, so that the next run finds it; its writer holds flock(2)
// on it. If that name exists and may have a writer (another hfaudit writes, flock is ineffective,
// other machines may be at work), the name is `<stem>.<8 hex>.hfaudit.incomplete`, one a process. A
// client's partial is renamed to it where other processes have it provably closed: by our locks, by
// a lease of the kernel, on a file system that only this machine writes to. All others are copied
// and left where they are.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cache/inventory.hpp"
#include "download/partial_file.hpp"
#include "hfaudit/result.hpp"
#include "os/fs.hpp"
#include "os/write_fs.hpp"
#include "store/adopt.hpp"

namespace hfaudit {

class PartialWriter {
 public:
  struct Request {
    std::shared_ptr<const os::Directory> folder;
    std::string stem;  // `<etag>`
    std::uint64_t size = 0;
    // we hold a lock that keeps the clients out: their partials may be moved
    bool exclusive = false;
    bool insist = false;           // beside another hfaudit, if there is one
    std::optional<Leftover> best;  // the part to resume from
  };

  // nullopt: another hfaudit is writing it.
  [[nodiscard]] static Result<std::optional<PartialWriter>> make(const Request& request);

  PartialWriter(PartialWriter&& other) noexcept;
  PartialWriter& operator=(PartialWriter&& other) noexcept;
  PartialWriter(const PartialWriter&) = delete;
  PartialWriter& operator=(const PartialWriter&) = delete;
  ~PartialWriter();  // an empty one without pieces is removed

  [[nodiscard]] const os::Directory& folder() const { return *folder_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const FileKey& key() const { return key_; }
  [[nodiscard]] int fd() const { return file_.fd(); }
  [[nodiscard]] std::uint64_t prefix() const { return prefix_; }

  // The file of pieces beside it, as PartialFile::pieces().
  [[nodiscard]] Result<int> pieces(MissingPieces missing);
  [[nodiscard]] Result<void> restart();
  // Ready for its name: of the right size, with its mode, on the disk. An error with ENOENT: its
  // name has gone.
  [[nodiscard]] Result<void> seal(std::uint64_t size);
  [[nodiscard]] Result<void> move_to(const os::Directory& folder, const std::string& name);
  void forget_name() { name_.clear(); }  // another file has it now

 private:
  PartialWriter(std::shared_ptr<const os::Directory> folder, std::string name,
                os::WritableFile file);
  [[nodiscard]] static Result<std::optional<PartialWriter>> make_named(const Request& request);
  [[nodiscard]] static Result<PartialWriter> make_unique(const Request& request);
  [[nodiscard]] bool is_named() const;
  [[nodiscard]] bool is_proven_ours(const FileInfo& meta) const;
  [[nodiscard]] bool take_over(const Leftover& leftover);
  void copy(const Leftover& leftover);
  void discard();
  void drop_pieces();

  std::shared_ptr<const os::Directory> folder_;
  std::string name_;
  os::WritableFile file_;
  std::optional<os::WritableFile> pieces_;
  FileKey key_;
  std::uint64_t prefix_ = 0;
};

// The partials of a file whose content is now there and proven: those that are closed are removed.
// For a caller that holds the locks. Where other machines may write, only our own that have long
// been idle.
void remove_leftovers(LeftoverNames& names, const std::string& stem);

}  // namespace hfaudit
