#include "cache/content.hpp"

#include <algorithm>
#include <array>

#include "cache/blob_name.hpp"

namespace hfaudit {

std::string_view to_string(HashKind kind) {
  return kind == HashKind::sha256 ? "sha256" : "git-sha1";
}

std::string_view to_string(ClaimSource source) {
  constexpr std::array<std::string_view, 5> names = {"lock", "hub", "tree", "metadata", "name"};
  return names.at(static_cast<std::size_t>(source));
}

std::optional<Claim> claim_of(ClaimSource source, std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
    etag = etag.substr(1, etag.size() - 2);
  if (etag.starts_with('"')) etag.remove_prefix(1);  // huggingface_hub < 0.14 kept one of the two
  if (etag.find_first_not_of('0') == std::string_view::npos || !is_plain_etag(etag))
    return std::nullopt;
  constexpr std::size_t sha256_digits = 64;
  const auto kind = etag.size() == sha256_digits ? HashKind::sha256 : HashKind::git_sha1;
  return Claim{source, kind, std::string(etag)};
}

void add_claims(Content& content, const std::vector<Claim>& claims) {
  for (const auto& claim : claims) {
    const auto same = [&](const Claim& other) {
      return other.kind == claim.kind && other.hex == claim.hex;
    };
    if (std::none_of(content.claims.begin(), content.claims.end(), same))
      content.claims.push_back(claim);
  }
}

}  // namespace hfaudit
