// Messages on standard error, text on standard output, and the exit codes that go with them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/exit_code.hpp"
#include "hfaudit/refusal.hpp"
#include "hfaudit/result.hpp"

namespace hfaudit::cli {

// One line on standard error: "hfaudit: …". `text` may hold any bytes.
void print_error(std::string_view text);
void print_error(const Error& error);
// The same without its beginning and its end: "cannot open /x: Permission denied (owner root,
// 0700)".
[[nodiscard]] std::string message_of(const Error& error);

// usage where the cache or repo is absent; incomplete where the system refused access.
[[nodiscard]] ExitCode exit_code_for(const Error& error);

// Prints `error`, of a request that cannot be made; ExitCode::usage.
[[nodiscard]] ExitCode usage_error(const Error& error);
[[nodiscard]] ExitCode usage_error(std::string_view text);

// Prints why each repo is left out: the first of refused, incomplete, usage, damage that holds, or
// ok where there is none.
[[nodiscard]] ExitCode print_refusals(const std::vector<RepoRefusal>& refused);

// Of work that failed: wrong content is damage; everything else could not be carried out.
[[nodiscard]] ExitCode code_of_failure(const Error& error);

// Writes `text` to standard output: ok, or incomplete where that failed.
[[nodiscard]] ExitCode print(std::string_view text);

// A closed pipe (`| head`) is the user's own doing; every other failure of an output is an error.
[[nodiscard]] bool is_worth_printing(const Error& error);

}  // namespace hfaudit::cli
