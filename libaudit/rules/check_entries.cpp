#include <set>

#include "rules/rules.hpp"

namespace hfaudit {
namespace {

std::string blob_name(const std::string& target) {
  return target.substr(target.rfind('/') + 1);
}

// What the link says now, and where its content is here: then it only has to lead there.
void note_remedy(Case& c, const RevisionState& state, const Entry& entry, Finding& finding) {
  finding.details.emplace_back("file", entry.path);
  finding.details.emplace_back("target", entry.target);
  const auto blob = c.blob_here(state, entry.path, entry.target);
  if (!blob.empty()) finding.fix = "relink";
  if (!blob.empty()) finding.details.emplace_back("blob", blob);
}

void check_link(Case& c, RevisionState& state, const Entry& entry) {
  const auto path = c.place(state, entry.path);
  if (!entry.escapes && !entry.to_partial && !c.absence_counts())
    return;                                                             // its blob may be where we could not look
  if (!entry.escapes && !entry.to_partial && c.context.moving) return;  // being deleted or made right now
  if (entry.escapes) {
    note_remedy(c, state, entry,
                c.raise(FindingId::escaping_entry, path,
                        printable(entry.path) + " leads outside this repo, to " + printable(entry.target), &state));
  } else if (entry.to_partial) {
    note_remedy(c, state, entry,
                c.raise(FindingId::entry_to_partial, path,
                        printable(entry.path) + " points at an unfinished download", &state));
  } else {
    auto& finding = c.raise(FindingId::dangling_entry, path,
                            printable(entry.path) + " points at content that is not here", &state);
    note_remedy(c, state, entry, finding);
    if (finding.fix != "relink") finding.details.emplace_back("blob", blob_name(entry.target));
  }
  state.incomplete = true;
  state.whole_wanted = true;
  state.missing.push_back(entry.path);
}

// A FIFO, a socket or a device where a file should be.
void raise_no_file(Case& c, RevisionState& state, const Entry& entry) {
  const auto path = c.place(state, entry.path);
  c.raise(FindingId::unrecognized_entry, path, printable(entry.path) + " is neither a file nor a link", &state);
  c.raise(FindingId::missing_file, path, "something that is no file is in the place of " + printable(entry.path),
          &state);
  state.incomplete = true;
  state.missing.push_back(entry.path);
}

}  // namespace

void check_entries(Case& c) {
  std::set<int> told;  // blobs whose fault was raised: the entries through them add nothing
  for (auto& state : c.states) {
    for (const auto& entry : state.revision->entries) {
      if (!c.context.filter.accepts(entry.path)) continue;
      if (entry.kind == EntryKind::other) {
        raise_no_file(c, state, entry);
        continue;
      }
      if (entry.kind != EntryKind::link) continue;
      const auto* blob = entry.blob < 0 ? nullptr : &c.repo.blobs[static_cast<std::size_t>(entry.blob)];
      const bool bad_blob = blob != nullptr && blob->is_link() && (blob->escapes || blob->content() == nullptr);
      if (bad_blob) {
        state.incomplete = true;
        state.missing.push_back(entry.path);
        if (!told.insert(entry.blob).second) continue;
        const auto id = blob->escapes ? FindingId::escaping_entry : FindingId::shared_blob_broken;
        auto& finding = c.raise(id, "blobs/" + blob->name,
                                blob->escapes ? "the blob of " + printable(entry.path) +
                                                    " leads outside the cache, to " + printable(blob->link)
                                              : "the shared content of " + printable(entry.path) + " is not here",
                                &state);
        finding.seen = seen_of(blob->meta);
        finding.details.emplace_back("file", entry.path);
      } else if (entry.escapes || entry.to_partial || !entry.exists) {
        check_link(c, state, entry);
      }
    }
  }
}

}  // namespace hfaudit
