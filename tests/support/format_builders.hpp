// Valid small files of the formats that hfaudit examines, to be used whole or damaged: safetensors,
// GGUF, PyTorch's zip. Sizes are bytes; what the tensors hold is `fill`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hfaudit::test {

// `value` in sizeof(T) bytes, little-endian.
template <class T>
[[nodiscard]] std::string little_endian_bytes(T value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xFFU));
  }
  return bytes;
}

// ---- safetensors

// A file with this JSON for its header, whatever it says.
[[nodiscard]] inline std::string safetensors_file(std::string_view header, std::size_t data_bytes,
                                                  char fill = 'w') {
  return little_endian_bytes<std::uint64_t>(header.size()) + std::string(header) +
         std::string(data_bytes, fill);
}

// One tensor of bytes; the file takes exactly `total_bytes`, at least 128.
[[nodiscard]] inline std::string make_safetensors(std::size_t total_bytes, char fill = 'w') {
  constexpr std::size_t header_bytes = 120;
  if (total_bytes < 8 + header_bytes)
    throw std::invalid_argument("make_safetensors: too few bytes");
  const auto data = std::to_string(total_bytes - 8 - header_bytes);
  auto header = R"({"__metadata__":{"format":"pt"},"weight":{"dtype":"U8","shape":[)" + data +
                R"(],"data_offsets":[0,)" + data + "]}}";
  header.resize(header_bytes, ' ');
  return safetensors_file(header, total_bytes - 8 - header_bytes, fill);
}

// ---- GGUF

[[nodiscard]] inline std::string gguf_string(std::string_view text) {
  return little_endian_bytes<std::uint64_t>(text.size()) + std::string(text);
}

// Builds a file part by part; counts what it is given, so that the header is right.
class GgufBuilder {
 public:
  explicit GgufBuilder(std::uint32_t version = 3) : version_(version) {}

  // `value` as it stands in the file, without its type.
  GgufBuilder& pair(std::string_view key, std::uint32_t type, std::string_view value) {
    pairs_ += gguf_string(key) + little_endian_bytes(type) + std::string(value);
    ++pair_count_;
    return *this;
  }
  GgufBuilder& alignment(std::uint32_t value) {
    alignment_ = value;
    return pair("general.alignment", 4, little_endian_bytes(value));
  }
  // `bytes` is what it really takes; the next tensor begins behind it, padded.
  GgufBuilder& tensor(std::string_view name, std::uint32_t type, const std::string& dimensions,
                      std::uint64_t bytes) {
    infos_ += gguf_string(name) +
              little_endian_bytes(static_cast<std::uint32_t>(dimensions.size() / 8)) + dimensions +
              little_endian_bytes(type) + little_endian_bytes(data_padded_);
    ++tensor_count_;
    data_ = data_padded_ + bytes;
    data_padded_ = padded(data_);
    return *this;
  }
  // Counts that lie.
  GgufBuilder& claim(std::uint64_t tensors, std::uint64_t pairs) {
    tensor_count_ = tensors;
    pair_count_ = pairs;
    return *this;
  }

  // All that stands before the data, its padding included where there is data.
  [[nodiscard]] std::string header() const {
    auto bytes = "GGUF" + little_endian_bytes(version_) + little_endian_bytes(tensor_count_) +
                 little_endian_bytes(pair_count_) + pairs_ + infos_;
    if (data_ > 0) bytes.resize(padded(bytes.size()), '\0');
    return bytes;
  }
  // Without the padding behind the last tensor.
  [[nodiscard]] std::string file(char fill = 'w') const {
    return header() + std::string(data_, fill);
  }

 private:
  [[nodiscard]] std::uint64_t padded(std::uint64_t bytes) const {
    return (bytes + alignment_ - 1) / alignment_ * alignment_;
  }

  std::uint32_t version_;
  std::uint64_t alignment_ = 32;
  std::uint64_t tensor_count_ = 0;
  std::uint64_t pair_count_ = 0;
  std::uint64_t data_ = 0;
  std::uint64_t data_padded_ = 0;
  std::string pairs_;
  std::string infos_;
};

