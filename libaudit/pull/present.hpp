// Hashes files that are there already, so that a pull replaces those that are damaged.
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "cache/proven.hpp"
#include "store/store.hpp"

namespace hfaudit {

struct PresentFile {
  const TreeFile* file = nullptr;
  FileState state;
  bool good = false;  // hashed, and right
  bool bad = false;   // hashed, and wrong. Neither: unreadable, or left unread
};

// Fills `good` and `bad`. `tick` gets the bytes that were read so far, ten times a second.
// Interrupted, the rest is left.
void check_present(std::vector<PresentFile>& files, Store& store, const std::stop_token& stop,
                   const std::function<void(std::uint64_t)>& tick);

}  // namespace hfaudit
