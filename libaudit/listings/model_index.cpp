// diffusers' model_index.json: {"_class_name":"…","unet":["diffusers","UNet2DConditionModel"],
// "safety_checker":[null,null],"requires_safety_checker":true}.
#include <map>

#include "base/text.hpp"
#include "json/reader.hpp"
#include "listings/listings.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t most_model_index_bytes = std::uint64_t{4} * 1024 * 1024;

class ModelIndexHandler final : public JsonHandler {
 public:
  bool on_key(std::string_view key, std::size_t level) override {
    if (level == 1) key_ = key;
    return true;
  }

  bool on_value(const JsonValue& value, std::size_t level) override {
    if (level == 0) return value.kind == JsonKind::object;
    if (level == 1) {
      entries_ = 0;
      names_ = 0;
      is_component_[key_] = false;  // the last of equal keys wins
      in_array_ = value.kind == JsonKind::array;
    } else if (level == 2 && in_array_) {
      ++entries_;
      if (value.kind == JsonKind::text) ++names_;
    }
    return true;
  }

  bool on_close(std::size_t level) override {
    if (level == 1 && in_array_)
      is_component_[key_] = entries_ == 2 && names_ == 2 && !key_.starts_with('_');
    return true;
  }

  [[nodiscard]] Result<std::vector<std::string>> components() const {
    std::vector<std::string> names;
    for (const auto& [name, is_component] : is_component_) {
      if (!is_component) continue;
      if (name.find('/') != std::string::npos || !is_safe_relative_path(name)) {
        return failure("parse", "model index", "a component whose name is no folder's");
      }
      names.push_back(name);
    }
    return names;
  }

 private:
  std::string key_;
  bool in_array_ = false;
  std::size_t entries_ = 0;
  std::size_t names_ = 0;
  std::map<std::string, bool> is_component_;
};

}  // namespace

Result<std::vector<std::string>> read_model_index(ByteSource& source) {
  ModelIndexHandler handler;
  const auto read = read_listing(source, most_model_index_bytes, "model index", handler);
  if (!read) return tl::unexpected<Error>(read.error());
  return handler.components();
}

}  // namespace hfaudit
