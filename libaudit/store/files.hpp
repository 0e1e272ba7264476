// Operations of both stores on files and folders other than partial files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hfaudit/result.hpp"
#include "os/fs.hpp"
#include "os/write_fs.hpp"

namespace hfaudit {

// Adds the folder to an error: os/ knows only the last component.
template <class T>
[[nodiscard]] Result<T> prefix_error(std::string_view folder, Result<T> result) {
  if (!result) result.error().subject = std::string(folder) + "/" + result.error().subject;
  return result;
}

enum class Folders { existing, made };

// `name` below `parent`, by `folders` made where it is missing.
[[nodiscard]] Result<os::Directory> enter(const os::Directory& parent, const std::string& name,
                                          Folders folders);
// The same, for a folder that people move to a bigger disk and leave a link to. Root follows a link
// only to a folder of the owner of `parent`, or if only root could have made it.
[[nodiscard]] Result<os::Directory> enter_moved(const os::Directory& parent,
                                                const std::string& name, Folders folders);

// The folder of a file by its path below `root`; `name` becomes its last component. Links are
// refused.
[[nodiscard]] Result<os::Directory> enter_folder_of(const os::Directory& root,
                                                    std::string_view path, Folders folders,
                                                    std::string& name);

// Of a link: the link itself. nullopt: the name is free.
[[nodiscard]] Result<std::optional<FileInfo>> stat_if_there(const os::Directory& folder,
                                                            const std::string& name);

// Written under another name, synced, renamed; left unchanged where it has this text already.
[[nodiscard]] Result<void> put_text(const os::Directory& folder, const std::string& name,
                                    std::string_view text);
// Only where the name is free.
[[nodiscard]] Result<void> put_text_once(const os::Directory& folder, const std::string& name,
                                         std::string_view text);

// A wrong file gets a second name `aside`, so that its own can be taken from it in one step; an
// earlier file of that name is dropped. On a file system without hard links it is moved.
[[nodiscard]] Result<void> set_aside(const os::Directory& from, const std::string& name,
                                     const os::Directory& to, const std::string& aside);

// CACHEDIR.TAG (https://bford.info/cachedir/), as huggingface_hub writes it.
void put_cache_tag(const os::Directory& folder);

// Bytes that can be written to the file system of a folder that may not exist yet.
[[nodiscard]] std::optional<std::uint64_t> free_bytes_at(std::string path);

}  // namespace hfaudit
