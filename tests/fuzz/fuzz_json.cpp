// The same document, once in one piece and once cut in two at a place that the input chooses, gives
// the same events.
#include "fuzz.hpp"
#include "json/events.hpp"
#include "json/reader.hpp"

using namespace hfaudit;

namespace {

class Transcript final : public JsonHandler {
 public:
  bool on_key(std::string_view key, std::size_t level) override { return note('k', key, level); }
  bool on_value(const JsonValue& value, std::size_t level) override {
    fuzz::require(level < 64 || (value.kind != JsonKind::object && value.kind != JsonKind::array));
    return note(static_cast<char>('0' + static_cast<int>(value.kind)), value.text, level) &&
           note('n', std::to_string(value.count) + ' ' + std::to_string(value.real), level);
  }
  bool on_close(std::size_t level) override { return note('c', {}, level); }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  bool note(char what, std::string_view text, std::size_t level) {
    ((text_ += what) += std::to_string(level)) += text;
    return true;
  }

  std::string text_;
};

// Pieces end at multiples of 64 KiB: a document that begins shortly before one is cut there.
class ShiftedSource final : public ByteSource {
 public:
  ShiftedSource(std::string_view bytes, std::uint64_t shift) : bytes_(bytes), shift_(shift) {}

  [[nodiscard]] std::uint64_t size() const override { return shift_ + bytes_.size(); }
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    return MemorySource(bytes_).read_at(offset - shift_, into);
  }

 private:
  std::string_view bytes_;
  std::uint64_t shift_;
};

}  // namespace

void fuzz::try_input(std::string_view input) {
  if (input.empty()) return;
  const auto document = input.substr(1);
  const std::uint64_t shift = 64 * 1024 - static_cast<unsigned char>(input.front()) % 64U;
  Transcript whole;
  Transcript thorough;
  Transcript cut;
  MemorySource whole_source(document);
  ShiftedSource cut_source(document, shift);
  const auto first = read_json(whole_source, 0, document.size(), whole);
  const auto second = read_json_thoroughly(whole_source, 0, document.size(), thorough);
  const auto third = read_json_thoroughly(cut_source, shift, document.size(), cut);
  fuzz::require(first && second && third && *first == *second && *second == *third);
  fuzz::require(whole.text() == thorough.text() && thorough.text() == cut.text());
}
