// Where proofs of content are kept from one run to the next, and for how long they are valid.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace hfaudit {

enum class LedgerKind : std::uint8_t {
  none,
  own,     // the user's own state folder (Layout::state); skipped silently where it is missing
  folder,  // `path`
  cache    // a file for each user beside the content, for machines that share a cache
};

enum class LedgerUse : std::uint8_t {
  keep,  // proofs of this run are added
  read   // for read-only commands
};

struct LedgerRequest {
  LedgerKind kind = LedgerKind::none;
  std::string path;  // of LedgerKind::folder
  // Proofs up to this age stand for reading the file; nullopt: everything is read.
  std::optional<std::chrono::seconds> max_age;
  LedgerUse use = LedgerUse::keep;
};

}  // namespace hfaudit
