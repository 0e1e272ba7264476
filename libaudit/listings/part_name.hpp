// Numbered parts whose names do not say how many there are:
//
//   m.Q8_0.gguf-split-a, m.gguf.part-b,     one file, cut by split(1) or dd, and joined with cat
//   m.gguf.part1, m.gguf.001
//   m.7z.001, m.zip.001, m.tar.gz.aa        archives, cut likewise (7-Zip, split)
//   m.part1.rar; m.rar, m.r00, m.r01        volumes of WinRAR
//   m.z01, m.z02, m.zip                     volumes of zip -s (APPNOTE.TXT 8.5)
//   consolidated.00.pth                     a rank each (Llama's and Mistral's own checkpoints)
//   weights.00.safetensors, weights.00.npz  MLX
//   model_00000.weights.h5                  Keras 3
//
// Those with a count, `-00001-of-00002`, are in listings.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hfaudit {

struct PartName {
  std::string stem, suffix;  // what stands before and after the number
  std::uint32_t number = 0;  // of letters: a is 0
  std::size_t width = 0;     // digits or letters
  bool letters = false;
  bool cut = false;       // a piece of one file, which begins in the first of them
  bool from_one = false;  // whether the first may be number 1
  bool plain = false;     // without a word before it: any extension looks like that
  std::string format;     // of the whole of a file that was cut: ".gguf"
  std::string main;       // the volume without a number that goes with them: "m.rar", "m.zip"

  // Empty if the number is too large for letters.
  [[nodiscard]] std::string sibling(std::uint32_t other) const;
};

[[nodiscard]] std::optional<PartName> parse_part_name(std::string_view path);

}  // namespace hfaudit
