// What the bytes themselves say, once they have been read.
//
// The strongest claim decides: content that fulfils it is good, whatever weaker ones say. Then those are told as
// conflicting-digests, since one of the two sources is wrong about this file.
#include <algorithm>
#include <set>

#include "formats/examine.hpp"
#include "formats/sniff.hpp"
#include "rules/claims.hpp"
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

// Where a file stands, for messages and for the finding's path.
struct Subject {
  std::string path;  // relative to the repo folder
  std::string name;
  RevisionState* state = nullptr;  // null for a blob that nothing uses
  std::string payload{};           // below the hub cache, where the bytes lie in the shared store
  bool foreign = false;            // a link led out of the folder: what its content hashes to is nobody's business
};

void note_unread(Case& c, const std::string& path, const ContentRead& read) {
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

std::string in_words(ClaimSource source) {
  switch (source) {
    case ClaimSource::hub:
      return "the Hub";
    case ClaimSource::tree:
      return "the cached tree";
    case ClaimSource::record:
      return "its .metadata file";
    case ClaimSource::name:
      return "its blob's name";
  }
  return {};
}

// What is there in place of the content, where its first bytes tell.
std::pair<FindingId, std::string> what_it_is(const ContentRead& read) {
  if (parse_lfs_pointer(read.head)) return {FindingId::lfs_pointer, " is a git LFS pointer, not the content"};
  if (const auto body = sniff_error_body(read.head, read.size)) return {FindingId::not_the_content, " is " + *body};
  return {FindingId::digest_mismatch, ""};
}

void raise_mismatch(Case& c, const Subject& subject, const Claim& claim, const ContentRead& read) {
  auto [id, what] = what_it_is(read);
  if (what.empty()) what = " does not hash to what " + in_words(claim.source) + " says";
  if (claim.outdated) what += ", and was changed after it was downloaded";
  auto& finding = c.raise(id, subject.path, printable(subject.name) + what, subject.state);
  if (claim.outdated) {
    finding.severity = Severity::warning;
    finding.fix.clear();  // it would be somebody's work that is undone
  } else if (subject.state != nullptr) {
    subject.state->corrupt = true;
  }
  finding.bytes = read.size;
  finding.details.emplace_back("basis", std::string(to_string(claim.source)));
  finding.details.emplace_back("hash", std::string(to_string(claim.kind)));
  finding.details.emplace_back("expected", claim.hex);
  if (!subject.payload.empty()) finding.details.emplace_back("payload", subject.payload);
  if (!subject.foreign) finding.details.emplace_back("actual", read.hash(claim.kind));
}

void raise_conflict(Case& c, const Subject& subject, const Claim& strong, const Claim& weak) {
  auto& finding = c.raise(FindingId::conflicting_digests, subject.path,
                          in_words(weak.source) + " says another hash of " + printable(subject.name) + " than " +
                              in_words(strong.source),
                          subject.state);
  for (const auto& claim : {strong, weak})
    finding.details.emplace_back(std::string(to_string(claim.source)), claim.hex);
}

// Two hashes of one kind that differ contradict each other unread; of two kinds, only the content can tell.
bool contradicts(const Claim& strong, const Claim& weak, const ContentRead* read) {
  if (strong.kind == weak.kind) return strong.hex != weak.hex;
  return read != nullptr && fulfils(*read, strong) != fulfils(*read, weak);
}

void check(Case& c, const Subject& subject, const std::vector<Claim>& claims, const ContentRead* read) {
  if (claims.empty()) {
    c.raise(FindingId::unverifiable, subject.path,
            "nothing says what " + printable(subject.name) + " should hash to", subject.state);
    return;
  }
  if (read != nullptr && read->outcome != ReadOutcome::whole) {
    if (subject.state != nullptr) subject.state->unread = true;
    return;
  }
  // A listing that came after the reading may ask for a hash that was not computed; it silences no other.
  const auto computed = [&](const Claim& claim) { return read != nullptr && !read->hash(claim.kind).empty(); };
  const auto speaks = std::find_if(claims.begin(), claims.end(), computed);
  const bool known = speaks != claims.end();
  const auto& strongest = known ? *speaks : claims.front();
  if (known && !fulfils(*read, strongest)) raise_mismatch(c, subject, strongest, *read);
  for (const auto& weaker : claims) {
    if (contradicts(strongest, weaker, known && computed(weaker) ? read : nullptr)) {
      raise_conflict(c, subject, strongest, weaker);
      break;
    }
  }
}

std::string payload_of(const Case& c, const Entry& entry) {
  return entry.blob < 0 ? std::string() : hfaudit::payload_of(c.repo.blobs[static_cast<std::size_t>(entry.blob)]);
}

bool is_foreign(const Entry& entry) {
  return entry.kind == EntryKind::link && entry.blob < 0;
}

}  // namespace

void check_digests(Case& c) {
  if (!c.context.verifying) return;
  const auto find_read = [&](const Meta& meta) -> const ContentRead* {
    if (c.context.reads == nullptr) return nullptr;
    const auto found = c.context.reads->find(meta.key);
    if (found == c.context.reads->end()) return nullptr;
    const auto& read = found->second;
    const bool same =
        read.outcome != ReadOutcome::whole || (read.size == meta.size && read.mtime_ns == meta.mtime_ns);
    return same ? &read : nullptr;
  };
  std::set<FileKey> unread;  // a file has one disk, however many names
  const auto note = [&](const FileKey& key, const std::string& path, const ContentRead* read) {
    const bool failed = read != nullptr && read->outcome != ReadOutcome::whole;
    if (failed && unread.insert(key).second) note_unread(c, path, *read);
  };
  for (auto& state : c.states) {
    for (const auto* entry : entries_to_check(c, state)) {
      const auto* read = find_read(entry->meta);
      note(entry->meta.key, c.full_path(c.place(state, entry->path)), read);
      check(c, {c.place(state, entry->path), entry->path, &state, payload_of(c, *entry), is_foreign(*entry)},
            claims_on(c, state, *entry), read);
    }
  }
  for (const auto i : blobs_to_check(c)) {
    const auto& blob = c.repo.blobs[i];
    const auto claim = claim_of(ClaimSource::name, blob.name);
    const auto* read = claim ? find_read(*blob.content()) : nullptr;
    if (read == nullptr) continue;
    note(blob.content()->key, c.full_path("blobs/" + blob.name), read);
    const auto before = c.findings.size();
    check(c, {"blobs/" + blob.name, "a blob that no snapshot uses", nullptr, {}, false}, {*claim}, read);
    // No model suffers from it. A client that comes to want it would, and so does the one that wants it already.
    for (auto at = before; at < c.findings.size(); ++at) {
      if (!c.unlinked_blobs[i]) c.findings[at].severity = std::min(c.findings[at].severity, Severity::warning);
    }
  }
}

}  // namespace hfaudit
