// Takes a file's content from another file of this machine, which is untrusted: all data that
// enters the partial file is hashed on the way.
//
// Where the file system can share blocks, the partial file shares the source's, and is hashed
// itself. Else each piece is read once, hashed and written. A partial file that has a prefix keeps
// it, even if the source turns out wrong: it may have come over the network.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "digest/block_chain.hpp"
#include "download/partial_file.hpp"
#include "listings/listings.hpp"
#include "os/fs.hpp"

namespace hfaudit {

enum class CopyEnd : std::uint8_t {
  right,       // the partial file holds the content and awaits its commit
  wrong,       // the source holds something else, or less
  unreadable,  // reading the source failed
  unwritable,  // writing the partial file failed
  stopped      // the copied data is in the partial file
};

struct CopyResult {
  CopyEnd end = CopyEnd::wrong;
  Error error;                     // unreadable, unwritable
  std::vector<Sha256State> chain;  // right: as ContentRead::chain
};

// `on_disk`: bytes of the partial file so far; called after each piece.
[[nodiscard]] CopyResult copy_content(std::unique_ptr<os::File> source, PartialFile& partial,
                                      const TreeFile& file, const std::stop_token& stop,
                                      const std::function<void(std::uint64_t)>& on_disk);

}  // namespace hfaudit
