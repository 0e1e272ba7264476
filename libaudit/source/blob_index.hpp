// Which repos of a hub cache have a blob of a given name, for thousands of repos and millions of
// blobs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "os/fs.hpp"

namespace hfaudit {

// Any thread. The hub is listed when it is first asked, by as many threads as pay off; an
// unreadable folder counts as empty.
class BlobIndex {
 public:
  // A blob that this process has made since.
  void add(const std::string& etag, const std::string& folder);
  // The repo folders that may have it, in the order of their names. `hub` is the same in every
  // call.
  [[nodiscard]] std::vector<std::string> folders_with(std::string_view etag,
                                                      const os::Directory& hub);

 private:
  // The beginning of a blob's name, and the number of its folder: 16 bytes a blob.
  using Row = std::pair<std::uint64_t, std::uint32_t>;

  void list(const os::Directory& hub);

  std::once_flag listed_;
  std::vector<std::string> folders_;  // sorted
  std::vector<Row> rows_;             // sorted
  std::mutex added_mutex_;
  std::multimap<std::string, std::string, std::less<>> added_;
};

}  // namespace hfaudit
