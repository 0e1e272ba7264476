// Exporter::write(): the archive.
#include <cerrno>
#include <chrono>
#include <system_error>

#include "archive/tar_writer.hpp"
#include "base/sum.hpp"
#include "export/content_reader.hpp"
#include "export/state.hpp"
#include "hfaudit/render.hpp"

namespace hfaudit {
namespace {

class ArchiveRun {
 public:
  ArchiveRun(TarWriter& tar, ContentReader& reader, const std::stop_token& stop)
      : tar_(tar), reader_(reader), stop_(stop) {}

  Result<void> add(const ExportMember& member,
                   const std::function<void(std::uint64_t more)>& count) {
    if (stop_.stop_requested()) return failure("export", "the repos", "interrupted", ECANCELED);
    if (member.kind == MemberKind::link) return tar_.add_link(member.path, member.text);
    if (member.kind == MemberKind::content) return add_content(member, count);
    auto written = tar_.begin_file(member.path, member.text.size());
    if (written) written = tar_.add_bytes(member.text);
    if (written) written = tar_.end_file();
    return written;
  }

 private:
  // The header is written with the first piece, so an unreadable file, or a small one with a wrong
  // hash, is left out of the archive.
  Result<void> add_content(const ExportMember& member,
                           const std::function<void(std::uint64_t more)>& count) {
    auto piece = reader_.next();
    if (!piece) return tl::unexpected<Error>(piece.error());
    if (auto begun = tar_.begin_file(member.path, member.content.size); !begun) return begun;
    while (*piece) {
      if (auto written = tar_.add_bytes(**piece); !written) return written;
      count((*piece)->size());
      piece = reader_.next();
      if (!piece) return tl::unexpected<Error>(piece.error());
    }
    return tar_.end_file();
  }

  TarWriter& tar_;
  ContentReader& reader_;
  std::stop_token stop_;
};

}  // namespace

Result<void> Exporter::write(const ArchiveSink& sink,
                             const std::function<void(const ExportProgress&)>& progress,
                             const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  auto tar = TarWriter::begin(sink);
  if (!tar) return tl::unexpected<Error>(tar.error());
  std::vector<const ExportMember*> contents;
  for (const auto& repo : state_->repos) {
    for (const auto& member : repo.members) {
      if (member.kind == MemberKind::content) contents.push_back(&member);
    }
  }
  const auto open = [&](const ExportMember& member) { return state_->open(member); };
  const auto begin = Clock::now();
  ExportProgress done{0, state_->totals.bytes, 0};
  const auto count = [&](std::uint64_t more) {
    add_size(done.bytes, more);
    done.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    if (progress) progress(done);
  };
  Result<void> good;
  try {
    ContentReader reader(std::move(contents), open, stop);
    ArchiveRun run(*tar, reader, stop);
    for (const auto& repo : state_->repos) {
      for (const auto& member : repo.members) {
        if (good) good = run.add(member, count);
      }
    }
  } catch (const std::system_error& error) {  // a limit on threads
    good = failure("export", "the repos", error.what());
  }
  if (good) return tar->finish();
  tar->abandon(printable(good.error().subject) + ": " + good.error().cause);
  return good;
}

}  // namespace hfaudit
