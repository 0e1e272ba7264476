// How far a watched download is, for programs: the keys of any progress event, and whose it is.
#include "hfaudit/watch.hpp"
#include "report/json/parts.hpp"

namespace hfaudit {

void render_progress(const WatchProgress& progress, const Sink& out) {
  const auto or_null = [](const std::optional<std::uint64_t>& number) {
    return number ? report::Json(*number) : report::Json(nullptr);
  };
  const report::Json line{{"type", "progress"},
                          {"repo_id", report::or_null(progress.repo.id)},
                          {"repo_type", to_string(progress.repo.type)},
                          {"files", progress.files},
                          {"files_total", or_null(progress.files_total)},
                          {"bytes", progress.bytes},
                          {"bytes_total", or_null(progress.bytes_total)},
                          {"seconds", progress.seconds}};
  out(line.dump(-1, ' ', true, report::Json::error_handler_t::replace) + '\n');
}

}  // namespace hfaudit
