#include "listings/tree_text.hpp"

#include <string_view>

#include "json/writer.hpp"

namespace hfaudit {
namespace {

std::string json_string(std::string_view text) {
  return text_of(Json(text));
}

void put(std::string& out, std::string_view key, const std::string& value) {
  out += ",\n   \"";
  out += key;
  out += "\": ";
  out += value;
}

}  // namespace

std::string tree_text(const Tree& tree) {
  std::string out = "{\n \"format_version\": 1,\n \"files\": {";
  bool first = true;
  for (const auto& file : tree.files) {
    out += first ? "\n  " : ",\n  ";
    first = false;
    const auto size = std::to_string(file.size);
    out += json_string(file.path) + ": {\n   \"size\": " + size;
    put(out, "blob_id", json_string(file.blob_id));
    if (!file.lfs_sha256.empty()) {
      put(out, "lfs_sha256", json_string(file.lfs_sha256));
      put(out, "lfs_size", size);
    }
    if (!file.xet_hash.empty()) put(out, "xet_hash", json_string(file.xet_hash));
    out += "\n  }";
  }
  out += first ? "}\n}" : "\n }\n}";
  return out;
}

}  // namespace hfaudit
