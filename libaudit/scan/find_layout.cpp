#include "hfaudit/layout.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "base/path.hpp"

namespace hfaudit {
namespace {

// os.path.join of two: an empty first part leaves the second relative, an absolute second replaces
// the first.
std::string join(std::string_view head, std::string_view tail) {
  if (head.empty() || tail.starts_with('/')) return std::string(tail);
  std::string path{head};
  if (!path.ends_with('/')) path += '/';
  return path.append(tail);
}

std::string parent_of(std::string_view path) {  // os.path.dirname
  return std::string(parent_path(path));
}

// The home behind `~` or `~user`, by HOME or, without it, the user database.
std::optional<std::string> home(const Environment& environment, std::string_view user) {
  if (user.empty()) {
    if (auto set = environment.get("HOME")) return set;
  }
  return environment.home_of(user);
}

// os.path.expanduser: an unknown user leaves the path as it is.
std::string expand_home(const Environment& environment, std::string_view path) {
  if (!path.starts_with('~')) return std::string(path);
  const std::size_t end = std::min(path.find('/'), path.size());
  auto expanded = home(environment, path.substr(1, end - 1));
  if (!expanded) return std::string(path);
  while (expanded->ends_with('/'))
    expanded->pop_back();
  expanded->append(path.substr(end));
  return expanded->empty() ? "/" : *expanded;
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// The length of the `$name` or `${name}` that `text` starts with, else 0.
std::size_t variable_length(std::string_view text) {
  if (text.size() < 2 || text[0] != '$') return 0;
  if (text[1] == '{') {
    const std::size_t close = text.find('}');
    return close == std::string_view::npos ? 0 : close + 1;
  }
  std::size_t length = 1;
  while (length < text.size() && is_word(text[length]))
    ++length;
  return length == 1 ? 0 : length;
}

// os.path.expandvars: an unknown variable stays as it is, and a value is expanded once.
std::string expand_variables(const Environment& environment, std::string_view path) {
  std::string expanded;
  while (!path.empty()) {
    const std::size_t length = variable_length(path);
    const std::string_view token = path.substr(0, length == 0 ? 1 : length);
    path.remove_prefix(token.size());
    const bool braces = length > 1 && token[1] == '{';
    const auto name = braces ? token.substr(2, length - 3) : token.substr(1);
    const auto value = length == 0 ? std::nullopt : environment.get(name);
    expanded += value ? *value : std::string(token);
  }
  return expanded;
}

// Absolute, without `.` and doubled slashes. `..` stays: behind a symlink it differs from the
// textual parent.
std::string absolute(const Environment& environment, std::string_view path) {
  std::string whole =
      path.starts_with('/') ? std::string(path) : join(environment.working_directory, path);
  if (!whole.starts_with('/')) return whole;  // without a working directory it leads nowhere
  std::string normal;
  std::string_view rest = whole;
  while (!rest.empty()) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, slash);
    if (!part.empty() && part != ".") normal.append("/").append(part);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  return normal.empty() ? "/" : normal;
}

constexpr std::string_view default_state = "/.local/state/hfaudit";

// Relative paths in it are to be ignored, as the XDG base directory specification says.
Location find_state(const Environment& environment) {
  const auto set = environment.get("XDG_STATE_HOME");
  if (set && set->starts_with('/')) return {*set + "/hfaudit", "XDG_STATE_HOME"};
  const auto user_home = home(environment, "");
  if (!user_home || !user_home->starts_with('/')) return {};
  return {*user_home + std::string(default_state), "default"};
}

// The paths as the clients hold them, before they are made absolute.
class Finder {
 public:
  explicit Finder(const Environment& environment) : environment_(environment) {}

  [[nodiscard]] Location hf_home() const {
    if (auto set = first_set({"HF_HOME"})) return {expand(set->path), set->because};
    const auto xdg = first_set({"XDG_CACHE_HOME"});
    const std::string cache = xdg ? xdg->path : join(expand_home(environment_, "~"), ".cache");
    return {expand(join(cache, "huggingface")), xdg ? xdg->because : "default"};
  }

