#include "ledger/ledger.hpp"

#include <algorithm>
#include <utility>

#include "cache/blob_name.hpp"
#include "hfaudit/version.hpp"
#include "ledger/chain_file.hpp"
#include "ledger/ledger_file.hpp"
#include "ledger/proof_record.hpp"
#include "os/file_version.hpp"
#include "os/privilege.hpp"
#include "os/secure_directory.hpp"
#include "os/unix_time.hpp"
#include "os/write_fs.hpp"

namespace hfaudit {
namespace {

std::int64_t in_seconds(std::int64_t ns) {
  return ns / 1'000'000'000;
}

// Root keeps proofs only where the folder is safe from other users.
Result<os::Directory> open_own_folder(const std::string& path, LedgerUse use) {
  auto folder = use == LedgerUse::keep ? os::make_root(path) : os::Directory::open_root(path);
  if (!folder || !os::is_root()) return folder;
  auto secure = os::SecureDirectory::open_root(path, 0);
  if (!secure) return tl::unexpected(secure.error());
  return os::Directory::open_root(path);
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(const LedgerRequest& request, const LedgerRepos& repos,
                                             LedgerOwners owners) {
  std::unique_ptr<Ledger> ledger(new Ledger(request.use, repos, owners));
  if (request.kind == LedgerKind::cache) return ledger;
  auto folder = open_own_folder(request.path, request.use);
  if (!folder) return tl::unexpected(folder.error());
  ledger->folder_ = std::move(*folder);
  return ledger;
}

Result<Ledger::Place> Ledger::place_of(std::size_t repo, std::uint32_t user) const {
  if (folder_) {
    auto folder = folder_->open_directory(".");
    if (!folder) return tl::unexpected(folder.error());
    return Place{std::move(*folder), repos_.name_of(repo)};
  }
  auto folder = repos_.folder_of(repo);
  if (!folder) return tl::unexpected(folder.error());
  return Place{std::move(*folder), std::string(ledger_prefix) + std::to_string(user)};
}

Ledger::Proofs Ledger::load(std::size_t repo) const {
  std::vector<std::uint32_t> users{owners_.user};
  if (!folder_) users.insert(users.end(), {owners_.cache, 0});
  std::sort(users.begin(), users.end());
  users.erase(std::unique(users.begin(), users.end()), users.end());
  Proofs proofs;
  for (const auto user : users) {
    const auto place = place_of(repo, user);
    if (!place) continue;
    const std::uint32_t trusted[] = {user};
    for (auto& proof : without_superseded(read_ledger(place->folder, place->name, trusted)))
      proofs[proof.file.inode].push_back(std::move(proof));
  }
  return proofs;
}

const Ledger::Proofs& Ledger::proofs_of(std::size_t repo) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto known = loaded_.find(repo); known != loaded_.end()) return known->second;
  }
  auto proofs = load(repo);
  const std::scoped_lock lock(mutex_);
  return loaded_.try_emplace(repo, std::move(proofs)).first->second;
}

bool Ledger::may_hold(std::size_t repo, const Content& content) {
  const auto& proofs = proofs_of(repo);
  const auto found = proofs.find(content.key.inode);
  return found != proofs.end() &&
         std::any_of(found->second.begin(), found->second.end(), [&](const ContentProof& proof) {
           return proof.file.size == content.size && proof.file.mtime_ns == content.mtime_ns;
         });
}

std::optional<std::int64_t> Ledger::proven_at(std::size_t repo, const Content& content,
                                              const os::File& file) {
  const auto& proofs = proofs_of(repo);
  const auto found = proofs.find(content.key.inode);
  const auto now = os::version_of(file);
  // on a file system without change times every record is ignored
  if (found == proofs.end() || !now || now->times == ChangeTimes::none) return std::nullopt;
  std::optional<std::int64_t> latest;
  for (const auto& proof : found->second) {
    const bool believed = is_believed(proof, now->version, content.claims, unix_time_s(),
                                      std::chrono::seconds::max());
    if (believed && (!latest || *latest < proof.proven_at_s)) latest = proof.proven_at_s;
  }
  return latest;
}

ReadingStart Ledger::begin(const os::File& file) const {
  ReadingStart start;
  if (use_ == LedgerUse::read) return start;
  // The writers first, then the times: a writer that opens in between changes them later.
  const auto writers = os::writers_of(file);
  const auto now = os::version_of(file);
  if (!now) return start;
  start.file = now->version;
  start.times = now->times;
  if (now->times == ChangeTimes::shown) start.writers = writers;
  start.now_ns = unix_time_ns();
  return start;
}

void Ledger::record(std::size_t repo, const ReadingStart& start, const ContentRead& read) {
  using namespace std::chrono_literals;
  constexpr auto pause = 1s;
  if (use_ == LedgerUse::read) return;
  keep_chain(repo, read);
  if (!may_be_recorded(start) || read.size != start.file.size ||
      read.mtime_ns != start.file.mtime_ns)
    return;
  ContentProof proof{start.file, read.sha256, read.git_sha1, in_seconds(start.now_ns),
                     std::string(version())};
  std::map<std::size_t, std::vector<ContentProof>> pending;
  {
    const std::scoped_lock lock(mutex_);
    pending_[repo].push_back(std::move(proof));
    const auto now = std::chrono::steady_clock::now();
    if (now - flushed_ < pause) return;
    flushed_ = now;
    pending.swap(pending_);
  }
  write(pending);
}

// It proves itself, so it is kept also where the file stays without a proof.
void Ledger::keep_chain(std::size_t repo, const ContentRead& read) const {
  if (read.chain.empty() || read.sha256.empty()) return;
  const BlockChain chain{read.size, read.chain};
  if (folder_) return write_chain(*folder_, chains_in_folder, read.sha256, chain);
  if (const auto folder = repos_.folder_of(repo))
    write_chain(*folder, chains_in_cache, read.sha256, chain);
}

std::optional<BlockChain> Ledger::chain_of(std::size_t repo, const std::string& sha256) const {
  constexpr std::size_t digits = 64;
  if (sha256.size() != digits || !is_hex(sha256)) return std::nullopt;  // it is a file's name here
  auto parent = folder_ ? folder_->open_directory(".") : repos_.folder_of(repo);
  if (!parent) return std::nullopt;
  const auto folder =
      parent->open_directory(std::string(folder_ ? chains_in_folder : chains_in_cache));
  return folder ? read_chain(*folder, sha256) : std::nullopt;
}

void Ledger::flush() {
  std::map<std::size_t, std::vector<ContentProof>> pending;
  {
    const std::scoped_lock lock(mutex_);
    pending.swap(pending_);
  }
  write(pending);
}

// Where it fails, the proofs are lost, and their files are read again one day.
void Ledger::write(const std::map<std::size_t, std::vector<ContentProof>>& pending) const {
  const auto readers = folder_ ? LedgerReaders::owner : LedgerReaders::everybody;
  for (const auto& [repo, proofs] : pending) {
    if (const auto place = place_of(repo, owners_.user))
      (void)append_proofs(place->folder, place->name, proofs, readers);
  }
}

}  // namespace hfaudit
