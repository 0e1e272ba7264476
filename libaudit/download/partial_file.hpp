// The engine's interface to a file on its way to the disk. store/ implements it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cache/inventory.hpp"

namespace hfaudit {

// The present part of a file, by metadata alone.
struct FileState {
  bool present = false;       // whole, by its size; its content may still be wrong
  bool linked = false;        // and it stands in the snapshot (the --local-dir) too
  FileKey key;                // of the content, where present
  std::int64_t mtime_ns = 0;  // likewise
  std::uint64_t prefix = 0;   // if absent: bytes of a partial that begin() would adopt
};

// What becomes of a file of pieces that is missing.
enum class MissingPieces : std::uint8_t { fail, create };

// Destroyed, it keeps its content and releases the lock. For one thread at a time.
class PartialFile {
 public:
  virtual ~PartialFile() = default;
  // Open for reading and writing; at most `prefix()` bytes long when it was begun.
  [[nodiscard]] virtual int fd() const = 0;
  // Bytes of an earlier run. They are untrusted: the caller that resumes hashes them.
  [[nodiscard]] virtual std::uint64_t prefix() const = 0;
  // The file of pieces beside it (download/piece_file), open for reading and writing; created
  // where it is missing only as MissingPieces::create. Borrowed. restart(), commit() and reject()
  // remove it.
  [[nodiscard]] virtual Result<int> pieces(MissingPieces missing);
  // From zero again: the present content is worthless.
  [[nodiscard]] virtual Result<void> restart() = 0;
  // The content is right by its digest, and exactly this long: fsync, its right mode, rename to its
  // name, the entry that leads to it. Inspects the entry once more afterwards. Returns the file
  // that it has become: if its key differs from that of fd(), another process was quicker by an
  // instant, and a caller that must be sure hashes it. ENOENT: the partial file was removed.
  // After an error it is as it was, and may be committed again.
  [[nodiscard]] virtual Result<FileState> commit() = 0;
  // The content is wrong for good: kept aside as `<etag>.hfaudit.wrong`, whose path is returned.
  // The partial file is gone then.
  [[nodiscard]] virtual Result<std::string> reject() = 0;
};

inline Result<int> PartialFile::pieces(MissingPieces) {
  return failure("open", "pieces", "they are not kept here");
}

struct BeginResult {
  std::unique_ptr<PartialFile> partial_file;  // null: busy
  bool present = false;                       // another process has completed it meanwhile
  Holder holder;  // the visible holder of its lock: another download of the same file
};

}  // namespace hfaudit
