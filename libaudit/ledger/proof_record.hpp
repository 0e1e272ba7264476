// The bytes of a ledger: a line with the format, and records of one length.
//
//   offset  bytes
//        0      4  "hfp1"
//        4      4  CRC-32C of all that follows
//        8     16  file system
//       24     40  inode, size, mtime, ctime, birth: 64 bits each, times in ns since the epoch
//       64     32  SHA-256 of the content
//       96     20  its git object id
//      116      4  1: the SHA-256 is known; 2: the git object id is
//      120      8  when it was proven, in seconds since the epoch
//      128     16  by which version, filled with NULs
//
// All integers are little-endian. A record that is torn, damaged or of another kind is skipped: it
// costs a proof. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/proof.hpp"

namespace hfaudit {

inline constexpr std::string_view ledger_heading = "hfaudit ledger/1\n";
inline constexpr std::size_t proof_record_bytes = 144;

[[nodiscard]] std::string encode(const ContentProof& proof);

// The proofs in the order of the file; empty where the heading is another one.
[[nodiscard]] std::vector<ContentProof> decode_ledger(std::string_view bytes);

// The newest proof of each file, oldest first.
[[nodiscard]] std::vector<ContentProof> without_superseded(std::vector<ContentProof> proofs);

}  // namespace hfaudit
