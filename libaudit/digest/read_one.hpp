// One file, read and hashed as read_all() does it: past the page cache, by the fastest kernel.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "cache/content.hpp"
#include "digest/reading.hpp"
#include "os/fs.hpp"

namespace hfaudit {

// nullopt: interrupted.
[[nodiscard]] std::optional<ContentRead> read_one(std::unique_ptr<os::File> file,
                                                  const ReadingJob& job,
                                                  const std::stop_token& stop = {});

// Whether its content fulfils the claim; nullopt: reading it to its end failed.
[[nodiscard]] std::optional<bool> hashes_to(std::unique_ptr<os::File> file, const Claim& claim,
                                            const std::stop_token& stop = {});

}  // namespace hfaudit
