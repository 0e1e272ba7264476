// Keeps the secrets of this process out of core dumps and key logs.
#pragma once

namespace hfaudit::os {

// Disables core dumps from now on, including those to a program that kernel.core_pattern names: for
// a process that holds a token. Others of the same user may still look at its open files, as
// `hfaudit watch` does, which PR_SET_DUMPABLE would prevent.
void forbid_core_dumps();

// TLS libraries write the keys of all connections to the file that SSLKEYLOGFILE names; this
// process ignores the variable. Before any other thread starts.
void ignore_key_log();

// As they were given, for a program that takes the place of this one.
void restore_for_program();

}  // namespace hfaudit::os
