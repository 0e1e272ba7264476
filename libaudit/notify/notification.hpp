// The content of a notification: the outcome of a pull as JSON for programs, as text for people.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hfaudit/report.hpp"

namespace hfaudit::report {

// "complete", "incomplete" (something of it is still missing or wrong), "refused" (by the Hub) or
// "failed" (before its beginning).
[[nodiscard]] std::string_view outcome_of(const Transfer& transfer, const Report& report);

// Schema hfaudit.notification/1, in one line; hfaudit-notify(7) shows it. `finished_at` in seconds
// since the epoch.
[[nodiscard]] std::string notification_json(const Report& report, ExitCode code,
                                            std::int64_t finished_at);

// The content of an m.room.message of type m.notice.
[[nodiscard]] std::string matrix_message(const Report& report, ExitCode code);
// Plain text, some lines; all names in it are printable.
[[nodiscard]] std::string notification_text(const Report& report, ExitCode code);
[[nodiscard]] std::string html_escaped(std::string_view text);

// Of a homeserver's answers. nullopt, or empty: it is invalid.
[[nodiscard]] std::optional<std::string> room_id_in(std::string_view answer);
[[nodiscard]] std::string matrix_error_in(std::string_view answer);  // "M_FORBIDDEN"

}  // namespace hfaudit::report
