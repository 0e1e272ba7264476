// Two questions to the Hub: which commit a revision is, and which files a commit has.
#pragma once

#include "hub/hub_connection.hpp"
#include "listings/listings.hpp"

namespace hfaudit {

[[nodiscard]] HubResult<std::string> fetch_commit(HubConnection& connection, const RepoId& repo,
                                                  std::string_view revision);

// All pages. Of a page's link to the next one only the query (the cursor) is taken: it is asked for
// where this page came from, so that a listing is unable to send us, or the token, elsewhere.
// Mirrors that pass on the Hub's own links work too.
[[nodiscard]] HubResult<Tree> fetch_tree(HubConnection& connection, const RepoId& repo,
                                         std::string_view commit);

}  // namespace hfaudit
