// Does a blob match its name? Hashed at most once a run.
#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "cache/inventory.hpp"
#include "cache/proven.hpp"
#include "os/fs.hpp"

namespace hfaudit {

enum class Proof : std::uint8_t {
  good,
  wrong,    // it hashes to something else
  unknown,  // it is absent, unreadable or changing, or its name is something else than a hash
};

class Proofs {
 public:
  // `known_good`: files that were hashed before, and came out as they should.
  Proofs(const ProvenFiles& known_good, const std::stop_token& stop)
      : known_good_(known_good), stop_(stop) {}

  // `blobs/<etag>` of a repo; a link is followed, as into the shared store.
  [[nodiscard]] Proof of(const os::Directory& blobs, const std::string& etag);
  // Of an open file that has this name.
  [[nodiscard]] Proof of(std::unique_ptr<os::File> file, const std::string& etag);

 private:
  const ProvenFiles& known_good_;
  std::stop_token stop_;
  std::map<FileKey, std::pair<std::int64_t, Proof>> known_;  // with the mtime that it had
};

}  // namespace hfaudit
