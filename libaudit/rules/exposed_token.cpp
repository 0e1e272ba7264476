// # exposed-token
//
// The group or all users may read a token file (`token`, `stored_tokens`, or the file that
// `HF_TOKEN_PATH` names). Only its mode is checked; its content stays unread.
//
// Why it matters: a user who reads the token can act on the Hub in the name of its owner.
//
// Not raised: for an absent token file, or one of mode 0600.
//
// Causes: huggingface_hub before 1.16 wrote it by the umask. A token that was copied by hand.
#include "rules/check_home.hpp"

namespace hfaudit {

void check_exposed_token(RepoCheck& c, const std::vector<ExtraEntry>& tokens) {
  constexpr std::uint32_t readable_by_others = 044;
  for (const auto& token : tokens) {
    if ((token.meta.mode & readable_by_others) == 0) continue;
    auto& finding =
        c.raise(FindingId::exposed_token, token.path, "other users can read this token file");
    finding.seen = identity_of(token.meta);
    finding.details.emplace_back(detail_key::uid, std::uint64_t{token.meta.uid});
  }
}

}  // namespace hfaudit
