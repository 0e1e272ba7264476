// Which members the archive of a repo has, and in which order. Pure.
//
// In that order: cached listings, links, contents, markers of absent files, refs. An archive that
// breaks off leaves a folder that scan calls incomplete: the listing and the links name the missing
// files, and no ref names the commit, so that a client without network does not load it. With the
// contents first, blobs that nothing uses would be left, which is no damage.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/fnmatch.hpp"
#include "cache/content.hpp"
#include "cache/evidence.hpp"
#include "cache/inventory.hpp"

namespace hfaudit {

enum class MemberKind : std::uint8_t {
  text,    // a file whose bytes are known: a ref, an empty marker
  link,    // a link to a blob
  content  // a file to read and to hash
};

struct ExportMember {
  std::string path;  // below the hub: "models--acme--six/refs/main"
  MemberKind kind = MemberKind::content;
  std::string text;         // of a text: its bytes; of a link: where it leads
  Content content;          // `content.place` is below the repo folder, or below the hub:
  bool in_store = false;    // the payload lies in the shared blob store
  bool unverified = false;  // the expected hash is unknown
};

struct ExportSelection {
  std::set<std::string> commits;  // snapshots to export
  bool whole_repo = false;        // without a requested revision: also files outside of snapshots
  PathFilter filter;
};

struct RepoExport {
  RepoId repo;
  std::string folder;
  std::vector<ExportMember> members;
  std::uint64_t files = 0;         // entries of snapshots
  std::uint64_t dangling = 0;      // links to a blob that is not there
  std::vector<std::string> notes;  // the omitted parts, a sentence each
};

[[nodiscard]] RepoExport plan_export(const RepoInventory& repo, const Evidence& evidence,
                                     const ExportSelection& selection);

}  // namespace hfaudit
