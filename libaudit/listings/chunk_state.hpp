// hf-fetch-model's notes beside `<etag>.chunked.part`, which it makes in its full size and fills
// from many sides:
//   {"schema_version":1,"etag":"…","total_size":8192,"connections":2,
//    "chunks":[{"idx":0,"start":0,"end":4095,"completed":4096},
//              {"idx":1,"start":4096,"end":8191,"completed":17}]}
// `end` is inclusive, `completed` counts from the chunk's start. Defined by its
// src/chunked_state.rs.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/byte_source.hpp"

namespace hfaudit {

// How many bytes are there from the beginning on without a gap. 0: the notes are of another file,
// or unreadable.
[[nodiscard]] std::uint64_t contiguous_bytes(ByteSource& state, std::string_view etag,
                                             std::uint64_t size);

}  // namespace hfaudit
