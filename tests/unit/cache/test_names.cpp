// The names that clients give to blobs, partials and locks; where links lead; what soft locks say.
#include "cache/blob_name.hpp"
#include "cache/link_target.hpp"
#include "cache/soft_lock.hpp"
#include "catch_any.hpp"

using namespace hfaudit;

namespace {

const std::string sha(64, 'a');

struct NameCase {
  std::string name;
  BlobNameKind kind;
  std::string etag;
};

}  // namespace

TEST_CASE("a name in blobs/ tells its client, its state and its blob") {
  const std::vector<NameCase> cases = {
      {sha, BlobNameKind::blob, sha},
      {sha + ".incomplete", BlobNameKind::partial, sha},
      {sha + ".0123abcd.incomplete", BlobNameKind::partial, sha},
      {sha + ".hfaudit.incomplete", BlobNameKind::partial, sha},
      {sha + ".0123abcd.hfaudit.incomplete", BlobNameKind::partial, sha},
      {sha + ".hfaudit.wrong", BlobNameKind::evidence, sha},
      {sha + ".hfaudit.wrong.0123abcd.tmp", BlobNameKind::temporary, ""},
      // no client writes capitals
      {sha + ".0123ABCD.incomplete", BlobNameKind::partial, sha + ".0123ABCD"},
      {sha + ".part", BlobNameKind::partial, sha},
      {sha + ".sync.part", BlobNameKind::partial, sha},
      {sha + ".chunked.part", BlobNameKind::partial, sha},
      {sha + ".chunked.part.state", BlobNameKind::state, sha},
      {sha + ".hfaudit.pieces", BlobNameKind::state, sha},
      {sha + ".0f3a9c1d.hfaudit.pieces", BlobNameKind::state, sha},
      {sha + ".chunked.part.state.tmp", BlobNameKind::temporary, ""},
      {sha + ".downloadInProgress", BlobNameKind::partial, sha},
      {sha + ".tmp", BlobNameKind::partial, sha},
      {sha + ".0123abcd.tmp", BlobNameKind::partial, sha},
      {sha + ".0123abcd.partial", BlobNameKind::partial, sha},
      {sha + ".filepart", BlobNameKind::partial, sha},
      {"." + sha + ".q3ZtBc", BlobNameKind::partial, sha},
      {"x.tmp", BlobNameKind::blob, "x.tmp"},
      {sha + ".lock", BlobNameKind::lock, sha},
      {sha + ".lock.break.12." + std::string(32, '0'), BlobNameKind::temporary, ""},
      {"." + sha + ".0123abcd.shared", BlobNameKind::temporary, ""},
      {"." + sha + ".0123abcd.old", BlobNameKind::temporary, ""},
      {"tmp_01234567-89ab-cdef-0123-456789abcdef", BlobNameKind::temporary, ""},
      {"tmpab12_xyz", BlobNameKind::temporary, ""},
      {".incomplete", BlobNameKind::blob, ".incomplete"},
  };
  for (const auto& expected : cases) {
    INFO(expected.name);
    const auto found = classify_blob_name(expected.name);
    CHECK(found.kind == expected.kind);
    CHECK(found.etag == expected.etag);
  }
}

TEST_CASE("etags are 40 or 64 hex, S3's, or weak variants of old clients") {
  for (const auto& name :
       {sha, std::string(40, '0'), std::string(32, 'f'), std::string(32, 'f') + "-10",
        "W/\"" + std::string(40, '0') + "\"", "\"" + std::string(40, '0') + "\""}) {
    INFO(name);
    CHECK(looks_like_etag(name));
  }
  for (const auto& name :
       {std::string("config.json"), std::string(63, 'a'), std::string(40, 'A'), std::string(),
        std::string(32, 'f') + "-", std::string(30, 'f') + "-10"}) {
    INFO(name);
    CHECK_FALSE(looks_like_etag(name));
  }
}

TEST_CASE("a link leads where its text says, and the climb above the root is counted") {
  const auto blob = resolve_link("snapshots/c/unet/x.bin", "../../../blobs/abc");
  CHECK(blob.path == "blobs/abc");
  CHECK(blob.above == 0);
  const auto store = resolve_link("blobs/etag", "../../blobs/ab/abc");
  CHECK(store.path == "blobs/ab/abc");
  CHECK(store.above == 1);
  CHECK(resolve_link("snapshots/c/x", "../../../../../etc/passwd").above == 3);
  CHECK(resolve_link("snapshots/c/x", "/etc/passwd").absolute);
  CHECK(resolve_link("snapshots/c/x", "./../../blobs//./abc").path == "blobs/abc");
  CHECK(resolve_link("snapshots/c/x", "../../blobs/../../x").above == 1);
}

TEST_CASE("a soft lock names its holder, or is no record that filelock believes") {
  const auto two = parse_soft_lock("12\nhost\n");
  REQUIRE(two);
  CHECK(two->pid == 12);
  CHECK(two->host == "host");
  CHECK(two->start_token.empty());
  const auto three = parse_soft_lock("12\nhost\n987\n");
  REQUIRE(three);
  CHECK(three->start_token == "987");
  for (const auto* text : {"", "12\n", "12\nhost", "x\nhost\n", "0\nhost\n", "99999999999\nhost\n",
                           "1\nhost\n2\n3\n", "1\nhost\nx\n", " 1\nhost\n", "-1\nhost\n"}) {
    INFO(text);
    CHECK_FALSE(parse_soft_lock(text));
  }
  CHECK(is_strict_sentinel(std::string_view("1\nfilelock-strict-v1\0\n0\n", 25)));
}
