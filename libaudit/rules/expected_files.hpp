// The files of a manifest while it is made: those of a listing, which come sorted, and the others.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/manifest.hpp"

namespace hfaudit {

class ExpectedFiles {
 public:
  // `manifest` keeps the texts.
  explicit ExpectedFiles(Manifest& manifest) : manifest_(manifest) {}

  // A file of the listing; in the order of their paths, each once.
  void list(const ExpectedFile& file) { listed_.push_back(file); }

  // A file that something else names. Files of the listing stay as they are; a file that was only
  // listed before (without `named_by`) is required from now on.
  void add(std::string_view path, std::string_view named_by) {
    if (const auto other = others_.find(path); other != others_.end())
      return mark(other->second, named_by);
    if (find(path) != nullptr) return;
    const auto kept = manifest_.keep(path);
    others_.emplace(kept, ExpectedFile{kept, std::nullopt, {}, false, manifest_.keep(named_by)});
  }

  void mark(ExpectedFile& file, std::string_view named_by) {
    if (file.named_by.empty()) file.named_by = manifest_.keep(named_by);
  }

  // The file of that path, or null.
  [[nodiscard]] ExpectedFile* find(std::string_view path) {
    const auto other = others_.find(path);
    if (other != others_.end()) return &other->second;
    const auto found = first_listed(path);
    return found != listed_.end() && found->path == path ? &*found : nullptr;
  }

  // Whether `is` is true of a file whose path begins with `prefix`.
  template <typename Predicate>
  [[nodiscard]] bool any_below(std::string_view prefix, Predicate is) {
    for (auto at = first_listed(prefix); at != listed_.end() && at->path.starts_with(prefix);
         ++at) {
      if (is(*at)) return true;
    }
    for (auto at = others_.lower_bound(prefix);
         at != others_.end() && at->first.starts_with(prefix); ++at) {
      if (is(at->second)) return true;
    }
    return false;
  }

  // All, sorted.
  [[nodiscard]] std::vector<ExpectedFile> take() {
    const auto before = [](const ExpectedFile& a, const ExpectedFile& b) {
      return a.path < b.path;
    };
    const auto count = static_cast<std::ptrdiff_t>(listed_.size());
    for (const auto& [path, file] : others_)
      listed_.push_back(file);
    std::inplace_merge(listed_.begin(), listed_.begin() + count, listed_.end(), before);
    return std::move(listed_);
  }

  void reserve(std::size_t count) { listed_.reserve(count); }

 private:
  [[nodiscard]] std::vector<ExpectedFile>::iterator first_listed(std::string_view path) {
    return std::lower_bound(
        listed_.begin(), listed_.end(), path,
        [](const ExpectedFile& file, std::string_view p) { return file.path < p; });
  }

  Manifest& manifest_;
  std::vector<ExpectedFile> listed_;
  std::map<std::string_view, ExpectedFile> others_;
};

}  // namespace hfaudit
