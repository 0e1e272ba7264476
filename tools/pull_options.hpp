// How to download: the options that every command has which does.
#pragma once

#include "common.hpp"
#include "hfaudit/pull.hpp"
#include "hfaudit/render.hpp"

namespace hfaudit::cli {

struct PaceOptions {
  PullRequest how;
  unsigned timeout = 0;  // 0: not given
};
void add_pace_options(CLI::App& command, PaceOptions& options);
// Without what to pull.
[[nodiscard]] PullRequest pull_request_of(const PaceOptions& options);

[[nodiscard]] ProgressEvent event_of(const PullProgress& progress);

}  // namespace hfaudit::cli
