// The meaning of the name of a file in `blobs/` (or of a lock): final blob, partial of which
// client, lock, temporary. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hfaudit {

enum class BlobNameKind : std::uint8_t {
  blob,     // <etag>
  partial,  // bytes on their way to become <etag>
  // beside a partial, and of use only with it: <etag>.chunked.part.state, <etag>.hfaudit.pieces,
  // <etag>.aria2
  state,
  lock,       // <etag>.lock (huggingface_hub <= 0.18, hf-hub 0.4 and 0.5)
  evidence,   // <etag>.hfaudit.wrong: content with a wrong hash, kept by `hfaudit pull`
  temporary,  // tmp_<uuid>, .<etag>.<8hex>.{shared,new,old}, *.tmp: debris once its writer is gone
};

struct BlobName {
  BlobNameKind kind = BlobNameKind::blob;
  std::string etag;  // empty where the name omits it
};

// The partials that clients write:
//   <etag>.incomplete              huggingface_hub 0.8-1.17, hf-hub 1.x, huggingface.js,
//   swift-huggingface
//   <etag>.<8 hex>.incomplete      huggingface_hub >= 1.18, one a process
//   <etag>.part, <etag>.sync.part  hf-hub 0.4 and 0.5
//   <etag>.chunked.part            hf-fetch-model
//   <etag>.downloadInProgress      llama.cpp
//   tmp-<etag>, tmp-<etag>.part-NN HuggingFaceModelDownloader (Go)
//   <etag>.hfaudit.incomplete, <etag>.<8 hex>.hfaudit.incomplete    hfaudit pull; a prefix without
//   holes
[[nodiscard]] BlobName classify_blob_name(std::string_view name);

// Beside `blobs/`, and below `.locks/` for entries outside of all repos: the quarantine of `hfaudit
// repair`.
inline constexpr std::string_view quarantine_folder = ".hfaudit-quarantine";

// Beside `blobs/`, or in `.cache/huggingface/` of a --local-dir: proofs, a file for each user
// (`--ledger cache`). The user's number follows.
inline constexpr std::string_view ledger_prefix = ".hfaudit-ledger-";
[[nodiscard]] inline bool is_ledger_name(std::string_view name) {
  return name.starts_with(ledger_prefix);
}

// In `.locks/<folder>/`: held by the one `hfaudit preflight --repair` of several that works.
// Unknown to clients.
inline constexpr std::string_view preflight_lock = ".hfaudit-preflight.lock";

// The everyday case, quickly: exactly 40 or 64 hex digits.
[[nodiscard]] bool is_plain_etag(std::string_view name);

// Whether it is git's SHA-1 or the SHA-256 of empty content.
[[nodiscard]] bool is_hash_of_nothing(std::string_view name);

// Could a client have given a blob this name? Etags are 40 or 64 hex, `<32 hex>[-<parts>]` from S3,
// or weak variants of those from old clients.
[[nodiscard]] bool looks_like_etag(std::string_view name);

// tmpXXXXXXXX as Python's tempfile names them, tmp_<uuid4> as huggingface_hub does.
[[nodiscard]] bool is_python_temporary(std::string_view name);
[[nodiscard]] bool is_umask_probe(std::string_view name);
[[nodiscard]] bool is_hex(std::string_view text);

// Whether a download in progress can have a file at `path` open, by the path that /proc/<pid>/fd
// shows.
[[nodiscard]] bool may_be_partial(std::string_view path);

// A partial by the name that a browser, a download manager or a copying program gives it, in place
// of a client.
[[nodiscard]] bool is_partial_of_other_program(std::string_view name);

// `x.lock.break.<pid>.<32 hex>` and `x.lock.restore.…`: leftovers of filelock that died while it
// broke a lock.
[[nodiscard]] bool is_lock_debris(std::string_view name);

}  // namespace hfaudit
