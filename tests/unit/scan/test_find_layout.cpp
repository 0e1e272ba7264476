#include "catch_any.hpp"

#include <map>

#include "hfaudit/layout.hpp"

using namespace hfaudit;

namespace {

using Variables = std::map<std::string, std::string>;

// The user database knows `root` and the caller's own home.
Environment environment_of(Variables variables) {
  return {[variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
            const auto found = variables.find(std::string(name));
            return found == variables.end() ? std::nullopt : std::optional(found->second);
          },
          [](std::string_view user) -> std::optional<std::string> {
            if (user.empty()) return "/home/own";
            return user == "root" ? std::optional<std::string>("/root") : std::nullopt;
          },
          "/cwd"};
}

Layout layout(Variables variables, LayoutOverrides overrides = {}) {
  return find_layout(environment_of(std::move(variables)), overrides);
}

}  // namespace

// What huggingface_hub 2.4 says in the same environments.
TEST_CASE("HF_HOME as the client computes it") {
  struct Row {
    Variables variables;
    const char* home;
    const char* because;
  };
  const Row rows[] = {
      {{}, "/home/own/.cache/huggingface", "default"},
      {{{"HOME", "/home/u"}}, "/home/u/.cache/huggingface", "default"},
      {{{"HOME", "/home/u/"}}, "/home/u/.cache/huggingface", "default"},
      {{{"HOME", ""}}, "/.cache/huggingface", "default"},
      {{{"HOME", "rel"}}, "/cwd/rel/.cache/huggingface", "default"},
      {{{"XDG_CACHE_HOME", "/xdg"}}, "/xdg/huggingface", "XDG_CACHE_HOME"},
      {{{"XDG_CACHE_HOME", ""}}, "/cwd/huggingface", "XDG_CACHE_HOME"},
      {{{"XDG_CACHE_HOME", "~/x"}}, "/home/own/x/huggingface", "XDG_CACHE_HOME"},
      {{{"XDG_CACHE_HOME", "$B"}, {"B", "/b"}}, "/b/huggingface", "XDG_CACHE_HOME"},
      {{{"HF_HOME", "/data/hf"}, {"XDG_CACHE_HOME", "/xdg"}}, "/data/hf", "HF_HOME"},
      {{{"HF_HOME", ""}}, "/cwd", "HF_HOME"},
      {{{"HF_HOME", "rel/x"}}, "/cwd/rel/x", "HF_HOME"},
      {{{"HF_HOME", "~"}, {"HOME", "/home/u"}}, "/home/u", "HF_HOME"},
      {{{"HF_HOME", "~root/hf"}}, "/root/hf", "HF_HOME"},
      {{{"HF_HOME", "~nosuch/hf"}}, "/cwd/~nosuch/hf", "HF_HOME"},
      {{{"HF_HOME", "$B/hf"}, {"B", "/b"}}, "/b/hf", "HF_HOME"},
      {{{"HF_HOME", "${B}x"}, {"B", "/b"}}, "/bx", "HF_HOME"},
      {{{"HF_HOME", "/h/$Bx"}, {"B", "/b"}}, "/h/$Bx", "HF_HOME"},
      {{{"HF_HOME", "/h/$NOPE"}}, "/h/$NOPE", "HF_HOME"},
      {{{"HF_HOME", "/h/${B"}, {"B", "/b"}}, "/h/${B", "HF_HOME"},
      {{{"HF_HOME", "/h/$"}}, "/h/$", "HF_HOME"},
      {{{"HF_HOME", "$B"}, {"B", "$C"}, {"C", "/c"}}, "/cwd/$C", "HF_HOME"},
      {{{"HF_HOME", "/a//b/./c/"}}, "/a/b/c", "HF_HOME"},
      {{{"HF_HOME", "/a/link/../hf"}}, "/a/link/../hf", "HF_HOME"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.variables);
    const Layout found = layout(row.variables);
    CHECK(found.hf_home.path == row.home);
    CHECK(found.hf_home.because == row.because);
  }
}

TEST_CASE("the hub cache by HF_HUB_CACHE, then HUGGINGFACE_HUB_CACHE, then the home") {
  struct Row {
    Variables variables;
    const char* hub;
    const char* because;
  };
  const Row rows[] = {
      {{{"HF_HOME", "/h"}}, "/h/hub", "HF_HOME"},
      {{{"HF_HOME", ""}}, "/cwd/hub", "HF_HOME"},
      {{{"HF_HOME", "/h"}, {"HUGGINGFACE_HUB_CACHE", "/old"}}, "/old", "HUGGINGFACE_HUB_CACHE"},
      {{{"HF_HUB_CACHE", "/new"}, {"HUGGINGFACE_HUB_CACHE", "/old"}}, "/new", "HF_HUB_CACHE"},
      {{{"HF_HUB_CACHE", ""}, {"HUGGINGFACE_HUB_CACHE", "/old"}}, "/cwd", "HF_HUB_CACHE"},
      {{{"HUGGINGFACE_HUB_CACHE", "$B/~"}, {"B", "/b"}}, "/b/~", "HUGGINGFACE_HUB_CACHE"},
      {{{"HF_HUB_CACHE", "~/hub"}, {"HOME", "/home/u"}}, "/home/u/hub", "HF_HUB_CACHE"},
      {{{"HF_HUB_CACHE", "$HF_HOME/m"}, {"HF_HOME", "/h"}}, "/h/m", "HF_HUB_CACHE"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.variables);
    const Layout found = layout(row.variables);
    CHECK(found.hub_cache.path == row.hub);
    CHECK(found.hub_cache.because == row.because);
  }
}

