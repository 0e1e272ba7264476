// Texts of hashes in as little memory as a listing of a million files allows: a std::string of 40
// digits takes 96 bytes.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace hfaudit {

// At most 40 characters, in place; a longer text is kept as an empty one.
class ShortDigits {
 public:
  ShortDigits() = default;
  ShortDigits(std::string_view text) {
    if (text.size() > text_.size()) return;
    size_ = static_cast<std::uint8_t>(text.size());
    text.copy(text_.data(), text.size());
  }
  ShortDigits(const std::string& text) : ShortDigits(std::string_view(text)) {}
  ShortDigits(const char* text) : ShortDigits(std::string_view(text)) {}

  operator std::string_view() const { return {text_.data(), size_}; }
  [[nodiscard]] std::string str() const { return {text_.data(), size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  template <std::convertible_to<std::string_view> Text>
  [[nodiscard]] friend bool operator==(const ShortDigits& a, const Text& b) {
    return std::string_view(a) == std::string_view(b);
  }

 private:
  std::array<char, 40> text_{};
  std::uint8_t size_ = 0;
};

// Any text; an empty one takes the memory of a pointer.
class RareDigits {
 public:
  RareDigits() = default;
  RareDigits(std::string_view text) {
    if (text.empty()) return;
    const auto size = static_cast<std::uint32_t>(text.size());
    text_ = std::make_unique_for_overwrite<char[]>(sizeof size + text.size());
    std::memcpy(text_.get(), &size, sizeof size);
    text.copy(text_.get() + sizeof size, text.size());
  }
  RareDigits(const std::string& text) : RareDigits(std::string_view(text)) {}
  RareDigits(const char* text) : RareDigits(std::string_view(text)) {}
  RareDigits(const RareDigits& other) : RareDigits(std::string_view(other)) {}
  RareDigits(RareDigits&&) noexcept = default;
  RareDigits& operator=(const RareDigits& other) {
    if (this != &other) *this = RareDigits(other);
    return *this;
  }
  RareDigits& operator=(RareDigits&&) noexcept = default;
  ~RareDigits() = default;

  operator std::string_view() const {
    std::uint32_t size = 0;
    if (!text_) return {};
    std::memcpy(&size, text_.get(), sizeof size);
    return {text_.get() + sizeof size, size};
  }
  [[nodiscard]] std::string str() const { return std::string(std::string_view(*this)); }
  [[nodiscard]] bool empty() const { return !text_; }
  template <std::convertible_to<std::string_view> Text>
  [[nodiscard]] friend bool operator==(const RareDigits& a, const Text& b) {
    return std::string_view(a) == std::string_view(b);
  }

 private:
  std::unique_ptr<char[]> text_;
};

}  // namespace hfaudit
