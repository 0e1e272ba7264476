// A file of proofs, for one repo. Only its owner may have written it: it is believed where it
// belongs to a trusted user, is a regular file with one name, and is closed to writes of other
// users.
//
// Several processes may append at once. On a file system of this machine they take turns by
// flock(2), and a record is appended as a whole. On network file systems, where locks may be
// missing and appending is not atomic, the file is replaced as a whole: of two at once one may lose
// its proofs. Without room, or the right to write, recording is skipped.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ledger/proof.hpp"
#include "os/fs.hpp"

namespace hfaudit {

// Empty where the file is missing, unreadable or untrusted. `trusted`: uids.
[[nodiscard]] std::vector<ContentProof> read_ledger(const os::Directory& folder,
                                                    const std::string& name,
                                                    std::span<const std::uint32_t> trusted);

enum class LedgerReaders : std::uint8_t { owner, everybody };

// After an error all proofs are unrecorded. Another user's file is left alone.
[[nodiscard]] Result<void> append_proofs(const os::Directory& folder, const std::string& name,
                                         std::span<const ContentProof> proofs,
                                         LedgerReaders readers);

}  // namespace hfaudit
