// Files that were hashed a moment ago, and need not be again. Plain values; pure.
#pragma once

#include <map>

#include "cache/inventory.hpp"

namespace hfaudit {

// Their content is right. A file that was touched since is another one.
class ProvenFiles {
 public:
  void add(const FileKey& key, std::int64_t mtime_ns) { files_[key] = mtime_ns; }
  void add_all(const ProvenFiles& others) {
    files_.insert(others.files_.begin(), others.files_.end());
  }
  [[nodiscard]] bool holds(const FileKey& key, std::int64_t mtime_ns) const {
    const auto found = files_.find(key);
    return found != files_.end() && found->second == mtime_ns;
  }

 private:
  std::map<FileKey, std::int64_t> files_;
};

}  // namespace hfaudit
