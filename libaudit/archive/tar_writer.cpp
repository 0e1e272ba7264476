#include "archive/tar_writer.hpp"

#include <locale.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "archive/archive_library.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t block = 512;
// 1 January 1980, the earliest time that every archive format and file system can hold. GNU tar
// warns of times before 1970, and a time of 0 counts as unset in some tools.
constexpr std::int64_t member_time = 315'532'800;

// pax headers are UTF-8. libarchive converts names from the charset of the thread's locale, and the
// program runs in "C", where a name such as "modèle" can only be marked as binary, of which GNU tar
// warns. C.UTF-8 comes with glibc since 2.35, before that as a file of the distribution; where it
// is missing, such names are marked.
class Utf8Locale {
 public:
  Utf8Locale() : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", static_cast<locale_t>(nullptr))) {}
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;
  ~Utf8Locale() {
    if (locale_ != nullptr) ::freelocale(locale_);
  }
  [[nodiscard]] locale_t get() const { return locale_; }

 private:
  locale_t locale_;
};

// The locale of this thread, until the scope ends.
class LocaleScope {
 public:
  explicit LocaleScope(locale_t locale) : before_(::uselocale(locale)) {}  // null keeps the locale
  LocaleScope(const LocaleScope&) = delete;
  LocaleScope& operator=(const LocaleScope&) = delete;
  ~LocaleScope() { ::uselocale(before_); }

 private:
  locale_t before_;
};

void put_field(std::string& header, std::size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(at));
}

