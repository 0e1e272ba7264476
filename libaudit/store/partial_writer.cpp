#include "store/partial_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "cache/blob_name.hpp"
#include "os/handover.hpp"
#include "os/processes.hpp"
#include "os/unix_time.hpp"
#include "os/users.hpp"

namespace hfaudit {
namespace {

// The kernel knows across containers; /proc is the fallback if the kernel refuses.
bool has_no_other_opener(const os::WritableFile& file, const FileKey& key) {
  if (const auto others = os::others_have_open(file)) return !*others;
  const auto writer = os::Processes(may_be_partial).writer_of(key);
  return !writer;
}

// Longer than an hfaudit that lives ever waits without writing.
bool is_long_idle(const FileInfo& meta) {
  constexpr double longest_wait_s = 15 * 60;
  constexpr double billion = 1e9;
  return precise_unix_time_s() - static_cast<double>(meta.mtime_ns) / billion > longest_wait_s;
}

void remove_notes(const os::Directory& folder, const std::string& name) {
  if (name.ends_with(".chunked.part")) (void)os::remove(folder, name + ".state");
  if (is_own_partial_name(name)) (void)os::remove(folder, pieces_name(name));
}

}  // namespace

PartialWriter::PartialWriter(std::shared_ptr<const os::Directory> folder, std::string name,
                             os::WritableFile file)
    : folder_(std::move(folder)), name_(std::move(name)), file_(std::move(file)) {
  if (const auto meta = file_.stat()) key_ = meta->key;
}

PartialWriter::PartialWriter(PartialWriter&& other) noexcept
    : folder_(std::move(other.folder_)),
      name_(std::exchange(other.name_, {})),
      file_(std::move(other.file_)),
      pieces_(std::move(other.pieces_)),
      key_(other.key_),
      prefix_(other.prefix_) {}

PartialWriter& PartialWriter::operator=(PartialWriter&& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(name_, other.name_);
  std::swap(file_, other.file_);
  std::swap(pieces_, other.pieces_);
  std::swap(key_, other.key_);
  std::swap(prefix_, other.prefix_);
  return *this;
}

PartialWriter::~PartialWriter() {
  if (file_.fd() < 0 || name_.empty()) return;
  const auto meta = file_.stat();
  if (meta && meta->size == 0 && is_named() && !folder_->stat(pieces_name(name_)))
    (void)os::remove(*folder_, name_);
}

bool PartialWriter::is_named() const {
  const auto there = folder_->stat(name_);
  return there && there->key == key_;
}

Result<std::optional<PartialWriter>> PartialWriter::make(const Request& request) {
  auto named = make_named(request);
  if (!named && named.error().code == EBUSY) {
    if (!request.insist) return std::optional<PartialWriter>();
    named = std::optional<PartialWriter>();
  }
  if (!named) return named;
  if (!*named) {
    auto unique = make_unique(request);
    if (!unique) return tl::unexpected<Error>(unique.error());
    *named = std::move(*unique);
  }
  auto& partial_file = **named;
  const auto& best = request.best;
  if (best && best->meta.key != partial_file.key_ && best->prefix > partial_file.prefix_) {
    const bool may_move = request.exclusive || is_own_partial_name(best->name);
    if (!may_move || !partial_file.take_over(*best)) partial_file.copy(*best);
  }
  return named;
}

// nullopt: something that we cannot use has the name. EBUSY: another hfaudit has it.
Result<std::optional<PartialWriter>> PartialWriter::make_named(const Request& request) {
  const auto name = partial_name(request.stem);
  constexpr int attempts = 5;
  for (int i = 0; i < attempts; ++i) {
    auto file = os::WritableFile::create(*request.folder, name);
    const bool created = file.has_value();
    if (!file && file.error().code != EEXIST) return tl::unexpected<Error>(file.error());
    if (!file) file = os::WritableFile::open(*request.folder, name);
    if (!file) return std::optional<PartialWriter>();
    const auto meta = file->stat();
    if (!meta || meta->uid != os::owner_of_new_files(*request.folder))
      return std::optional<PartialWriter>();
    if (!file->try_lock())
      return failure("lock", name, "another hfaudit process is downloading it", EBUSY);
    PartialWriter partial_file(request.folder, name, std::move(*file));
    if (!partial_file.is_named()) {  // it has just become a blob
      partial_file.forget_name();
      continue;
    }
    if (created) return std::optional<PartialWriter>(std::move(partial_file));
    if (!partial_file.is_proven_ours(*meta)) {
      partial_file.forget_name();
      return std::optional<PartialWriter>();
    }
    const auto usable = inspect_leftover(request.folder, name, {}, request.size);
    partial_file.prefix_ = usable ? usable->prefix : 0;
    if (auto cut = partial_file.file_.truncate(partial_file.prefix_); !cut)
      return tl::unexpected<Error>(cut.error());
    return std::optional<PartialWriter>(std::move(partial_file));
  }
  return std::optional<PartialWriter>();
}

// We hold flock on it. That is a proof where a second descriptor is refused (Lustre and GPFS grant
// every request), and where all machines see it: some mounts of network file systems keep it to one
// machine, so there the file must have been unchanged for long.
bool PartialWriter::is_proven_ours(const FileInfo& meta) const {
  if (os::probe_flock(*folder_, name_) != os::Tristate::yes) return false;
  return os::is_local(*folder_) || is_long_idle(meta);
}

Result<PartialWriter> PartialWriter::make_unique(const Request& request) {
  const auto name = unique_partial_name(request.stem);
  auto file = os::WritableFile::create(*request.folder, name);
  if (!file) return tl::unexpected<Error>(file.error());
  (void)file->try_lock();
  return PartialWriter(request.folder, name, std::move(*file));
}

// The leftover becomes this file. False: another process may have it open; it is unchanged.
bool PartialWriter::take_over(const Leftover& leftover) {
  if (!os::is_local(*folder_) || !os::is_local(*leftover.folder)) return false;
  auto file = os::WritableFile::open(*leftover.folder, leftover.name);
  if (!file) return false;
  const auto meta = file->stat();
  const bool same =
      meta && meta->key == leftover.meta.key && meta->uid == os::owner_of_new_files(*folder_);
  if (!same || !file->try_lock() || !has_no_other_opener(*file, meta->key)) return false;
  if (!os::rename(*leftover.folder, leftover.name, *folder_, name_)) return false;
  // A process that opened it in between keeps it open: back with it.
  if (!has_no_other_opener(*file, meta->key)) {
    (void)os::rename_to_free_name(*folder_, name_, *leftover.folder, leftover.name);
    if (auto fresh = os::WritableFile::create(*folder_, name_))
      *this = PartialWriter(folder_, name_, std::move(*fresh));
    (void)file_.try_lock();
    return false;
  }
  if (is_own_partial_name(leftover.name)) {
    (void)os::rename(*leftover.folder, pieces_name(leftover.name), *folder_, pieces_name(name_));
  }
  remove_notes(*leftover.folder, leftover.name);
  const auto name = name_;
  forget_name();  // of the one that was replaced
  PartialWriter adopted(folder_, name, std::move(*file));
  const auto prefix = std::min(leftover.prefix, meta->size);
  adopted.prefix_ = adopted.file_.truncate(prefix) ? prefix : 0;
  *this = std::move(adopted);
  return true;
}

void PartialWriter::copy(const Leftover& leftover) {
  const auto source = leftover.folder->open_file(leftover.name);
  if (!source || (*source)->meta().key != leftover.meta.key) return;
  const auto folder = folder_->stat_self();
  if (!folder) return;
  const auto recipient = os::recipient_of(*folder);
  if (recipient && !recipient->may_receive(**source)) return;
  prefix_ = file_.copy_from(**source, leftover.prefix).value_or(0);
}

// The holder of flock on the partial file holds its pieces, too.
Result<int> PartialWriter::pieces(MissingPieces missing) {
  if (pieces_) return pieces_->fd();
  const auto name = pieces_name(name_);
  auto file = os::WritableFile::open(*folder_, name);
  if (!file && missing == MissingPieces::create && os::is_absent(file.error()))
    file = os::WritableFile::create(*folder_, name);
  if (!file) return tl::unexpected<Error>(file.error());
  const auto meta = file->stat();
  if (!meta || meta->uid != os::owner_of_new_files(*folder_))
    return failure("open", name, "another user's");
  pieces_.emplace(std::move(*file));
  return pieces_->fd();
}

void PartialWriter::drop_pieces() {
  pieces_.reset();
  if (!name_.empty()) (void)os::remove(*folder_, pieces_name(name_));
}

Result<void> PartialWriter::restart() {
  prefix_ = 0;
  drop_pieces();
  return file_.truncate(0);
}

// Written data may be lost although the page cache shows it: it cannot be resumed.
void PartialWriter::discard() {
  prefix_ = 0;
  if (!file_.truncate(0) && is_named()) (void)os::remove(*folder_, name_);
}

Result<void> PartialWriter::seal(std::uint64_t size) {
  const auto meta = file_.stat();
  if (!meta) return tl::unexpected<Error>(meta.error());
  if (meta->size != size) {
    return failure(
        "finish", name_,
        "it has " + std::to_string(meta->size) + " bytes in place of " + std::to_string(size));
  }
  if (!file_.has_one_name())
    return failure("finish", name_, "another process gave it a second name, or removed its own",
                   ENOENT);
  file_.set_usual_mode(*folder_);
  if (auto synced = file_.sync(); !synced) {
    discard();
    return synced;
  }
  if (!is_named()) return failure("finish", name_, "another file has its name now", ENOENT);
  return {};
}

Result<void> PartialWriter::move_to(const os::Directory& folder, const std::string& name) {
  auto moved = os::rename(*folder_, name_, folder, name);
  if (!moved) return moved;
  drop_pieces();
  forget_name();
  os::sync_folder(folder);
  const auto there = folder.stat(name);
  // A rename goes by name: if another file was put there in the last instant, it is foreign.
  if (!there || there->type != FileType::regular)
    return failure("finish", name, "another process removed it", ENOENT);
  return {};
}

void remove_leftovers(LeftoverNames& names, const std::string& stem) {
  const auto& folder = *names.folder();
  const bool local = os::is_local(folder);
  for (const auto& name : names.of(stem)) {
    auto file = os::WritableFile::open(folder, name);
    if (!file || !file->try_lock()) continue;
    const auto meta = file->stat();
    const bool unused = local ? os::others_have_open(*file) == false
                              : is_own_partial_name(name) && meta && is_long_idle(*meta);
    if (!unused) continue;
    if (os::remove(folder, name)) remove_notes(folder, name);
  }
}

}  // namespace hfaudit
