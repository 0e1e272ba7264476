// How much of a download is there: blobs once, partials as far as they are stored, of the revision
// that is meant.
#include "catch_any.hpp"
#include "watch/amount.hpp"

using namespace hfaudit;

namespace {

const std::string old_commit(40, '1'), new_commit(40, '2');
const std::string first_etag(64, 'a'), second_etag(64, 'b');

std::uint64_t next_inode() {
  static std::uint64_t number = 0;
  return ++number;
}

FileInfo file_of(std::uint64_t size) {
  FileInfo meta;
  meta.key = {1, next_inode()};
  meta.type = FileType::regular;
  meta.size = meta.allocated = size;
  return meta;
}

TreeFile listed(const std::string& path, std::uint64_t size, const std::string& sha256) {
  TreeFile file;
  file.path = path;
  file.size = size;
  file.lfs_sha256 = sha256;
  return file;
}

struct Scene {
  RepoInventory repo;
  Evidence evidence;

  Scene() { repo.repo = {RepoType::model, "acme/six"}; }

  Scene& revision(const std::string& commit, std::vector<TreeFile> files, bool with_tree = true) {
    Revision revision;
    revision.commit = commit;
    repo.revisions.push_back(revision);
    RevisionEvidence seen;
    if (with_tree) seen.tree = Tree{std::move(files)};
    evidence.revisions.push_back(std::move(seen));
    return *this;
  }
  Scene& blob(const std::string& name, std::uint64_t size) {
    Blob blob;
    blob.name = name;
    blob.meta = file_of(size);
    repo.blobs.push_back(blob);
    return *this;
  }
  Scene& partial(const std::string& etag, std::uint64_t present, bool open = false) {
    Partial partial;
    partial.path = "blobs/" + etag + ".incomplete";
    partial.etag = etag;
    partial.meta = file_of(1'000'000);
    partial.present = present;
    partial.open = open;
    repo.partials.push_back(partial);
    return *this;
  }
  Scene& ref(const std::string& commit) {
    Ref ref;
    ref.name = "main";
    ref.commit = commit;
    repo.refs.push_back(ref);
    return *this;
  }
  [[nodiscard]] WatchAmount amount(const std::string& asked = {},
                                   const PathFilter& filter = {}) const {
    return amount_of(repo, evidence, filter, asked);
  }
};

}  // namespace

TEST_CASE("watch: blobs and partials against the listing") {
  Scene scene;
  scene.revision(new_commit, {listed("a", 100, first_etag), listed("b", 200, second_etag)})
      .blob(first_etag, 100)
      .partial(second_etag, 50);
  const auto amount = scene.amount();
  CHECK(amount.bytes == 150);
  CHECK(amount.bytes_total == 300U);
  CHECK(amount.files == 1);
  CHECK(amount.files_total == 2U);
  CHECK_FALSE(amount.all_there());
  CHECK(scene.amount({}, {{"a"}, {}}).all_there());
  CHECK(scene.amount({}, {{}, {"a"}}).bytes == 50);
}

TEST_CASE("watch: one blob under two names counts once, and no more than its size") {
  Scene scene;
  scene.revision(new_commit, {listed("a", 100, first_etag), listed("b", 100, first_etag)})
      .blob(first_etag, 150);
  CHECK(scene.amount().bytes == 100);
  CHECK(scene.amount().bytes_total == 100U);
  CHECK(scene.amount().all_there());
}

TEST_CASE("watch: of several partials the one that grows, else the longest") {
  Scene scene;
  scene.revision(new_commit, {listed("a", 500, first_etag)})
      .partial(first_etag, 300)
      .partial(first_etag, 100);
  CHECK(scene.amount().bytes == 300);
  scene.partial(first_etag, 20, true);
  CHECK(scene.amount().bytes == 20);
  CHECK(has_activity(scene.repo));
}

TEST_CASE("watch: the revision that is being downloaded") {
  Scene scene;
  scene.revision(old_commit, {listed("a", 100, first_etag)})
      .revision(new_commit, {listed("a", 200, second_etag)})
      .ref(old_commit);
  scene.blob(first_etag, 100);
  CHECK(scene.amount().bytes_total == 100U);  // what a ref names
  scene.partial(second_etag, 50);
  CHECK(scene.amount().bytes == 50);  // what a partial is of; the other one's blob is not its
  CHECK(scene.amount().bytes_total == 200U);
  CHECK(scene.amount(old_commit).bytes == 100);
  CHECK_FALSE(scene.amount(std::string(40, '9')).bytes_total);  // not here yet
}

TEST_CASE("watch: without a listing all that is on the disk") {
  Scene scene;
  scene.revision(new_commit, {}, false)
      .blob(first_etag, 100)
      .partial(second_etag, 50)
      .partial("", 7);
  CHECK(scene.amount().bytes == 157);
  CHECK_FALSE(scene.amount().bytes_total);
  CHECK_FALSE(scene.amount().all_there());
  CHECK_FALSE(has_activity(scene.repo));
}

TEST_CASE("watch: a lock that is held is somebody at work") {
  Scene scene;
  Lock lock;
  for (const auto state :
       {LockState::free, LockState::stale, LockState::unknown, LockState::held}) {
    lock.state = state;
    scene.repo.locks = {lock};
    CHECK(has_activity(scene.repo) == (state == LockState::held));
  }
}
