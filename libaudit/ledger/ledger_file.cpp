#include "ledger/ledger_file.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "ledger/proof_record.hpp"
#include "os/privilege.hpp"
#include "os/temporary_name.hpp"
#include "os/write_fs.hpp"

namespace hfaudit {
namespace {

constexpr std::uint32_t others_write = 022;
constexpr std::uint64_t most_bytes = std::uint64_t{256} << 20;  // 1.8 million proofs

bool is_believable(const FileInfo& meta, std::span<const std::uint32_t> trusted) {
  return (meta.mode & others_write) == 0 &&
         std::find(trusted.begin(), trusted.end(), meta.uid) != trusted.end();
}

std::string content_of(const std::vector<ContentProof>& proofs) {
  std::string content(ledger_heading);
  for (const auto& proof : proofs)
    content += encode(proof);
  return content;
}

std::uint32_t mode_for(LedgerReaders readers) {
  constexpr std::uint32_t for_owner = 0600, for_everybody = 0644;
  return readers == LedgerReaders::owner ? for_owner : for_everybody;
}

// Everything in one step: the new file is complete before it gets the name.
Result<void> replace(const os::Directory& folder, const std::string& name,
                     const std::vector<ContentProof>& proofs, LedgerReaders readers) {
  const auto temporary = os::temporary_name();
  auto file = os::WritableFile::create_own(folder, temporary, mode_for(readers));
  if (!file) return tl::unexpected(file.error());
  auto written = file->append(content_of(proofs));
  if (written) written = file->sync();
  if (written) written = os::rename(folder, temporary, folder, name);
  if (!written) (void)os::remove(folder, temporary);
  return written;
}

// The file that has the name, held by flock. nullopt: it is another one by now.
Result<std::optional<os::WritableFile>> open_held(const os::Directory& folder,
                                                  const std::string& name, LedgerReaders readers) {
  auto file = os::WritableFile::open(folder, name);
  if (!file && os::is_absent(file.error()))
    file = os::WritableFile::create_own(folder, name, mode_for(readers));
  if (!file && file.error().code == EEXIST) return std::nullopt;
  if (!file) return tl::unexpected(file.error());
  const auto meta = file->stat();
  if (!meta) return tl::unexpected(meta.error());
  const std::uint32_t self[] = {os::effective_user()};
  if (!is_believable(*meta, self))
    return failure("write to", name, "another user owns it or may write it", EPERM);
  if (!file->try_lock()) return std::nullopt;
  const auto named = folder.stat(name);
  if (!named || named->key != meta->key) return std::nullopt;
  return std::optional<os::WritableFile>(std::move(*file));
}

// Removes the torn record of a killed process or a full disk.
Result<void> append_whole(os::WritableFile& file, std::uint64_t size,
                          std::span<const ContentProof> proofs) {
  std::string records;
  if (size < ledger_heading.size()) {
    if (auto emptied = file.truncate(0); !emptied) return emptied;
    size = 0;
    records = ledger_heading;
  } else if (const auto torn = (size - ledger_heading.size()) % proof_record_bytes; torn != 0) {
    size -= torn;
    if (auto cut = file.truncate(size); !cut) return cut;
  }
  for (const auto& proof : proofs)
    records += encode(proof);
  auto written = file.append(records);
  if (!written) (void)file.truncate(size);
  return written;
}

bool starts_as_ledger(const os::Directory& folder, const std::string& name) {
  const auto begin = folder.read_small(name, ledger_heading.size());
  return begin && ledger_heading.starts_with(*begin);
}

}  // namespace

std::vector<ContentProof> read_ledger(const os::Directory& folder, const std::string& name,
                                      std::span<const std::uint32_t> trusted) {
  const auto file = folder.open_file(name);
  if (!file || (*file)->size() > most_bytes) return {};
  if (!is_believable((*file)->meta(), trusted) || !os::has_one_name(**file)) return {};
  std::string bytes((*file)->size(), '\0');
  const auto got = (*file)->read_at(0, bytes);
  if (!got) return {};
  bytes.resize(*got);
  return decode_ledger(bytes);
}

Result<void> append_proofs(const os::Directory& folder, const std::string& name,
                           std::span<const ContentProof> proofs, LedgerReaders readers) {
  using namespace std::chrono_literals;
  const std::uint32_t self[] = {os::effective_user()};
  const auto rewrite = [&] {
    auto all = read_ledger(folder, name, self);
    all.insert(all.end(), proofs.begin(), proofs.end());
    return replace(folder, name, without_superseded(std::move(all)), readers);
  };
  const auto named = folder.stat(name);
  if (named && !is_believable(*named, self))
    return failure("write to", name, "another user owns it or may write it", EPERM);
  // a damaged ledger is replaced instead of appended to
  const bool damaged = named && !starts_as_ledger(folder, name);
  if (damaged || !os::is_local(folder)) return rewrite();

  constexpr int attempts = 50;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    auto file = open_held(folder, name, readers);
    if (!file) return tl::unexpected(file.error());
    if (!*file) {
      std::this_thread::sleep_for(10ms);
      continue;
    }
    const auto meta = (*file)->stat();
    if (!meta) return tl::unexpected(meta.error());
    if (auto written = append_whole(**file, meta->size, proofs); !written) return written;
    // Superseded proofs go when they are the greater part. Still under the lock: a writer that
    // waits finds another file under the name.
    constexpr std::uint64_t small = 1024 * proof_record_bytes;
    if (meta->size < small) return {};
    auto all = read_ledger(folder, name, self);
    const auto before = all.size();
    auto kept = without_superseded(std::move(all));
    return 2 * kept.size() < before ? replace(folder, name, kept, readers) : Result<void>();
  }
  return failure("write to", name, "another process keeps it locked", EAGAIN);
}

}  // namespace hfaudit
