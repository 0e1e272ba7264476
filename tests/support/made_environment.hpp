// An environment for tests, made of a map.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "hfaudit/layout.hpp"

namespace hfaudit::test {

using Variables = std::map<std::string, std::string>;

[[nodiscard]] inline Environment environment_of(Variables variables) {
  return {[variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
            const auto found = variables.find(std::string(name));
            return found == variables.end() ? std::nullopt : std::optional(found->second);
          },
          [](std::string_view) { return std::optional<std::string>("/home/own"); }, "/cwd"};
}

}  // namespace hfaudit::test
