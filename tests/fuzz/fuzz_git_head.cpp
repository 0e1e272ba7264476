#include "base/text.hpp"
#include "fuzz.hpp"
#include "listings/git_head.hpp"

using namespace hfaudit;

namespace {

bool is_object_name(std::string_view text) {
  return is_lower_hex(text, 40) || is_lower_hex(text, 64);
}

}  // namespace

// An answer of any of git's commands: each is tried.
void fuzz::try_input(std::string_view input) {
  if (const auto head = parse_git_head(input)) fuzz::require(is_object_name(head->commit));
  if (const auto files = parse_git_tree(input)) {
    for (std::size_t i = 0; i < files->size(); ++i) {
      const auto& file = (*files)[i];
      fuzz::require(is_safe_relative_path(file.path) && is_object_name(file.object));
      fuzz::require(i == 0 || (*files)[i - 1].path < file.path);
    }
  }
  if (const auto index = parse_git_index(input)) {
    for (const auto& path : index->skipped)
      fuzz::require(!index->wants(path));
  }
  if (const auto objects = parse_git_objects(input)) {
    for (const auto& [name, content] : *objects)
      fuzz::require(is_object_name(name) && content.size() < input.size());
  }
}
