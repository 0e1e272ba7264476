#include "listings/chunk_state.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "json/reader.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t most_chunk_state_bytes = std::uint64_t{1} << 20U;
constexpr std::size_t most_chunks = 10'000;

struct Chunk {
  std::uint64_t start = 0, end = 0, completed = 0;
};

class StateHandler final : public JsonHandler {
 public:
  bool on_key(std::string_view key, std::size_t) override {
    key_ = key;
    return true;
  }

  bool on_value(const JsonValue& value, std::size_t level) override {
    if (level == 1) {
      if (key_ == "schema_version") version = value.count;
      if (key_ == "total_size") size = value.count;
      if (key_ == "etag") etag = value.text;
      in_chunks_ = key_ == "chunks";
    } else if (level == 2 && in_chunks_) {
      chunks.emplace_back();
    } else if (level == 3 && in_chunks_ && !chunks.empty()) {
      if (key_ == "start") chunks.back().start = value.count;
      if (key_ == "end") chunks.back().end = value.count;
      if (key_ == "completed") chunks.back().completed = value.count;
    }
    return chunks.size() <= most_chunks;
  }

  bool on_close(std::size_t) override { return true; }

  std::uint64_t version = 0, size = 0;
  std::string etag;
  std::vector<Chunk> chunks;

 private:
  std::string key_;
  bool in_chunks_ = false;
};

}  // namespace

std::uint64_t contiguous_bytes(ByteSource& state, std::string_view etag, std::uint64_t size) {
  StateHandler handler;
  if (!read_listing(state, most_chunk_state_bytes, "notes on chunks", handler)) return 0;
  if (handler.version != 1 || handler.size != size || handler.etag != etag) return 0;
  auto& chunks = handler.chunks;
  std::sort(chunks.begin(), chunks.end(),
            [](const Chunk& a, const Chunk& b) { return a.start < b.start; });
  std::uint64_t there = 0;
  for (const auto& chunk : chunks) {
    if (chunk.start != there || chunk.end < chunk.start || chunk.end >= size) break;
    const auto length = chunk.end - chunk.start + 1;
    there += std::min(length, chunk.completed);
    if (chunk.completed < length) break;
  }
  return there;
}

}  // namespace hfaudit
