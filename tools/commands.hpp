// The commands. Each adds itself to the parser; the function it returns runs it, and gives the exit code.
#pragma once

#include <functional>

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
[[nodiscard]] Run add_explain(CLI::App& program);

}  // namespace hfaudit::cli
