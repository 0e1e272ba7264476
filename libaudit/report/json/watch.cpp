// How far a watched download is, for programs: the keys of any progress event, and the repo.
#include "hfaudit/watch.hpp"
#include "report/json/parts.hpp"

namespace hfaudit {

void render_progress(const WatchProgress& progress, const Sink& out) {
  const bool named = !progress.repo.id.empty();
  const Json line{{"type", "progress"},
                  {"repo", named ? Json(progress.repo.name()) : Json(nullptr)},
                  {"repo_id", or_null(progress.repo.id)},
                  {"repo_type", to_string(progress.repo.type)},
                  {"files", progress.files},
                  {"files_total", or_null(progress.files_total)},
                  {"bytes", progress.bytes},
                  {"bytes_total", or_null(progress.bytes_total)},
                  {"seconds", progress.seconds}};
  out(text_of(line) + '\n');
}

}  // namespace hfaudit
