// The pass over content that was read to its end. The strongest claim decides: content that fulfils
// it is good, regardless of weaker ones. A weaker claim that differs is raised as
// conflicting-digests, since one of the two sources is wrong about this file.
#include <algorithm>
#include <set>

#include "rules/claims.hpp"
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

void note_unread(RepoCheck& c, const std::string& path, const ContentRead& read) {
  if (read.outcome == ReadOutcome::changed) {
    c.unread.push_back({path, "read", "it changed while it was being read"});
  } else if (!read.opened) {
    c.unread.push_back({path, "open", read.cause});
  } else {
    c.unread.push_back({path, "read byte " + std::to_string(read.offset) + " of", read.cause});
  }
}

bool fulfils(const ContentRead& read, const Claim& claim) {
  return read.hash(claim.kind) == claim.hex;
}

// Two hashes of one kind that differ contradict each other unread; of two kinds, only the content
// can show it.
bool contradicts(const Claim& strong, const Claim& weak, const ContentRead* read) {
  if (strong.kind == weak.kind) return strong.hex != weak.hex;
  return read != nullptr && fulfils(*read, strong) != fulfils(*read, weak);
}

void check_claims(RepoCheck& c, const Subject& subject, const std::vector<Claim>& claims,
                  const ContentRead* read) {
  if (claims.empty()) return raise_unverifiable(c, subject);
  if (read != nullptr && read->outcome != ReadOutcome::whole) {
    if (subject.state != nullptr) subject.state->unread = true;
    return;
  }
  // A listing that arrives after the reading may name a hash that was left out; the other claims
  // still count.
  const auto computed = [&](const Claim& claim) {
    return read != nullptr && !read->hash(claim.kind).empty();
  };
  const auto decisive = std::find_if(claims.begin(), claims.end(), computed);
  const bool known = decisive != claims.end();
  const auto& strongest = known ? *decisive : claims.front();
  if (known && !fulfils(*read, strongest)) raise_digest_mismatch(c, subject, strongest, *read);
  for (const auto& weaker : claims) {
    if (contradicts(strongest, weaker, known && computed(weaker) ? read : nullptr)) {
      raise_conflicting_digests(c, subject, strongest, weaker);
      break;
    }
  }
}

// A file that its own header calls broken: one defect, regardless of its hash.
void check_broken(RepoCheck& c, std::size_t finding, const std::vector<Claim>& claims,
                  const ContentRead* read) {
  if (read == nullptr || read->outcome != ReadOutcome::whole) return;
  const auto decisive = std::find_if(claims.begin(), claims.end(), [&](const Claim& claim) {
    return !read->hash(claim.kind).empty();
  });
  if (decisive != claims.end() && fulfils(*read, *decisive) && !decisive->outdated)
    turn_into_damaged_on_hub(c.findings[finding]);
}

Subject subject_of(const RepoCheck& c, RevisionState& state, const Entry& entry) {
  const auto* blob = blob_of(c.repo, entry);
  const bool foreign = entry.kind == EntryKind::link && blob == nullptr;
  return {c.place(state, entry.path), entry.path, &state,
          blob == nullptr ? std::string() : payload_of(*blob), foreign};
}

const ContentRead* find_read(const CheckContext& context, const FileInfo& meta) {
  if (context.reads == nullptr) return nullptr;
  const auto found = context.reads->find(meta.key);
  if (found == context.reads->end()) return nullptr;
  const auto& read = found->second;
  const bool same = read.outcome != ReadOutcome::whole ||
                    (read.size == meta.size && read.mtime_ns == meta.mtime_ns);
  return same ? &read : nullptr;
}

}  // namespace

std::string name_of_source(ClaimSource source) {
  switch (source) {
    case ClaimSource::lock:
      return "the lock file";
    case ClaimSource::hub:
      return "the Hub";
    case ClaimSource::tree:
      return "the cached file list";
    case ClaimSource::record:
      return "its .metadata file";
    case ClaimSource::name:
      return "its blob's name";
  }
  return {};
}

void check_digests(RepoCheck& c) {
  if (!c.context.verifying) return;
  std::set<FileKey> unread;  // a file counts once, however many names it has
  const auto note = [&](const FileKey& key, const std::string& path, const ContentRead* read) {
    const bool failed = read != nullptr && read->outcome != ReadOutcome::whole;
    if (failed && unread.insert(key).second) note_unread(c, path, *read);
  };
  for (auto& state : c.states) {
    for (const auto* entry : entries_to_check(c, state)) {
      const auto* read = find_read(c.context, entry->meta);
      note(entry->meta.key, c.full_path(c.place(state, entry->path)), read);
      if (const auto* broken = structural_finding(c, state, *entry)) {
        check_broken(c, static_cast<std::size_t>(broken - c.findings.data()),
                     claims_on(c, state, *entry), read);
        continue;
      }
      check_claims(c, subject_of(c, state, *entry), claims_on(c, state, *entry), read);
    }
  }
  for (const auto i : blobs_to_check(c)) {
    const auto& blob = c.repo.blobs[i];
    const auto claim = claim_of(ClaimSource::name, blob.name);
    const auto* read = claim ? find_read(c.context, *blob.content()) : nullptr;
    if (read == nullptr) continue;
    note(blob.content()->key, c.full_path("blobs/" + blob.name), read);
    const auto before = c.findings.size();
    check_claims(c, {"blobs/" + blob.name, "a blob that no snapshot uses", nullptr, {}, false},
                 {*claim}, read);
    // An unused blob: a warning, except for a blob that a listing wants.
    for (auto at = before; at < c.findings.size(); ++at) {
      if (!c.unlinked_blobs[i])
        c.findings[at].severity = std::min(c.findings[at].severity, Severity::warning);
    }
  }
}

}  // namespace hfaudit
