#include "hub/tree_page.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "json/reader.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t most_bytes = std::uint64_t{64} * 1024 * 1024;
constexpr std::size_t most_files = 2'000'000;
// a petabyte: sums of sizes stay numbers
constexpr std::uint64_t most_size = std::uint64_t{1} << 50U;

// The keys of an entry.
struct EntryKeys {
  std::string_view path, oid, lfs_sha256;
  bool only_files;        // else "type" marks the files
  std::string_view list;  // the key of the array of entries; empty: the array is all there is
};
constexpr EntryKeys tree_keys{"path", "oid", "oid", false, ""};
constexpr EntryKeys sibling_keys{"rfilename", "blobId", "sha256", true, "siblings"};

class PageHandler final : public JsonHandler {
 public:
  PageHandler(const EntryKeys& keys, std::vector<TreeFile>& files) : keys_(keys), files_(files) {}

  bool on_key(std::string_view key, std::size_t level) override {
    if (keys_.list.empty()) return on_entry_key(key, level);
    if (level == 1) in_list_ = key == keys_.list;
    return level == 1 || !in_list_ || on_entry_key(key, level - 1);
  }

  bool on_value(const JsonValue& value, std::size_t level) override {
    if (keys_.list.empty()) return on_entry_value(value, level);
    if (level == 0) return value.kind == JsonKind::object;
    if (!in_list_) return true;
    if (level == 1) found_ = value.kind == JsonKind::array;
    return on_entry_value(value, level - 1);
  }

  bool on_close(std::size_t level) override {
    if (keys_.list.empty()) return on_entry_close(level);
    return level == 0 || !in_list_ || on_entry_close(level - 1);
  }

  [[nodiscard]] std::string_view complaint() const {
    const bool lacks_list = complaint_.empty() && !keys_.list.empty() && !found_;
    return lacks_list ? std::string_view("no list of files in it") : std::string_view(complaint_);
  }

 private:
  enum class Field { type, path, size, oid, lfs, xet_hash, other };

  // 1: an entry of the array; 2: its fields; 3: those of its "lfs".
  bool on_entry_key(std::string_view key, std::size_t level) {
    if (level == 2) field_ = field_of(key);
    if (level == 3 && field_of_lfs_)
      lfs_field_ = key == keys_.lfs_sha256 ? Field::oid
                   : key == "size"         ? Field::size
                                           : Field::other;
    return true;
  }

  bool on_entry_value(const JsonValue& value, std::size_t level) {
    if (level == 0) return value.kind == JsonKind::array;
    if (level == 1) return begin_entry(value);
    if (level == 2) set_field(value);
    if (level == 3 && field_of_lfs_) set_lfs_field(value);
    return true;
  }

  bool on_entry_close(std::size_t level) {
    if (level == 2) field_of_lfs_ = false;
    return level != 1 || end_entry();
  }

  [[nodiscard]] Field field_of(std::string_view key) const {
    if (key == "type") return Field::type;
    if (key == keys_.path) return Field::path;
    if (key == "size") return Field::size;
    if (key == keys_.oid) return Field::oid;
    if (key == "lfs") return Field::lfs;
    if (key == "xetHash") return Field::xet_hash;
    return Field::other;
  }

  bool begin_entry(const JsonValue& value) {
    file_ = {};
    is_file_ = keys_.only_files;
    has_size_ = has_lfs_ = has_lfs_size_ = field_of_lfs_ = false;
    return value.kind == JsonKind::object || complain("an entry that is not an object");
  }

  void set_field(const JsonValue& value) {
    if (field_ == Field::type && !keys_.only_files) is_file_ = value.text == "file";
    if (field_ == Field::path) file_.path = value.text;
    if (field_ == Field::oid) file_.blob_id = value.text;
    if (field_ == Field::xet_hash)
      file_.xet_hash = is_lower_hex(value.text, 64) ? value.text : std::string_view{};
    if (field_ == Field::size) {
      has_size_ = value.kind == JsonKind::count && value.count <= most_size;
      file_.size = value.count;
    }
    if (field_ == Field::lfs) {
      has_lfs_ = value.kind != JsonKind::null;
      field_of_lfs_ = value.kind == JsonKind::object;
      lfs_field_ = Field::other;
    }
  }

