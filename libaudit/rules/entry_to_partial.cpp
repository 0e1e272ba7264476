// # entry-to-partial
//
// An entry of a snapshot links to a partial file in place of a blob. The finding covers that
// partial, too.
//
// Why it matters: clients take the partial for the finished file. Loading fails, or reads a part of
// the content.
//
// Not raised: for a partial file without an entry (incomplete-download).
//
// Causes: a script that rebuilds snapshots from the files in `blobs/`. Known clients link to blobs
// only.
#include "rules/rules.hpp"

namespace hfaudit {

void raise_entry_to_partial(RepoCheck& c, RevisionState& state, const Entry& entry) {
  add_relink(c, state, entry,
             c.raise(FindingId::entry_to_partial, c.place(state, entry.path),
                     printable(entry.path) + " is a link to an unfinished download", &state));
}

}  // namespace hfaudit
