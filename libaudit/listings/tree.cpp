// trees/<commit>.json. The reader follows huggingface_hub's: the last of equal keys wins, unknown
// fields are ignored, and so is a whole tree of another format_version, with any files.
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.hpp"
#include "json/reader.hpp"
#include "listings/listings.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t most_tree_bytes = std::uint64_t{256} * 1024 * 1024;
constexpr std::size_t most_tree_files = 2'000'000;

enum class Field { size, blob_id, lfs_sha256, lfs_size, xet_hash, other };

[[nodiscard]] Field field_of(std::string_view key) {
  if (key == "size") return Field::size;
  if (key == "blob_id") return Field::blob_id;
  if (key == "lfs_sha256") return Field::lfs_sha256;
  if (key == "lfs_size") return Field::lfs_size;
  if (key == "xet_hash") return Field::xet_hash;
  return Field::other;
}

class TreeHandler final : public JsonHandler {
 public:
  bool on_key(std::string_view key, std::size_t level) override {
    if (level == 1) {
      section_ = key == "files"            ? Section::files
                 : key == "format_version" ? Section::version
                                           : Section::other;
    } else if (level == 2 && section_ == Section::files) {
      file_ = {};
      file_.path = key;
    } else if (level == 3 && section_ == Section::files) {
      field_ = field_of(key);
    }
    return true;
  }

  bool on_value(const JsonValue& value, std::size_t level) override {
    if (level == 0) return value.kind == JsonKind::object;
    if (level == 1) {
      begin_section(value);
    } else if (section_ == Section::files && level == 2) {
      begin_file(value);
    } else if (section_ == Section::files && level == 3) {
      set_field(value);
      field_ = Field::other;
    }
    return files_.size() < most_tree_files;
  }

  bool on_close(std::size_t level) override {
    if (level == 2 && section_ == Section::files && in_file_) end_file();
    return true;
  }

  [[nodiscard]] bool too_many() const { return files_.size() >= most_tree_files; }
  [[nodiscard]] bool known_version() const { return known_version_; }
  [[nodiscard]] std::string_view complaint() const { return complaint_; }
  [[nodiscard]] std::vector<TreeFile> take_files() { return std::move(files_); }

 private:
  enum class Section { files, version, other };

  void begin_section(const JsonValue& value) {
    if (section_ == Section::version) {
      // Python: 1 == 1.0 == True
      known_version_ = (value.kind == JsonKind::count || value.kind == JsonKind::boolean)
                           ? value.count == 1
                           : value.real == 1.0;
    } else if (section_ == Section::files) {
      files_.clear();
      complaint_ = value.kind == JsonKind::object ? "" : "no list of files";
    }
  }

  void begin_file(const JsonValue& value) {
    in_file_ = value.kind == JsonKind::object;
    if (!in_file_) return complain("a file that is not an object");
    field_ = Field::other;
    size_known_ = lfs_size_known_ = false;
  }

  void set_field(const JsonValue& value) {
    if (field_ == Field::size) {
      size_known_ = value.kind == JsonKind::count;
      file_.size = value.count;
    } else if (field_ == Field::lfs_size) {
      lfs_size_known_ = value.kind == JsonKind::count;
      lfs_size_ = value.count;
      if (!lfs_size_known_ && value.kind != JsonKind::null) complain("a bad lfs_size");
    } else if (field_ == Field::blob_id) {
      file_.blob_id = value.text;
    } else if (field_ == Field::lfs_sha256) {
      file_.lfs_sha256 = value.text;
      if (value.kind != JsonKind::text && value.kind != JsonKind::null)
        complain("a bad lfs_sha256");
    } else if (field_ == Field::xet_hash) {
      // Clients of 1.22 to 1.25 wrote the masked digests of gated repos, "****…", which are
      // useless.
      file_.xet_hash = is_lower_hex(value.text, 64) ? value.text : std::string_view{};
    }
  }

  void end_file() {
    in_file_ = false;
    if (!is_safe_relative_path(file_.path)) return complain("a path outside the repo");
    if (!size_known_) return complain("a file without a size");
    if (!is_lower_hex(file_.blob_id, 40)) return complain("a file without a blob_id");
    if (!file_.lfs_sha256.empty() && !is_lower_hex(file_.lfs_sha256, 64))
      return complain("a bad lfs_sha256");
    if (lfs_size_known_) file_.size = lfs_size_;
    files_.push_back(std::move(file_));
  }

  // Kept until the end: a later "files" or another version makes up for it.
  void complain(std::string_view complaint) {
    if (complaint_.empty()) complaint_ = complaint;
  }

  Section section_ = Section::other;
  Field field_ = Field::other;
  bool known_version_ = false;
  bool in_file_ = false;
  bool size_known_ = false;
  bool lfs_size_known_ = false;
  std::uint64_t lfs_size_ = 0;
  TreeFile file_;
  std::vector<TreeFile> files_;
  std::string_view complaint_ = "no list of files";
};

void sort_and_drop_overridden(std::vector<TreeFile>& files) {
  const auto by_path = [](const TreeFile& a, const TreeFile& b) { return a.path < b.path; };
  const auto same_path = [](const TreeFile& a, const TreeFile& b) { return a.path == b.path; };
  // A client's own listing is sorted as a rule, and sorting takes half of its memory again.
  if (!std::is_sorted(files.begin(), files.end(), by_path))
    std::stable_sort(files.begin(), files.end(), by_path);
  // unique() keeps the first of equals; walked backwards, that is the one written last.
  const auto first = std::unique(files.rbegin(), files.rend(), same_path).base();
  files.erase(files.begin(), first);
}

}  // namespace

Result<std::optional<Tree>> read_tree(ByteSource& source) {
  constexpr std::string_view what = "tree listing";
  TreeHandler handler;
  const auto read = read_listing(source, most_tree_bytes, what, handler);
  if (!read && handler.too_many()) return failure("parse", what, "too many files");
  if (!read) return tl::unexpected<Error>(read.error());
  if (!handler.known_version()) return std::optional<Tree>();
  if (!handler.complaint().empty()) return failure("parse", what, handler.complaint());
  Tree tree{handler.take_files()};
  sort_and_drop_overridden(tree.files);
  return std::optional<Tree>(std::move(tree));
}

const TreeFile* Tree::find(std::string_view path) const {
  const auto found =
      std::lower_bound(files.begin(), files.end(), path,
                       [](const TreeFile& file, std::string_view p) { return file.path < p; });
  return found != files.end() && found->path == path ? &*found : nullptr;
}

}  // namespace hfaudit