// Two zero blocks end a tar, but extractors accept one that simply stops between two members, some
// also one that continues with an invalid header. All of them reject an extended header that is
// cut: its size is two blocks, and one follows, which is a whole record for extractors that
// continue.
std::string broken_end(std::string_view why) {
  std::string header(block, '\0');
  put_field(header, 0, "PaxHeader/this-archive-is-not-complete");
  put_field(header, 100, "000644 ");
  put_field(header, 108, "000000 ");
  put_field(header, 116, "000000 ");
  put_field(header, 124, "00000002000 ");  // octal: two blocks
  put_field(header, 136, "02263523000 ");  // member_time
  put_field(header, 148, "        ");      // of the checksum, while it is summed up
  put_field(header, 156, "x");
  put_field(header, 257, std::string_view("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : header)
    sum += static_cast<unsigned char>(c);
  std::string digits(6, '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, sum /= 8)
    *digit = static_cast<char>('0' + sum % 8);
  put_field(header, 148, digits);
  header[154] = '\0';
  std::string record = std::to_string(block) + " comment=hfaudit: this archive is not complete: ";
  record += why.substr(0, block / 2);
  std::replace(record.begin(), record.end(), '\0', ' ');
  record.resize(block - 1, ' ');
  return header + record + '\n';
}

struct EntryDeleter {
  const ArchiveLibrary* library;
  void operator()(archive_entry* entry) const { library->entry_free(entry); }
};

}  // namespace

struct TarWriter::State {
  const ArchiveLibrary& library;
  TarSink sink;
  Utf8Locale utf8;
  archive* writer = nullptr;
  std::optional<Error> failed;  // of the sink
  bool in_member = false;
  bool over = false;

  State(const ArchiveLibrary& loaded, TarSink into) : library(loaded), sink(std::move(into)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (writer == nullptr) return;
    // without this the library would write the end of the archive
    if (!over) library.write_fail(writer);
    library.write_free(writer);
  }

  // Called by libarchive, a C library: exceptions have to stay inside.
  static la_ssize_t write(archive*, void* self, const void* bytes, std::size_t count) {
    auto& state = *static_cast<State*>(self);
    try {
      if (auto taken = state.sink({static_cast<const char*>(bytes), count}); !taken)
        state.failed = taken.error();
    } catch (const std::exception& error) {
      state.failed = Error{"write", "the archive", error.what(), 0};
    }
    return state.failed ? -1 : static_cast<la_ssize_t>(count);
  }

  [[nodiscard]] Result<void> check(int status) const {
    if (failed) return tl::unexpected<Error>(*failed);
    if (status == ARCHIVE_OK || status == ARCHIVE_WARN) return {};
    const char* cause = library.error_string(writer);
    return failure("write", "the archive", cause == nullptr ? "libarchive failed" : cause);
  }
};

TarWriter::TarWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
TarWriter::TarWriter(TarWriter&& other) noexcept = default;
TarWriter::~TarWriter() {
  if (state_ && !state_->over) abandon("the export failed");
}

Result<TarWriter> TarWriter::begin(TarSink sink) {
  const auto& library = archive_library();
  if (!library) return tl::unexpected<Error>(library.error());
  auto state = std::make_unique<State>(*library, std::move(sink));
  state->writer = library->write_new();
  if (state->writer == nullptr) return failure("begin", "the archive", "not enough memory");
  library->write_set_format_pax_restricted(state->writer);
  library->write_set_bytes_per_block(state->writer, 0);  // the sink collects small pieces
  const int opened =
      library->write_open(state->writer, state.get(), nullptr, &State::write, nullptr);
  if (auto good = state->check(opened); !good) return tl::unexpected<Error>(good.error());
  return TarWriter(std::move(state));
}

Result<void> TarWriter::write_header(const std::string& path, const std::string* target,
                                     std::uint64_t size) {
  const auto& library = state_->library;
  const std::unique_ptr<archive_entry, EntryDeleter> entry(library.entry_new(), {&library});
  if (!entry) return failure("write", path, "not enough memory");
  library.entry_copy_pathname(entry.get(), path.c_str());
  library.entry_set_mtime(entry.get(), member_time, 0);
  if (target == nullptr) {
    library.entry_set_filetype(entry.get(), AE_IFREG);
    library.entry_set_perm(entry.get(), 0644);
    library.entry_set_size(entry.get(), static_cast<la_int64_t>(size));
  } else {
    library.entry_set_filetype(entry.get(), AE_IFLNK);
    library.entry_set_perm(entry.get(), 0777);
    library.entry_copy_symlink(entry.get(), target->c_str());
  }
  const LocaleScope utf8(state_->utf8.get());
  return state_->check(library.write_header(state_->writer, entry.get()));
}

Result<void> TarWriter::add_link(const std::string& path, const std::string& target) {
  if (auto written = write_header(path, &target, 0); !written) return written;
  return state_->check(state_->library.write_finish_entry(state_->writer));
}

Result<void> TarWriter::begin_file(const std::string& path, std::uint64_t size) {
  auto written = write_header(path, nullptr, size);
  state_->in_member = written.has_value() && size != 0;
  return written;
}

Result<void> TarWriter::add_bytes(std::span<const char> bytes) {
  while (!bytes.empty()) {
    const auto taken = state_->library.write_data(state_->writer, bytes.data(), bytes.size());
    if (auto good = state_->check(taken < 0 ? static_cast<int>(taken) : ARCHIVE_OK); !good)
      return good;
    if (taken == 0)
      return failure("write", "the archive", "a member is longer than the size in its header");
    bytes = bytes.subspan(static_cast<std::size_t>(taken));
  }
  return {};
}

Result<void> TarWriter::end_file() {
  auto ended = state_->check(state_->library.write_finish_entry(state_->writer));
  if (ended) state_->in_member = false;
  return ended;
}

Result<void> TarWriter::finish() {
  auto closed = state_->check(state_->library.write_close(state_->writer));
  if (closed) state_->over = true;
  return closed;
}

void TarWriter::abandon(std::string_view why) {
  if (state_->over) return;
  state_->over = true;
  state_->library.write_fail(state_->writer);
  if (state_->in_member || state_->failed) return;
  (void)state_->sink(broken_end(why));
}

}  // namespace hfaudit
