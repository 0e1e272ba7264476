// Contents of files for the fixtures: small, deterministic, valid in their format and of exactly
// the size asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hfaudit::fixture {

// A file's bytes: `head`, then zeros (a hole on disk) up to `size`; `size` is never less than the
// head.
struct Content {
  std::string head;
  std::uint64_t size = 0;

  Content() = default;
  explicit Content(std::string bytes) : head(std::move(bytes)), size(head.size()) {}
  Content(std::string bytes, std::uint64_t total) : head(std::move(bytes)), size(total) {}

  void truncate(std::uint64_t to);
  void extend(std::uint64_t by) { size += by; }  // with zeros
  [[nodiscard]] std::string sha256() const;
  [[nodiscard]] std::string git_oid() const;
};

// `salt` makes contents of one size differ. All throw std::invalid_argument where `size` cannot
// hold the format.

// One tensor of bytes; with `empty_tensor` a second of no elements (legal, and last in the file).
[[nodiscard]] Content safetensors(std::uint64_t size, std::string_view salt,
                                  bool empty_tensor = false);

struct GgufSplit {
  unsigned number = 0, count = 0;  // 0-based as in the key split.no; a count of 0: no split
};
// Version 3, two tensors. `padded`: the last one is padded to the alignment (writers differ; both
// are legal).
[[nodiscard]] Content gguf(std::uint64_t size, std::string_view salt, bool padded = false,
                           GgufSplit split = {});

// A zip checkpoint as torch.save writes it (stored entries, end-of-central-directory last).
[[nodiscard]] Content torch_zip(std::uint64_t size, std::string_view salt);

// "PAR1" at both ends, and a footer between them.
[[nodiscard]] Content parquet(std::uint64_t size, std::string_view salt);

// What torch.save wrote before 1.6: a pickle with nothing that says how long it is.
[[nodiscard]] Content legacy_pickle(std::uint64_t size, std::string_view salt);

[[nodiscard]] Content lfs_pointer(std::string_view sha256, std::uint64_t size);
[[nodiscard]] Content html_page(std::string_view title);

}  // namespace hfaudit::fixture