  void set_lfs_field(const JsonValue& value) {
    if (lfs_field_ == Field::oid) file_.lfs_sha256 = value.text;
    if (lfs_field_ == Field::size) {
      has_lfs_size_ = value.kind == JsonKind::count && value.count <= most_size;
      lfs_size_ = value.count;
    }
  }

  bool end_entry() {
    if (!is_file_) return true;  // a folder; a future type is skipped, too
    if (!is_safe_relative_path(file_.path)) {
      constexpr std::size_t longest_shown = 100;
      return complain("a path outside the repo: " + file_.path.substr(0, longest_shown));
    }
    if (!has_size_) return complain("a file without a size");
    if (!is_lower_hex(file_.blob_id, 40)) return complain("a file without a git oid");
    if (has_lfs_ && !is_lower_hex(file_.lfs_sha256, 64))
      return complain("an LFS file without a sha256");
    if (has_lfs_ && has_lfs_size_) file_.size = lfs_size_;
    if (files_.size() == most_files) return complain("too many files");
    files_.push_back(std::move(file_));
    return true;
  }

  bool complain(std::string complaint) {
    complaint_ = std::move(complaint);
    return false;
  }

  const EntryKeys& keys_;
  std::vector<TreeFile>& files_;
  TreeFile file_;
  std::uint64_t lfs_size_ = 0;
  Field field_ = Field::other;
  Field lfs_field_ = Field::other;
  bool is_file_ = false, has_size_ = false, has_lfs_ = false, has_lfs_size_ = false,
       field_of_lfs_ = false;
  bool in_list_ = false, found_ = false;
  std::string complaint_;
};

class ShaHandler final : public JsonHandler {
 public:
  bool on_key(std::string_view key, std::size_t level) override {
    if (level == 1) is_sha_ = key == "sha";
    return true;
  }
  bool on_value(const JsonValue& value, std::size_t level) override {
    if (level == 0) return value.kind == JsonKind::object;
    if (level == 1 && is_sha_) sha_ = value.text;
    return true;
  }
  bool on_close(std::size_t) override { return true; }

  [[nodiscard]] const std::string& sha() const { return sha_; }

 private:
  bool is_sha_ = false;
  std::string sha_;
};

Result<void> read_entries(ByteSource& source, const EntryKeys& keys, std::vector<TreeFile>& files) {
  constexpr std::string_view what = "tree listing";
  PageHandler handler(keys, files);
  auto read = read_listing(source, most_bytes, what, handler);
  if (!handler.complaint().empty()) return failure("parse", what, handler.complaint());
  return read;
}

}  // namespace

Result<void> read_tree_page(ByteSource& source, std::vector<TreeFile>& files) {
  return read_entries(source, tree_keys, files);
}

Result<void> read_siblings(ByteSource& source, std::vector<TreeFile>& files) {
  return read_entries(source, sibling_keys, files);
}

Result<Tree> make_tree(std::vector<TreeFile> files) {
  std::sort(files.begin(), files.end(),
            [](const TreeFile& a, const TreeFile& b) { return a.path < b.path; });
  const auto twice =
      std::adjacent_find(files.begin(), files.end(),
                         [](const TreeFile& a, const TreeFile& b) { return a.path == b.path; });
  if (twice != files.end()) return failure("parse", "tree listing", "a path that is listed twice");
  return Tree{std::move(files)};
}

Result<std::string> read_revision_sha(ByteSource& source) {
  constexpr std::string_view what = "revision";
  ShaHandler handler;
  const auto read = read_listing(source, most_bytes, what, handler);
  if (!read) return tl::unexpected<Error>(read.error());
  if (!is_lower_hex(handler.sha(), 40)) return failure("parse", what, "no commit in it");
  return handler.sha();
}

std::optional<std::string_view> next_link(std::string_view link_header) {
  while (true) {
    const auto open = link_header.find('<');
    const auto close = link_header.find('>', std::min(open, link_header.size()));
    if (close == std::string_view::npos) return std::nullopt;
    const auto target = link_header.substr(open + 1, close - open - 1);
    link_header.remove_prefix(close + 1);
    const auto parameters = link_header.substr(0, link_header.find(','));
    if (parameters.find("rel=\"next\"") != std::string_view::npos) return target;
    if (trim(parameters).ends_with("rel=next")) return target;
  }
}

}  // namespace hfaudit
