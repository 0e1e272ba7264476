#include "hub/token.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "hub/endpoint.hpp"
#include "os/fs.hpp"
#include "os/root_path.hpp"
#include "os/secrets.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t longest_token = 8192;  // the limit of some servers for a header

[[nodiscard]] Result<Token> read_token(const std::string& path) {
  const auto slash = path.rfind('/');
  const auto folder =
      os::open_folder_at(slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash));
  const auto failed = [&path](const Error& error) -> Result<Token> {
    if (os::is_absent(error)) return Token{};
    return failure(error.operation, path, error.cause, error.code);
  };
  if (!folder) return failed(folder.error());
  // Root refuses a token that lies behind another user's link.
  if (const auto found = os::find_path(path); !found) return failed(found.error());
  auto file = folder->open_file(path.substr(slash + 1), os::Links::follow);
  if (!file) return failed(file.error());
  std::array<char, longest_token + 1> text;
  const auto got = (*file)->read_at(0, text);
  if (!got) return failed(got.error());
  return Token::parse({text.data(), *got}, path);
}

}  // namespace

Result<Token> Token::parse(std::string_view text, std::string_view because) {
  if (text.size() > longest_token) return failure("read", because, "it is too long for a token");
  text = trim(text);
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!printable) return failure("read", because, "it holds characters that no token has");
  if (!text.empty()) os::forbid_core_dumps();
  Token token;
  token.secret_ = text;
  token.because_ = text.empty() ? "" : because;
  return token;
}

Result<Token> find_token(const Environment& environment, const Layout& layout) {
  if (is_true(environment.get("HF_HUB_DISABLE_IMPLICIT_TOKEN").value_or(""))) return Token{};
  for (const char* name : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
    const auto value = environment.get(name).value_or("");
    if (value.empty()) continue;
    // As the clients do: a blank HF_TOKEN hides the other variable, but leaves the file in use.
    auto token = Token::parse(value, name);
    if (!token || !token->empty()) return token;
    break;
  }
  return read_token(layout.token.path);
}

}  // namespace hfaudit
