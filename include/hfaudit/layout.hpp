// Where a Hugging Face cache is, from the environment and the command line.
//
// Follows huggingface_hub's constants.py: HF_HOME | $XDG_CACHE_HOME/huggingface |
// ~/.cache/huggingface, then HF_HUB_CACHE | HUGGINGFACE_HUB_CACHE | HF_HOME/hub, and so on. A
// variable that is set but empty counts as set, as os.getenv has it; `~`, `~user` and $VAR are
// expanded. hf_xet reads the environment itself, and expands only `~`.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/result.hpp"

namespace hfaudit {

// The variables of the environment. `get` returns nullopt for an unset variable.
struct Environment {
  std::function<std::optional<std::string>(std::string_view name)> get;
  // of the user database; "": own
  std::function<std::optional<std::string>(std::string_view user)> home_of;
  // if empty, relative paths stay relative
  std::string working_directory;
  // of all variables; may be unset
  std::function<std::vector<std::string>()> names{};
};

// The machine's name; empty where it is unset.
[[nodiscard]] std::string host_name();

// The process's own environment.
[[nodiscard]] Environment system_environment();

struct Location {
  // absolute, without `.` and doubled slashes; symlinks are kept, so `..` stays
  std::string path;
  std::string because;  // the variable or option that decided, or "default"
};

struct Layout {
  Location hf_home, hub_cache, xet_cache, assets_cache, token, stored_tokens, datasets_cache,
      modules_cache;
  Location state{};  // hfaudit's own files, below XDG_STATE_HOME; empty without a home
};

struct LayoutOverrides {
  // --hf-home: the whole home; the variables for its parts are then ignored
  std::optional<std::string> hf_home;
  std::optional<std::string> hub_cache;  // --cache-dir
};

// Pure: `environment` is the only source, and nothing is opened.
[[nodiscard]] Layout find_layout(const Environment& environment, const LayoutOverrides& overrides);

}  // namespace hfaudit
