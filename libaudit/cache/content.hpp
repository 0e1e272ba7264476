// The bytes of a file: the claims on them, and the result of reading them. Plain values; pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/inventory.hpp"

namespace hfaudit {

// The two hashes that name content on the Hub: sha256 of an LFS or Xet file, and git's object id,
// which is the sha1 of "blob <size>", a NUL and the content.
enum class HashKind : std::uint8_t { sha256, git_sha1 };
[[nodiscard]] std::string_view to_string(HashKind kind);  // "sha256", "git-sha1"

// The sources of the expected hash of a file, strongest first.
enum class ClaimSource : std::uint8_t {
  lock,    // the lock file that the user gave
  hub,     // the Hub's listing of that commit, asked just now
  tree,    // its cached copy, trees/<commit>.json
  record,  // the .metadata file of a --local-dir download
  name     // the blob's own name (the repo's link, where the bytes lie in the shared store)
};
[[nodiscard]] std::string_view to_string(
    ClaimSource source);  // "lock", "hub", "tree", "metadata", "name"

struct Claim {
  ClaimSource source = ClaimSource::name;
  HashKind kind = HashKind::sha256;
  std::string hex;  // lower case
  // The file was changed after it was recorded: by its user, or by a copy that drops times. A
  // different hash is reported, but is no proof of damage.
  bool outdated = false;
};

// The claim of an etag: 64 hex digits are a sha256, 40 a git object id. Weak and quoted ones
// (`W/"…"`) count, as old clients kept them. nullopt: another kind of name (S3 multipart, MD5),
// which is no evidence.
[[nodiscard]] std::optional<Claim> claim_of(ClaimSource source, std::string_view etag);

// A file whose bytes can be checked.
struct Content {
  FileKey key;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;  // with key and size: is it still the same file?
  std::string place;  // where to open it, relative to the repo folder (or to the --local-dir)
  // its last component may be a link: into the shared store, or out of a --local-dir
  bool follow = false;
  bool suspect = false;  // its own header says that it is broken: a right hash is worth knowing
  // of all its names, strongest first, each once; empty: unverifiable
  std::vector<Claim> claims;
};

// Adds new claims on a file to the present ones.
void add_claims(Content& content, const std::vector<Claim>& claims);

enum class ReadOutcome : std::uint8_t {
  whole,      // read to its end, unchanged meanwhile
  changed,    // it grew, shrank or was replaced meanwhile
  unreadable  // the storage failed at `offset`
};

// The result of reading it.
struct ContentRead {
  ReadOutcome outcome = ReadOutcome::whole;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::string sha256, git_sha1;  // hex; empty unless a claim needs it
  // states of SHA-256 after each 16 MiB (digest/block_chain); empty where the states are
  // unavailable
  std::vector<std::array<std::uint32_t, 8>> chain;
  std::string head;          // its first bytes, to identify wrong content
  bool opened = true;        // false: it failed before the first byte
  std::uint64_t offset = 0;  // of the failure, in bytes
  std::string cause;         // of the failure

  [[nodiscard]] const std::string& hash(HashKind kind) const {
    return kind == HashKind::sha256 ? sha256 : git_sha1;
  }
};

using ContentReads = std::map<FileKey, ContentRead>;

}  // namespace hfaudit
