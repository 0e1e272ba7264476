// Which members the archive of a repo has, and in which order. Pure.
//
// The order is: cached listings, links, contents, markers of absent files, refs. An archive that
// breaks off leaves a folder that scan calls incomplete: the listing and the links name the missing
// files, and the commit lacks its ref, so that an offline client refuses it. With the contents
// first, unused blobs would be left, which count as sound.
//
// A revision is exported as it was published: an entry that a whole listing omits came from another
// program, and on the other machine it would pass for a file of the Hub.
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
  std::string text;  // of a text: its bytes; of a link: its target
  Content content;   // `content.place` is below the hub
};

struct ExportSelection {
  std::set<std::string> commits;  // snapshots to export
  bool whole_repo = false;        // without a requested revision: also files outside of snapshots
  PathFilter filter;
};

struct RepoExport {
  std::vector<ExportMember> members;
  std::uint64_t files = 0;         // entries of snapshots
  std::uint64_t unverifiable = 0;  // contents whose hash is unknown
  std::string obstacle;            // the first entry without content, in a sentence; else empty
  std::vector<std::string> notes;  // the omitted parts, a sentence each
};

[[nodiscard]] RepoExport plan_export(const RepoInventory& repo, const Evidence& evidence,
                                     const ExportSelection& selection);

}  // namespace hfaudit