// Metadata with a small vocabulary and one tensor of bytes; the file takes exactly `total_bytes`,
// at least 512.
[[nodiscard]] inline std::string make_gguf(std::size_t total_bytes, char fill = 'w') {
  constexpr std::uint32_t string_type = 8;
  constexpr std::uint32_t array_type = 9;
  constexpr std::uint32_t int8_tensor = 24;
  constexpr std::size_t smallest = 512;
  if (total_bytes < smallest) throw std::invalid_argument("make_gguf: too few bytes");
  GgufBuilder with_metadata;
  with_metadata.pair("general.architecture", string_type, gguf_string("llama"))
      .alignment(32)
      .pair("tokenizer.ggml.tokens", array_type,
            little_endian_bytes(string_type) + little_endian_bytes<std::uint64_t>(3) +
                gguf_string("<s>") + gguf_string("</s>") + gguf_string("a"));
  const auto with_tensor = [&](std::uint64_t bytes) {
    return GgufBuilder(with_metadata)
        .tensor("token_embd.weight", int8_tensor, little_endian_bytes(bytes), bytes);
  };
  return with_tensor(total_bytes - with_tensor(1).header().size()).file(fill);
}

// ---- PyTorch's zip

[[nodiscard]] inline std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

// Stored members, as torch.save writes them.
class ZipBuilder {
 public:
  ZipBuilder& member(std::string_view name, std::string_view content) {
    const auto offset = static_cast<std::uint32_t>(files_.size());
    const auto common = std::string("\0\0\0\0\0\0\0\0", 8) + little_endian_bytes(crc32(content)) +
                        little_endian_bytes(static_cast<std::uint32_t>(content.size())) +
                        little_endian_bytes(static_cast<std::uint32_t>(content.size())) +
                        little_endian_bytes(static_cast<std::uint16_t>(name.size())) +
                        std::string("\0\0", 2);
    files_ += std::string("PK\3\4\x14\0", 6) + common + std::string(name) + std::string(content);
    directory_ += std::string("PK\1\2\x14\0\x14\0", 8) + common + std::string(10, '\0') +
                  little_endian_bytes(offset) + std::string(name);
    ++entries_;
    return *this;
  }

  [[nodiscard]] std::string file(std::string_view comment = {}) const {
    return files_ + directory_ + end_record(entries_, directory_.size(), files_.size(), comment);
  }

  // With a zip64 record, and nothing in the end record itself.
  [[nodiscard]] std::string zip64_file() const {
    const auto count = little_endian_bytes<std::uint64_t>(entries_);
    const auto record = std::string("PK\6\6", 4) + little_endian_bytes<std::uint64_t>(44) +
                        std::string("\x2D\0\x2D\0\0\0\0\0\0\0\0\0", 12) + count + count +
                        little_endian_bytes<std::uint64_t>(directory_.size()) +
                        little_endian_bytes<std::uint64_t>(files_.size());
    const auto locator = std::string("PK\6\7\0\0\0\0", 8) +
                         little_endian_bytes<std::uint64_t>(files_.size() + directory_.size()) +
                         std::string("\1\0\0\0", 4);
    return files_ + directory_ + record + locator + end_record(0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, {});
  }

 private:
  [[nodiscard]] static std::string end_record(std::uint64_t entries, std::uint64_t bytes,
                                              std::uint64_t offset, std::string_view comment) {
    const auto count = little_endian_bytes(static_cast<std::uint16_t>(entries));
    return std::string("PK\5\6\0\0\0\0", 8) + count + count +
           little_endian_bytes(static_cast<std::uint32_t>(bytes)) +
           little_endian_bytes(static_cast<std::uint32_t>(offset)) +
           little_endian_bytes(static_cast<std::uint16_t>(comment.size())) + std::string(comment);
  }

  std::string files_;
  std::string directory_;
  std::uint64_t entries_ = 0;
};

// A pickle of nothing and one storage; the file takes exactly `total_bytes`, at least 512.
[[nodiscard]] inline std::string make_torch_zip(std::size_t total_bytes, char fill = 'w') {
  constexpr std::size_t smallest = 512;
  if (total_bytes < smallest) throw std::invalid_argument("make_torch_zip: too few bytes");
  const auto with_storage = [&](std::size_t bytes) {
    ZipBuilder zip;
    zip.member("archive/data.pkl", std::string("\x80\2}.", 4)).member("archive/version", "3\n");
    return zip.member("archive/data/0", std::string(bytes, fill)).file();
  };
  return with_storage(total_bytes - with_storage(0).size());
}

}  // namespace hfaudit::test
