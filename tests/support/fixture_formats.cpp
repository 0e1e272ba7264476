#include "fixture_formats.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "fixture_digest.hpp"

namespace hfaudit::fixture {
namespace {

constexpr std::uint64_t pattern_limit =
    65536;  // beyond it a payload is a hole: fixtures may be large, disks are not

void put(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i)
    out += static_cast<char>((value >> (8U * i)) & 0xffU);
}

// Appends up to pattern_limit bytes that differ by salt and hold no run of zeros.
void fill(std::string& out, std::uint64_t count, std::string_view salt) {
  std::uint32_t state = 2463534242U;
  for (const char c : salt)
    state = state * 31U + static_cast<unsigned char>(c) + 1U;
  for (std::uint64_t i = 0; i < std::min(count, pattern_limit); ++i) {
    state ^= state << 13U;
    state ^= state >> 17U;
    state ^= state << 5U;
    out += static_cast<char>((state & 0x7fU) | 1U);
  }
}

std::uint64_t payload(std::uint64_t size, std::size_t overhead, const char* format) {
  if (size <= overhead) {
    throw std::invalid_argument(std::string(format) + " needs more than " +
                                std::to_string(overhead) + " bytes");
  }
  return size - overhead;
}

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

void gguf_string(std::string& out, std::string_view text) {
  put(out, text.size(), 8);
  out += text;
}

void gguf_u16(std::string& out, std::string_view key, unsigned value) {
  gguf_string(out, key);
  put(out, 2, 4);  // GGUF_TYPE_UINT16
  put(out, value, 2);
}

struct ZipEntry {
  std::string name, body;
  std::size_t offset = 0;
};

// The fields that a local header and a directory record share, from "version needed" to the name's
// length.
void zip_common(std::string& out, const ZipEntry& entry) {
  put(out, 10, 2);           // version needed
  put(out, 0, 2);            // flags
  put(out, 0, 2);            // stored
  put(out, 0x00210000U, 4);  // 1980-01-01
  put(out, crc32(entry.body), 4);
  put(out, entry.body.size(), 4);
  put(out, entry.body.size(), 4);
  put(out, entry.name.size(), 2);
}

std::string zip_archive(std::array<ZipEntry, 3> entries) {
  std::string out;
  for (ZipEntry& entry : entries) {
    entry.offset = out.size();
    out += "PK\x03\x04";
    zip_common(out, entry);
    put(out, 0, 2);  // extra
    out += entry.name + entry.body;
  }
  const std::size_t directory = out.size();
  for (const ZipEntry& entry : entries) {
    out += "PK\x01\x02";
    put(out, 10, 2);  // made by
    zip_common(out, entry);
    put(out, 0, 8);  // extra, comment, disk, internal attributes
    put(out, 0, 4);  // external attributes
    put(out, entry.offset, 4);
    out += entry.name;
  }
  const std::size_t length = out.size() - directory;
  out += "PK\x05\x06";
  put(out, 0, 4);
  put(out, entries.size(), 2);
  put(out, entries.size(), 2);
  put(out, length, 4);
  put(out, directory, 4);
  put(out, 0, 2);
  return out;
}

}  // namespace

void Content::truncate(std::uint64_t to) {
  size = std::min(size, to);
  if (head.size() > size) head.resize(static_cast<std::size_t>(size));
}

std::string Content::sha256() const {
  Sha256 hasher;
  hasher.update(head);
  hasher.zeros(size - head.size());
  return hasher.hex();
}

std::string Content::git_oid() const {
  Sha1 hasher;
  hasher.update("blob " + std::to_string(size) + std::string(1, '\0'));
  hasher.update(head);
  hasher.zeros(size - head.size());
  return hasher.hex();
}

