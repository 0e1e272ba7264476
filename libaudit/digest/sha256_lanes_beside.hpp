// Lanes beside a stream of SHA-NI: the unit for SHA instructions works while the vector units do.
//
// Part of sha256_avx2.cpp and sha256_avx512.cpp, which define HFAUDIT_LANES_ENTRY, the attribute
// that names the instructions of both.
#pragma once

#include "digest/sha256_lane_rounds.hpp"
#include "digest/sha256_ni_rounds.hpp"

namespace hfaudit {
namespace {

// Four rounds of the stream take less time than one of the lanes: while these hash a block each, it
// hashes as many as this.
constexpr std::size_t blocks_beside = 4;

struct StreamBeside {
  RoundState stream;
  // `at`: of 16, in order, with each of which the stream comes a sixteenth of a block further
  HFAUDIT_LANES_PART void step(std::size_t at) {
    if (at == 0) keep_state(stream);
    if (at < 4)
      read_words(stream, at);
    else
      make_words(stream, at % 4);
    four_rounds(4 * at, at % 4, stream);
    if (at == 15) {
      add_state(stream);
      stream.next += sha256_block;
    }
  }
};

// The last of `states` and `blocks` are those of the stream.
HFAUDIT_LANES_ENTRY void lanes_beside(Sha256State* const* states,
                                      const unsigned char* const* blocks, std::size_t count) {
  StreamBeside beside{begin(*states[lane_count], blocks[lane_count])};
  compress_lanes(states, blocks, count, beside);
  end(beside.stream, *states[lane_count]);
}

HFAUDIT_LANES_ENTRY void lanes_only(Sha256State* const* states, const unsigned char* const* blocks,
                                    std::size_t count) {
  NothingBeside nothing;
  compress_lanes(states, blocks, count, nothing);
}

}  // namespace
}  // namespace hfaudit
