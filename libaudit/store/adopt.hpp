// The partial files of earlier downloads, and their usable part.
//
// Every client leaves its own kind of partial (cache/blob_name.hpp lists them). Of each the bytes
// from the beginning to the first hole count: hf_xet before 1.3, hf_transfer and hf-fetch-model
// write in many places at once, so the size alone is meaningless. A file system without holes shows
// them as zeros, and so does a crash: whole pages of zeros at the end of others' partials are
// dropped. The rest is still only a guess, which the digest proves.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/inventory.hpp"
#include "os/fs.hpp"

namespace hfaudit {

struct Leftover {
  std::shared_ptr<const os::Directory> folder;
  std::string name;
  std::uint64_t prefix = 0;  // of its bytes, from the beginning; more than 0
  FileInfo meta;             // at the scan
};

// The partials in one folder, by the start of their names: `<etag>` in blobs/. The folder is listed
// again when that is more than a second ago, so that a repo of thousands of files is listed only a
// few times. Any thread.
class LeftoverNames {
 public:
  explicit LeftoverNames(std::shared_ptr<const os::Directory> folder)
      : folder_(std::move(folder)) {}

  [[nodiscard]] std::vector<std::string> of(const std::string& stem);
  [[nodiscard]] const std::shared_ptr<const os::Directory>& folder() const { return folder_; }

 private:
  void list();

  std::shared_ptr<const os::Directory> folder_;
  std::mutex mutex_;
  std::multimap<std::string, std::string> names_;
  std::optional<std::chrono::steady_clock::time_point> listed_;
};

// The part of the partial `name` that can be adopted for a file of `size` bytes; nullopt: the
// partial is useless. Reads only as much as needed, and is read-only. Links are refused.
[[nodiscard]] std::optional<Leftover> inspect_leftover(
    const std::shared_ptr<const os::Directory>& folder, const std::string& name,
    std::string_view etag, std::uint64_t size);

// The one with the longest prefix; of equals the first, ours before others'.
[[nodiscard]] std::optional<Leftover> longest_leftover(LeftoverNames& names,
                                                       const std::string& stem,
                                                       std::string_view etag, std::uint64_t size);

// `<stem>.hfaudit.incomplete` and `<stem>.<8 hex>.hfaudit.incomplete`: the names of our own
// partial files.
[[nodiscard]] std::string partial_name(const std::string& stem);
[[nodiscard]] std::string unique_partial_name(const std::string& stem);
[[nodiscard]] std::string evidence_name(const std::string& stem);  // `<stem>.hfaudit.wrong`
// `<stem>.hfaudit.pieces` of `<stem>.hfaudit.incomplete` (download/piece_file).
[[nodiscard]] std::string pieces_name(std::string_view partial);
[[nodiscard]] bool is_own_partial_name(std::string_view name);

}  // namespace hfaudit
