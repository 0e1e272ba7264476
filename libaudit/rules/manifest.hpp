// The expected files of a revision, and the basis of that list.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/report.hpp"

namespace hfaudit {

// Its texts belong to the listing in the evidence or to the manifest: copies of a million paths and
// etags would be most of a scan's memory.
struct ExpectedFile {
  std::string_view path;              // below the snapshot
  std::optional<std::uint64_t> size;  // if the basis has it
  std::string_view etag;              // the name of its blob, if the basis has it
  bool lfs = false;                   // etag is a sha256
  // the index or the sibling that names it; empty: only the tree lists it
  std::string_view named_by;
  // its user may have edited it, or git converted it: another size is allowed
  bool editable = false;
};

struct Manifest {
  Manifest() = default;
  Manifest(Manifest&&) noexcept = default;
  Manifest& operator=(Manifest&&) noexcept = default;
  Manifest(const Manifest&) = delete;  // the files refer to `texts`
  Manifest& operator=(const Manifest&) = delete;
  ~Manifest() = default;

  Basis basis = Basis::links;
  bool exhaustive = false;  // lists every file of the revision (as a tree does, unlike an index)
  std::vector<ExpectedFile> files;           // sorted by path, each once
  std::set<std::string, std::less<>> texts;  // that no listing has

  // The text for as long as the manifest lives.
  [[nodiscard]] std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    const auto known = texts.find(text);
    return known != texts.end() ? *known : *texts.emplace(text).first;
  }
};

}  // namespace hfaudit
