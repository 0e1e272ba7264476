// How to download: the options that every command has which does.
#pragma once

#include "common.hpp"
#include "hfaudit/pull.hpp"
#include "hfaudit/render.hpp"

namespace hfaudit::cli {

struct PaceOptions {
  DownloadOptions how;
  unsigned timeout = 0;  // 0: not given
};
void add_pace_options(CLI::App& command, PaceOptions& options);
[[nodiscard]] DownloadOptions download_options_of(const PaceOptions& options);

[[nodiscard]] ProgressEvent event_of(const PullProgress& progress);

}  // namespace hfaudit::cli
