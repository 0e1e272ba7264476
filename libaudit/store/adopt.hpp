// What earlier downloads left of a file, and how much of it is worth having.
//
// Every client leaves its own kind of partial (cache/blob_name.hpp lists them). Of each the bytes
// from the beginning to the first hole count: hf_xet before 1.3, hf_transfer and hf-fetch-model
// write in many places at once, so the size alone says nothing. A file system that keeps no holes
// shows them as zeros, and so does a crash: whole pages of zeros at the end of others' partials do
// not count. What counts is still only a guess, which the digest proves.
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
  FileInfo meta;             // when we looked
};

// The partials in one folder, by what their names begin with: `<etag>` in blobs/. The folder is
// listed again when that is more than a second ago, so that a repo of thousands of files is not
// listed thousands of times. Any thread.
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

// What of the partial `name` can be taken over for a file of `size` bytes; nullopt: nothing. Reads
// no more than needed, and changes nothing. Links are never followed.
[[nodiscard]] std::optional<Leftover> inspect_leftover(
    const std::shared_ptr<const os::Directory>& folder, const std::string& name,
    std::string_view etag, std::uint64_t size);

// The one with the longest prefix; of equals the first, ours before others'.
[[nodiscard]] std::optional<Leftover> longest_leftover(LeftoverNames& names,
                                                       const std::string& stem,
                                                       std::string_view etag, std::uint64_t size);

// `<stem>.hfaudit.incomplete` and `<stem>.<8 hex>.hfaudit.incomplete`: what a draft is called.
[[nodiscard]] std::string partial_name(const std::string& stem);
[[nodiscard]] std::string unique_partial_name(const std::string& stem);
[[nodiscard]] std::string evidence_name(const std::string& stem);  // `<stem>.hfaudit.wrong`
// `<stem>.hfaudit.pieces` of `<stem>.hfaudit.incomplete` (download/piece_file).
[[nodiscard]] std::string pieces_name(std::string_view partial);
[[nodiscard]] bool is_own_partial_name(std::string_view name);

}  // namespace hfaudit
