// Files that were hashed a moment ago, which is enough. Plain values; pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cache/inventory.hpp"

namespace hfaudit {

// Their content is right. A file that was touched since is another one.
class ProvenFiles {
 public:
  // `hash`: of its content, a SHA-256 or a git object id in hex.
  // `chain`: as ContentRead::chain.
  void add(const FileKey& key, std::int64_t mtime_ns, std::string hash,
           std::vector<std::array<std::uint32_t, 8>> chain = {}) {
    files_[key] = {mtime_ns, std::move(hash), std::move(chain)};
  }
  void add_all(const ProvenFiles& others) {
    files_.insert(others.files_.begin(), others.files_.end());
  }
  [[nodiscard]] bool holds(const FileKey& key, std::int64_t mtime_ns) const {
    const auto found = files_.find(key);
    return found != files_.end() && found->second.mtime_ns == mtime_ns;
  }
  // Empty: the file is unproven.
  [[nodiscard]] std::string hash_of(const FileKey& key, std::int64_t mtime_ns) const {
    return holds(key, mtime_ns) ? files_.at(key).hash : std::string();
  }
  [[nodiscard]] std::vector<std::array<std::uint32_t, 8>> chain_of(const FileKey& key) const {
    const auto found = files_.find(key);
    return found == files_.end() ? std::vector<std::array<std::uint32_t, 8>>()
                                 : found->second.chain;
  }
  [[nodiscard]] bool empty() const { return files_.empty(); }

 private:
  struct State {
    std::int64_t mtime_ns = 0;
    std::string hash;
    std::vector<std::array<std::uint32_t, 8>> chain;
  };
  std::map<FileKey, State> files_;
};

}  // namespace hfaudit
