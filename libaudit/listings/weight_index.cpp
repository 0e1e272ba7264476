// *.index.json: which files hold the weights. Only the distinct file names are kept: an index names
// a tensor a line, a large one hundreds of thousands, and a few hundred files.
#include <iterator>
#include <set>

#include "base/path.hpp"
#include "base/text.hpp"
#include "json/reader.hpp"
#include "listings/listings.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t most_index_bytes = std::uint64_t{64} * 1024 * 1024;
constexpr std::size_t most_index_files = 100'000;

class IndexHandler final : public JsonHandler {
 public:
  bool on_key(std::string_view key, std::size_t level) override {
    if (level == 1) in_map_ = key == "weight_map";
    return true;
  }

  bool on_value(const JsonValue& value, std::size_t level) override {
    if (level == 0) return value.kind == JsonKind::object;
    if (!in_map_) return true;
    // Keras 3: a layer whose weights are in several files has a list of them
    if (level == 2 && value.kind == JsonKind::array) return true;
    if (level == 3) {
      add(value);
      return files_.size() <= most_index_files;
    }
    if (level == 1) {
      files_.clear();
      last_.clear();
      complaint_ = value.kind == JsonKind::object ? "" : "no weight_map";
    } else if (level == 2) {
      add(value);
    }
    return files_.size() <= most_index_files;
  }

  bool on_close(std::size_t) override { return true; }

  [[nodiscard]] bool too_many() const { return files_.size() > most_index_files; }
  [[nodiscard]] std::string_view complaint() const { return complaint_; }
  [[nodiscard]] std::vector<std::string> take_files() {
    std::vector<std::string> files;
    files.reserve(files_.size());
    while (!files_.empty())
      files.push_back(std::move(files_.extract(files_.begin()).value()));
    return files;
  }

 private:
  void add(const JsonValue& value) {
    auto name = value.text;
    // neighbours share a file
    if (value.kind == JsonKind::text && name == last_ && !name.empty()) return;
    last_ = name;
    if (name.starts_with("./")) name.remove_prefix(2);
    if (value.kind != JsonKind::text) {
      complain("a tensor whose file is no name");
    } else if (!is_safe_relative_path(name)) {
      complain("a file name that leads out of the folder");
    } else if (const auto place = files_.lower_bound(name);
               place == files_.end() || *place != name) {
      files_.emplace_hint(place, name);
    }
  }

  void complain(std::string_view complaint) {
    if (complaint_.empty()) complaint_ = complaint;
  }

  bool in_map_ = false;
  std::string last_;
  std::set<std::string, std::less<>> files_;
  std::string_view complaint_ = "no weight_map";
};

}  // namespace

Result<std::vector<std::string>> read_weight_index(ByteSource& source) {
  constexpr std::string_view what = "weight index";
  IndexHandler handler;
  const auto read = read_listing(source, most_index_bytes, what, handler);
  if (!read && handler.too_many()) return failure("parse", what, "too many files");
  if (!read) return tl::unexpected<Error>(read.error());
  if (!handler.complaint().empty()) return failure("parse", what, handler.complaint());
  return handler.take_files();
}

bool is_weight_index(std::string_view path) {
  constexpr std::string_view json = ".json";
  auto name = last_component(path);
  if (!name.ends_with(json)) return false;
  if (name == "model.weights.json") return true;  // Keras 3, keras.saving ShardedH5IOStore
  name.remove_suffix(json.size());
  // Either "<file>.index" or "<file>.index.<variant>".
  if (!name.ends_with(".index")) {
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos || dot + 1 == name.size()) return false;
    name = name.substr(0, dot);
  }
  if (!name.ends_with(".index")) return false;
  name.remove_suffix(std::string_view(".index").size());
  for (const std::string_view format : {".safetensors", ".bin", ".h5", ".msgpack"}) {
    if (name.size() > format.size() && name.ends_with(format)) return true;
  }
  return false;
}

}  // namespace hfaudit
