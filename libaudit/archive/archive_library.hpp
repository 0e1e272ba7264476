// libarchive, loaded when it is first needed: only `hfaudit export` writes archives, and the other
// commands are spared the loading of it and the dozen libraries that it needs.
//
// With HFAUDIT_LINK_ARCHIVE defined the functions are linked instead, for a static program.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include "hfaudit/result.hpp"

namespace hfaudit {

struct ArchiveLibrary {
  decltype(&::archive_write_new) write_new = nullptr;
  decltype(&::archive_write_set_format_pax_restricted) write_set_format_pax_restricted = nullptr;
  decltype(&::archive_write_set_bytes_per_block) write_set_bytes_per_block = nullptr;
  decltype(&::archive_write_open) write_open = nullptr;
  decltype(&::archive_write_header) write_header = nullptr;
  decltype(&::archive_write_data) write_data = nullptr;
  decltype(&::archive_write_finish_entry) write_finish_entry = nullptr;
  decltype(&::archive_write_close) write_close = nullptr;
  decltype(&::archive_write_fail) write_fail = nullptr;
  decltype(&::archive_write_free) write_free = nullptr;
  decltype(&::archive_error_string) error_string = nullptr;
  decltype(&::archive_entry_new) entry_new = nullptr;
  decltype(&::archive_entry_free) entry_free = nullptr;
  decltype(&::archive_entry_copy_pathname) entry_copy_pathname = nullptr;
  decltype(&::archive_entry_copy_symlink) entry_copy_symlink = nullptr;
  decltype(&::archive_entry_set_filetype) entry_set_filetype = nullptr;
  decltype(&::archive_entry_set_perm) entry_set_perm = nullptr;
  decltype(&::archive_entry_set_size) entry_set_size = nullptr;
  decltype(&::archive_entry_set_mtime) entry_set_mtime = nullptr;
};

// From any thread. Error: it is missing, or too old.
[[nodiscard]] const Result<ArchiveLibrary>& archive_library();

}  // namespace hfaudit
