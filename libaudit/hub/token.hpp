// The user's token for the Hub. It leaves this type in one way only: as the value of an
// Authorization header.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

#include "hfaudit/layout.hpp"
#include "http/foreign_text.hpp"

namespace hfaudit {

class Token {
 public:
  Token() = default;  // none

  // `because` names its origin: a variable's name, or a path. White space around it is dropped; all
  // white: empty. Error: a text that is invalid in a header (line breaks above all); the message
  // omits it.
  [[nodiscard]] static Result<Token> parse(std::string_view text, std::string_view because);

  [[nodiscard]] bool empty() const { return secret_.empty(); }
  [[nodiscard]] const std::string& because() const { return because_; }
  [[nodiscard]] std::string authorization() const { return "Bearer " + secret_; }
  // A server's words without the token, which a mirror may repeat.
  [[nodiscard]] std::string cut_from(std::string text) const {
    return without_secrets(std::move(text), {secret_});
  }

 private:
  std::string secret_;
  std::string because_;
};

// Printing one is a mistake, and fails to compile.
std::ostream& operator<<(std::ostream& out, const Token& token) = delete;

// HF_TOKEN | HUGGING_FACE_HUB_TOKEN | the file that `layout` names; empty where
// HF_HUB_DISABLE_IMPLICIT_TOKEN is set. The file may be a link (as in a secret that is mounted).
// Errors: an unreadable file; invalid text.
[[nodiscard]] Result<Token> find_token(const Environment& environment, const Layout& layout);

}  // namespace hfaudit
