#include "json/text.hpp"

#include <algorithm>

namespace hfaudit {
namespace {

constexpr std::uint64_t buffer_bytes = 64 * 1024;
constexpr char never_json = '\x01';  // an error to the lexer, wherever it stands

}  // namespace

bool JsonText::refill() {
  clean_.clear();
  next_ = 0;
  while (clean_.empty()) {
    if (!read_piece()) return false;
    clean();
  }
  return true;
}

// Pieces end at multiples of their size, so that the first ones lie within the bytes read ahead of
// the header.
bool JsonText::read_piece() {
  if (rest_ == 0 || error_ || token_too_long_) return false;
  const auto wanted =
      static_cast<std::size_t>(std::min(rest_, buffer_bytes - offset_ % buffer_bytes));
  piece_.resize(wanted);
  const auto got = source_.read_at(offset_, piece_);
  if (!got) {
    error_ = got.error();
    return false;
  }
  piece_.resize(*got);
  offset_ += *got;
  rest_ = *got < wanted ? 0 : rest_ - *got;  // the file has become shorter: its end is here
  return *got > 0;
}

void JsonText::clean() {
  const std::string_view piece(piece_.data(), piece_.size());
  for (std::size_t i = 0; i < piece.size() && !token_too_long_;) {
    if (in_string_) {
      i += clean_string(piece.substr(i));
    } else {
      clean_outside(piece[i++]);
      token_too_long_ = ++token_ > longest_token_;
    }
  }
  if (rest_ == 0 && !constant_.empty()) put(never_json);
}

// Copies a string up to its end or that of the piece; returns how many bytes that were.
std::size_t JsonText::clean_string(std::string_view piece) {
  std::size_t i = 0;
  while (i < piece.size() && in_string_) {
    const char c = piece[i++];
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
    }
  }
  clean_.append(piece.substr(0, i));
  last_ = clean_.back();
  token_ += i;
  token_too_long_ = token_ > longest_token_;
  return i;
}

void JsonText::clean_outside(char c) {
  if (!constant_.empty()) return match_constant(c);
  switch (c) {
    case ' ':
    case '\t':
    case '\n':
    case '\r':
      if (last_ != ' ') put(' ');
      return;
    case '"':
      in_string_ = true;
      token_ = 0;
      return put(c);
    case 'N':
      constant_ = "aN";
      return;
    case 'I':
      constant_ = "nfinity";
      return;
    default:
      // A NUL, and bytes outside ASCII, a byte order mark at the beginning included, are invalid
      // outside strings.
      return put(c == '\0' || static_cast<unsigned char>(c) >= 0x80 ? never_json : c);
  }
}

// The spaces separate the neighbours of the constant from the number.
void JsonText::match_constant(char c) {
  if (c != constant_.front()) {
    constant_ = {};
    return put(never_json);
  }
  constant_.remove_prefix(1);
  if (!constant_.empty()) return;
  clean_ += last_ == '-' ? "0.5 " : " 0.5 ";
  last_ = ' ';
}

}  // namespace hfaudit
