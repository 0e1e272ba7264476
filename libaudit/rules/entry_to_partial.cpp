// # entry-to-partial
//
// An entry of a snapshot links to a partial file in place of a blob. It stands for that partial,
// which is not raised as well.
//
// Why it matters: clients take the partial for the finished file. Loading fails, or reads a part of
// the content.
//
// Not raised: for a partial file without an entry (incomplete-download).
//
// Causes: a script that rebuilds snapshots from the files in `blobs/`. No known client makes such a
// link.
#include "rules/rules.hpp"

namespace hfaudit {

void raise_entry_to_partial(RepoCheck& c, RevisionState& state, const Entry& entry) {
  add_relink(c, state, entry,
             c.raise(FindingId::entry_to_partial, c.place(state, entry.path),
                     printable(entry.path) + " is a link to an unfinished download", &state));
}

}  // namespace hfaudit
