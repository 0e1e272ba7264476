#include "archive/archive_library.hpp"

#ifndef HFAUDIT_LINK_ARCHIVE
#include <dlfcn.h>
#endif

#include <string>

namespace hfaudit {
namespace {

#ifdef HFAUDIT_LINK_ARCHIVE

Result<void*> load() {
  return nullptr;
}
template <class Function>
void find(void*, const char*, Function linked, Function& function) {
  function = linked;
}

#else

constexpr const char* library_name = "libarchive.so.13";  // since libarchive 3.0

Result<void*> load() {
  if (void* library = ::dlopen(library_name, RTLD_NOW | RTLD_LOCAL)) return library;
  return failure("load", library_name,
                 "it is not installed (Debian: apt-get install libarchive13; Debian 13, Ubuntu: "
                 "libarchive13t64)");
}
template <class Function>
void find(void* library, const char* name, Function, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
}

#endif

Result<ArchiveLibrary> load_all() {
  const auto loaded = load();
  if (!loaded) return tl::unexpected<Error>(loaded.error());
  ArchiveLibrary library;
  const char* missing = nullptr;
  const auto get = [&](const char* name, auto linked, auto& function) {
    find(*loaded, name, linked, function);
    if (function == nullptr) missing = name;
  };
#ifdef HFAUDIT_LINK_ARCHIVE
#define HFAUDIT_ARCHIVE(name) get("archive_" #name, &::archive_##name, library.name)
#else
// leaves no reference for the linker
#define HFAUDIT_ARCHIVE(name) get("archive_" #name, decltype(library.name){}, library.name)
#endif
  HFAUDIT_ARCHIVE(write_new);
  HFAUDIT_ARCHIVE(write_set_format_pax_restricted);
  HFAUDIT_ARCHIVE(write_set_bytes_per_block);
  HFAUDIT_ARCHIVE(write_open);
  HFAUDIT_ARCHIVE(write_header);
  HFAUDIT_ARCHIVE(write_data);
  HFAUDIT_ARCHIVE(write_finish_entry);
  HFAUDIT_ARCHIVE(write_close);
  HFAUDIT_ARCHIVE(write_fail);
  HFAUDIT_ARCHIVE(write_free);
  HFAUDIT_ARCHIVE(error_string);
  HFAUDIT_ARCHIVE(entry_new);
  HFAUDIT_ARCHIVE(entry_free);
  HFAUDIT_ARCHIVE(entry_copy_pathname);
  HFAUDIT_ARCHIVE(entry_copy_symlink);
  HFAUDIT_ARCHIVE(entry_set_filetype);
  HFAUDIT_ARCHIVE(entry_set_perm);
  HFAUDIT_ARCHIVE(entry_set_size);
  HFAUDIT_ARCHIVE(entry_set_mtime);
#undef HFAUDIT_ARCHIVE
  if (missing != nullptr)
    return failure("load", "libarchive", std::string("it is too old: it has no ") + missing);
  return library;
}

}  // namespace

const Result<ArchiveLibrary>& archive_library() {
  static const Result<ArchiveLibrary> library = load_all();
  return library;
}

}  // namespace hfaudit