TEST_CASE("hf_xet reads the environment itself, and expands no variables") {
  struct Row {
    Variables variables;
    const char* xet;
    const char* because;
  };
  const Row rows[] = {
      {{}, "/home/own/.cache/huggingface/xet", "default"},
      {{{"HF_HOME", "/h"}, {"HF_HUB_CACHE", "/hub"}}, "/h/xet", "HF_HOME"},
      {{{"HF_HOME", "/h"}, {"HF_XET_CACHE", "~/x"}}, "/home/own/x", "HF_XET_CACHE"},
      {{{"HF_XET_CACHE", "$B"}, {"B", "/b"}}, "/cwd/$B", "HF_XET_CACHE"},
      {{{"HF_HOME", "$B/h"}, {"B", "/b"}}, "/cwd/$B/h/xet", "HF_HOME"},
      {{{"XDG_CACHE_HOME", "/xdg"}}, "/xdg/huggingface/xet", "XDG_CACHE_HOME"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.variables);
    CHECK(layout(row.variables).xet_cache.path == row.xet);
    CHECK(layout(row.variables).xet_cache.because == row.because);
  }
}

TEST_CASE("tokens: stored_tokens stays beside HF_TOKEN_PATH, staging moves the token alone") {
  const Layout plain = layout({{"HF_HOME", "/h"}});
  CHECK(plain.token.path == "/h/token");
  CHECK(plain.stored_tokens.path == "/h/stored_tokens");

  const Layout moved = layout({{"HF_HOME", "/h"}, {"HF_TOKEN_PATH", "~/secret/tok"}});
  CHECK(moved.token.path == "/home/own/secret/tok");
  CHECK(moved.stored_tokens.path == "/home/own/secret/stored_tokens");
  CHECK(moved.stored_tokens.because == "HF_TOKEN_PATH");
  CHECK(layout({{"HF_TOKEN_PATH", "tok"}}).stored_tokens.path == "/cwd/stored_tokens");
  CHECK(layout({{"HF_TOKEN_PATH", "/tok"}}).stored_tokens.path == "/stored_tokens");

  for (const char* value : {"1", "on", "Yes", "TRUE"}) {
    const Layout staging = layout({{"HF_HOME", "/h"}, {"HUGGINGFACE_CO_STAGING", value}});
    CHECK(staging.token.path == "/home/own/.cache/huggingface_staging/token");
    CHECK(staging.token.because == "HUGGINGFACE_CO_STAGING");
    CHECK(staging.stored_tokens.path == "/h/stored_tokens");
    CHECK(staging.hub_cache.path == "/h/hub");
  }
  CHECK(layout({{"HF_HOME", "/h"}, {"HUGGINGFACE_CO_STAGING", "0"}}).token.path == "/h/token");
}

TEST_CASE("assets, datasets and modules have variables of their own") {
  const Layout found = layout({{"HF_HOME", "/h"},
                               {"HF_ASSETS_CACHE", "$B/a"},
                               {"HUGGINGFACE_ASSETS_CACHE", "/old"},
                               {"HF_DATASETS_CACHE", "/d"},
                               {"HF_MODULES_CACHE", "$B/m"},
                               {"B", "/b"}});
  CHECK(found.assets_cache.path == "/b/a");
  CHECK(found.datasets_cache.path == "/d");
  CHECK(found.modules_cache.path == "/cwd/$B/m");  // transformers and datasets expand nothing here
  CHECK(layout({{"HF_HOME", "/h"}}).datasets_cache.path == "/h/datasets");
  CHECK(layout({{"HF_HOME", "/h"}, {"HUGGINGFACE_ASSETS_CACHE", "/old"}}).assets_cache.path ==
        "/old");
}

TEST_CASE(
    "the option --hf-home is the whole home, --cache-dir the hub cache, whatever the variables "
    "say") {
  const Variables all{{"HF_HOME", "/h"},
                      {"HF_HUB_CACHE", "/hub"},
                      {"HF_XET_CACHE", "/xet"},
                      {"HF_TOKEN_PATH", "/tok"},
                      {"HF_DATASETS_CACHE", "/d"}};
  const Layout home = layout(all, {"~/o", std::nullopt});
  CHECK(home.hf_home.path == "/home/own/o");
  CHECK(home.hub_cache.path == "/home/own/o/hub");
  CHECK(home.xet_cache.path == "/home/own/o/xet");
  CHECK(home.token.path == "/home/own/o/token");
  CHECK(home.datasets_cache.path == "/home/own/o/datasets");
  CHECK(home.token.because == "--hf-home");

  const Layout hub = layout(all, {std::nullopt, "rel"});
  CHECK(hub.hub_cache.path == "/cwd/rel");
  CHECK(hub.hub_cache.because == "--cache-dir");
  CHECK(hub.hf_home.path == "/h");
  CHECK(hub.xet_cache.path == "/xet");

  const Layout both = layout(all, {"/o", "/c"});
  CHECK(both.hub_cache.path == "/c");
  CHECK(both.xet_cache.path == "/o/xet");
}
