// What archives in several files say of the number of their files.
#pragma once

#include <cstdint>
#include <string>

#include "base/byte_source.hpp"

namespace hfaudit {

// `first` and `last` are the first and the last volume here, `total` the bytes of all. false also
// if the format says nothing of it.
[[nodiscard]] bool another_volume_follows(const std::string& format, ByteSource& first,
                                          ByteSource& last, std::uint64_t total);

// Of `x.zip` after volumes x.z01, x.z02: how many of these there are.
[[nodiscard]] std::uint32_t numbered_volumes_of_zip(ByteSource& main);

}  // namespace hfaudit
