// The commands. Each adds itself to the parser; the function it returns runs it, and gives the exit code.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace hfaudit::cli {

using Run = std::function<int()>;

[[nodiscard]] Run add_scan(CLI::App& program);
[[nodiscard]] Run add_verify(CLI::App& program);
[[nodiscard]] Run add_repair(CLI::App& program);
[[nodiscard]] Run add_pull(CLI::App& program);
[[nodiscard]] Run add_watch(CLI::App& program);
[[nodiscard]] Run add_merge(CLI::App& program);
// `command`: what to start once all is well; may be empty.
[[nodiscard]] Run add_preflight(CLI::App& program, std::vector<std::string> command);
[[nodiscard]] Run add_explain(CLI::App& program);

}  // namespace hfaudit::cli