Content safetensors(std::uint64_t size, std::string_view salt, bool empty_tensor) {
  const auto header_for = [&](std::uint64_t bytes) {
    const std::string end = std::to_string(bytes);
    std::string header = R"({"__metadata__":{"format":"pt"},"layer.)" + std::string(salt) +
                         R"(.weight":{"dtype":"U8","shape":[)" + end + R"(],"data_offsets":[0,)" +
                         end + "]}";
    if (empty_tensor)
      header += R"(,"empty":{"dtype":"F32","shape":[0],"data_offsets":[)" + end + "," + end + "]}";
    header += "}";
    header.append((8 - header.size() % 8) % 8, ' ');
    return header;
  };
  // The header's length depends on how the payload's length is spelled; a few rounds settle it.
  std::uint64_t bytes = payload(size, 8 + header_for(0).size(), "safetensors");
  for (int round = 0; round < 4; ++round)
    bytes = payload(size, 8 + header_for(bytes).size(), "safetensors");
  std::string out;
  std::string header = header_for(bytes);
  header.append(static_cast<std::size_t>(size - 8 - header.size() - bytes), ' ');
  put(out, header.size(), 8);
  out += header;
  fill(out, bytes, salt);
  return {out, size};
}

Content gguf(std::uint64_t size, std::string_view salt, bool padded, GgufSplit split) {
  std::string out = "GGUF";
  put(out, 3, 4);
  put(out, 2, 8);                         // tensors
  put(out, split.count == 0 ? 2 : 4, 8);  // key-values
  gguf_string(out, "general.architecture");
  put(out, 8, 4);  // GGUF_TYPE_STRING
  gguf_string(out, "llama");
  gguf_string(out, "general.name");
  put(out, 8, 4);
  gguf_string(out, salt);
  if (split.count != 0) {
    gguf_u16(out, "split.no", split.number);
    gguf_u16(out, "split.count", split.count);
  }
  // two tensors of one dimension, names of 8 letters
  const std::size_t info = 2 * (8 + 8 + 4 + 8 + 4 + 8);
  const std::size_t start = (out.size() + info + 31) / 32 * 32;
  const std::uint64_t last = payload(size, start + 32, "gguf");
  if (padded && last % 32 != 0)
    throw std::invalid_argument("a padded gguf needs a multiple of 32 bytes");
  const auto tensor = [&](std::string_view name, std::uint64_t elements, std::uint32_t type,
                          std::uint64_t offset) {
    gguf_string(out, name);
    put(out, 1, 4);
    put(out, elements, 8);
    put(out, type, 4);
    put(out, offset, 8);
  };
  tensor("f32_norm", 8, 0, 0);                           // F32, 32 bytes
  tensor("i8_layer", padded ? last - 5 : last, 24, 32);  // I8
  out.resize(start, '\0');
  fill(out, 32 + last, salt);
  return {out, size};
}

Content torch_zip(std::uint64_t size, std::string_view salt) {
  const std::string folder = "archive/";
  const auto build = [&](std::uint64_t bytes) {
    std::string data;
    fill(data, bytes, salt);
    return zip_archive({ZipEntry{folder + "data.pkl", std::string("\x80\x02}q\x00.", 6)},
                        ZipEntry{folder + "data/0", data}, ZipEntry{folder + "version", "3\n"}});
  };
  const std::uint64_t bytes = payload(size, build(0).size(), "torch");
  if (bytes > pattern_limit) throw std::invalid_argument("torch: at most 64 KiB");
  return Content(build(bytes));
}

Content parquet(std::uint64_t size, std::string_view salt) {
  const std::string magic = "PAR1";
  constexpr std::uint64_t footer = 16;
  std::string out = magic;
  std::string end(footer, 'f');
  put(end, footer, 4);
  end += magic;
  const std::uint64_t bytes = payload(size, magic.size() + end.size(), "parquet");
  if (bytes > pattern_limit) throw std::invalid_argument("parquet: at most 64 KiB");
  fill(out, bytes, salt);
  return Content(out + end);
}

Content legacy_pickle(std::uint64_t size, std::string_view salt) {
  std::string out("\x80\x02\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19.", 15);  // torch's magic number
  fill(out, payload(size, out.size(), "pickle"), salt);
  return {out, size};
}

Content lfs_pointer(std::string_view sha256, std::uint64_t size) {
  return Content("version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(sha256) +
                 "\nsize " + std::to_string(size) + "\n");
}

Content html_page(std::string_view title) {
  const std::string name(title);
  return Content("<!DOCTYPE html>\n<html><head><title>" + name + "</title></head>\n<body><h1>" +
                 name + "</h1></body></html>\n");
}

}  // namespace hfaudit::fixture
