// # conflicting-digests
//
// Two sources give different hashes of one file: the Hub, the cached listing, the record of a
// `--local-dir` download, the name of the blob. hfaudit-verify(1) raises it. Hashes of two kinds,
// SHA-256 and git's SHA-1, conflict only if the content fulfils exactly one of them. With
// `--locked`, hfaudit-scan(1) raises it too if the name of a blob differs from the locked hash: the
// revision is `unknown` until a verify has read the content.
//
// Why it matters: one of the sources is wrong about this file. The strongest one decides whether
// the content is right.
//
// Not raised: for more than one pair of sources of a file.
//
// Causes: a client that followed a mirror's or a CDN's own etag and named the blob by it, content
// that changed on the Hub while it was downloaded, a listing that was copied from another cache.
#include "rules/rules.hpp"

namespace hfaudit {

void raise_conflicting_digests(RepoCheck& c, const Subject& subject, const Claim& strong,
                               const Claim& weak) {
  auto& finding = c.raise(FindingId::conflicting_digests, subject.path,
                          name_of_source(weak.source) + " and " + name_of_source(strong.source) +
                              " have different checksums for " + printable(subject.name),
                          subject.state);
  for (const auto& claim : {strong, weak})
    finding.details.emplace_back(std::string(to_string(claim.source)), claim.hex);
}

}  // namespace hfaudit
