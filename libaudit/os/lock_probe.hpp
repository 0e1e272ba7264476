// Whether another process holds a lock on a file or has it open for writing, found by trying.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "os/fs.hpp"

namespace hfaudit::os {

enum class Tristate : std::uint8_t { no, yes, unknown };

// Tries flock(2) on `name` for an instant and releases it: yes = another process holds it. Opens
// read-only and asks for a shared lock, so that of other attempts in the same instant only an
// exclusive one can fail, which is retried. unknown: permission denied, or the file system lacks
// flock; any other failure (a disk, a server, a limit) goes to `error`.
[[nodiscard]] Tristate probe_flock(const Directory& directory, const std::string& name,
                                   std::optional<Error>* error = nullptr);

// Asks the kernel for a read lease on `name` for an instant: it is granted only if the file is
// closed for writing everywhere, other containers included. unknown: another user owns the file, or
// other machines can write to the file system.
[[nodiscard]] Tristate is_written_by_others(const Directory& directory, const std::string& name);

// Does flock(2) mean anything on the file system of this file? Lustre, GPFS and some NFS mounts
// grant every request. Asks through two descriptors for an instant, in a way that keeps the lock
// shared where flock works.
[[nodiscard]] Tristate flock_works(const Directory& directory, const std::string& name);

}  // namespace hfaudit::os
