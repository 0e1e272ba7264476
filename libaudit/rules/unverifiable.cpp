// # unverifiable
//
// No source gives a hash of the file. hfaudit-verify(1) raises it. With `--online` the Hub gives
// one. `hfaudit repair --verify REPO` compares the file with the Hub's, and replaces it if it
// differs; a repair of the whole cache skips the question, since the repo may exist on this machine
// alone.
//
// Why it matters: the content is neither proven right nor wrong.
//
// Not raised: by hfaudit-scan(1); for a file of the user's own in a `--local-dir` folder that has a
// listing.
//
// Causes: clients that copy files into snapshots without a listing (huggingface_hub before 1.22
// without symbolic links), blobs that are named by an MD5 or by an etag of S3, and other files that
// were copied into a snapshot.
#include "rules/rules.hpp"

namespace hfaudit {

void raise_unverifiable(RepoCheck& c, const Subject& subject) {
  c.raise(FindingId::unverifiable, subject.path,
          "no checksum is known for " + printable(subject.name), subject.state);
}

}  // namespace hfaudit
