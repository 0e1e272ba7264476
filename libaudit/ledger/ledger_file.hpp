// A file of proofs, for one repo. Only its owner may have written it: it is believed where it
// belongs to a trusted user, is a regular file with one name, and no other user may write it.
//
// Several processes may append at once. On a file system of this machine they take turns by
// flock(2), and a record is appended or not. On network file systems, where locks may be missing
// and appending is not atomic, the file is replaced as a whole: of two at once one may lose its
// proofs. Where there is no room, or no right to write, nothing is recorded.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ledger/proof.hpp"
#include "os/fs.hpp"

namespace hfaudit {

// Empty where the file is missing, cannot be read, or is not to be believed. `trusted`: uids.
[[nodiscard]] std::vector<ContentProof> read_ledger(const os::Directory& folder,
                                                    const std::string& name,
                                                    std::span<const std::uint32_t> trusted);

enum class LedgerReaders : std::uint8_t { owner, everybody };

// Errors: nothing of it was recorded. A file that is not this user's is left alone.
[[nodiscard]] Result<void> append_proofs(const os::Directory& folder, const std::string& name,
                                         std::span<const ContentProof> proofs,
                                         LedgerReaders readers);

}  // namespace hfaudit
