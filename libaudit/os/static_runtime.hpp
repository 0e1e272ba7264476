// The special rules of a program with its libraries inside (HFAUDIT_STATIC): it runs on any
// distribution, with or without a C library beside it.
#pragma once

#include <string>

namespace hfaudit::os {

// Before anything else: users and hosts are found in /etc and by DNS, regardless of nsswitch.conf,
// since its plugins belong to the system's C library. Without effect where that is ours.
void keep_to_built_in_lookups();

// Before OpenSSL is first used, where it is linked: its configuration, which may name modules to
// load, is the system's.
void keep_openssl_unconfigured();

// The certificates of authorities: a file or a folder, wherever this distribution has them; else
// empty.
[[nodiscard]] std::string system_ca_bundle();

}  // namespace hfaudit::os
