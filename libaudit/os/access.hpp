// Why a path cannot be opened: a link that leads nowhere, or a mode that keeps this process out.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

namespace hfaudit::os {

struct DeadLink {
  std::string path;    // of the link
  std::string target;  // its text
};

// The first link on the way to the absolute `path`, or `path` itself, whose target is absent or
// that leads in a circle. nullopt if such a link is absent, or the way to it is unreadable.
[[nodiscard]] std::optional<DeadLink> find_dead_link(const std::string& path);

// "owner alice, mode 0700".
[[nodiscard]] std::string owner_and_mode(const struct stat& status);

// The system's word for EACCES.
[[nodiscard]] std::string denied_in_words();

// The obstacle to this process at the absolute `path`: "owner alice, mode 0700" of that entry, else
// of the nearest readable folder above it, which is then named. Empty: unknown.
[[nodiscard]] std::string access_in_words(const std::string& path);

}  // namespace hfaudit::os