  // The first variable that is set, expanded; else the folder `name` of the home.
  [[nodiscard]] Location below(const Location& home, std::initializer_list<const char*> variables,
                               std::string_view name) const {
    if (auto set = first_set(variables)) return {expand(set->path), set->because};
    return {expand(join(home.path, name)), home.because};
  }

  // The same for `datasets` and `transformers`, which leave the variables for their own parts
  // unexpanded.
  [[nodiscard]] Location below_as_it_is(const Location& home, const char* variable,
                                        std::string_view name) const {
    if (auto set = first_set({variable})) return *set;
    return {join(home.path, name), home.because};
  }

  // hf_xet reads the environment itself: it expands `~` alone and leaves $VAR as it is.
  [[nodiscard]] Location xet() const {
    const auto from = [this](const char* variable,
                             std::string_view tail) -> std::optional<Location> {
      auto set = first_set({variable});
      if (!set) return std::nullopt;
      return Location{join(expand_home(environment_, set->path), tail), set->because};
    };
    if (auto place = from("HF_XET_CACHE", "")) return *place;
    if (auto place = from("HF_HOME", "xet")) return *place;
    if (auto place = from("XDG_CACHE_HOME", "huggingface/xet")) return *place;
    return {join(expand_home(environment_, "~"), ".cache/huggingface/xet"), "default"};
  }

  // Staging moves the token alone: the client computes its other paths before it looks at that
  // variable.
  [[nodiscard]] Location staging_token(const Location& production) const {
    auto mode = environment_.get("HUGGINGFACE_CO_STAGING").value_or("");
    for (char& c : mode)
      c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (mode != "1" && mode != "ON" && mode != "YES" && mode != "TRUE") return production;
    return {join(expand_home(environment_, "~"), ".cache/huggingface_staging/token"),
            "HUGGINGFACE_CO_STAGING"};
  }

 private:
  [[nodiscard]] std::optional<Location> first_set(
      std::initializer_list<const char*> variables) const {
    for (const char* variable : variables) {
      if (auto value = environment_.get(variable)) return Location{std::move(*value), variable};
    }
    return std::nullopt;
  }

  [[nodiscard]] std::string expand(std::string_view path) const {
    return expand_variables(environment_, expand_home(environment_, path));
  }

  const Environment& environment_;
};

Layout from_environment(const Environment& environment) {
  const Finder find{environment};
  Layout layout;
  layout.hf_home = find.hf_home();
  layout.hub_cache = find.below(layout.hf_home, {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}, "hub");
  layout.xet_cache = find.xet();
  layout.assets_cache =
      find.below(layout.hf_home, {"HF_ASSETS_CACHE", "HUGGINGFACE_ASSETS_CACHE"}, "assets");
  const Location token = find.below(layout.hf_home, {"HF_TOKEN_PATH"}, "token");
  layout.stored_tokens = {join(parent_of(token.path), "stored_tokens"), token.because};
  layout.token = find.staging_token(token);
  layout.datasets_cache = find.below_as_it_is(layout.hf_home, "HF_DATASETS_CACHE", "datasets");
  layout.modules_cache = find.below_as_it_is(layout.hf_home, "HF_MODULES_CACHE", "modules");
  return layout;
}

Layout below_home(const std::string& home) {
  const auto at = [&home](std::string_view name) {
    return Location{join(home, name), "--hf-home"};
  };
  return {{home, "--hf-home"}, at("hub"),           at("xet"),      at("assets"),
          at("token"),         at("stored_tokens"), at("datasets"), at("modules")};
}

}  // namespace

Layout find_layout(const Environment& environment, const LayoutOverrides& overrides) {
  // `~` is expanded in options too: a shell leaves it alone in --cache-dir=~/hub.
  Layout layout = overrides.hf_home ? below_home(expand_home(environment, *overrides.hf_home))
                                    : from_environment(environment);
  if (overrides.hub_cache)
    layout.hub_cache = {expand_home(environment, *overrides.hub_cache), "--cache-dir"};

  for (Location* place :
       {&layout.hf_home, &layout.hub_cache, &layout.xet_cache, &layout.assets_cache, &layout.token,
        &layout.stored_tokens, &layout.datasets_cache, &layout.modules_cache}) {
    place->path = absolute(environment, place->path);
  }
  layout.state = find_state(environment);
  return layout;
}

}  // namespace hfaudit
