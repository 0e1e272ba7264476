// Paths of a listing that downloads refuse: they belong to git or to a client of the Hub, which
// acts on their content.
//
// A repo's owner, a mirror or a proxy decides which paths a listing holds. `.git/config` or
// `.git/hooks/post-checkout`, written into a --local-dir that is a working tree, makes the next git
// command run its commands. `.cache/huggingface/…` in a --local-dir is where clients note which
// file has which content. Git itself keeps `.git` out of trees, so sound repos lack it.
//
// File systems that ignore case, code points (HFS+), or spaces and dots at the end of a name (NTFS)
// have more spellings of one folder; those that git refuses (is_ntfs_dotgit, is_hfs_dotgit in its
// path.c and utf8.c) count. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace hfaudit {

enum class Reserved : std::uint8_t {
  none,
  git,    // .git, in any spelling
  client  // .cache/huggingface, .huggingface, .hfd and the quarantine of hfaudit
};

struct ReservedPart {
  Reserved kind = Reserved::none;
  std::string_view part;  // of the path: the component, or the two of .cache/huggingface
};

// The first reserved part of a path, whose components '/' or '\' separate.
[[nodiscard]] ReservedPart reserved_part_of(std::string_view path);

// Whether git allows this as a component of a branch's or tag's name (git-check-ref-format(1)):
// `.main.swp`, `main~` and `main.lock` are files of editors and other programs.
[[nodiscard]] bool may_name_ref(std::string_view component);

}  // namespace hfaudit
