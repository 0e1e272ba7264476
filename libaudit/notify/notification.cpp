#include "notify/notification.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "base/numbers.hpp"
#include "base/sum.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/version.hpp"
#include "json/events.hpp"
#include "json/reader.hpp"
#include "report/json/parts.hpp"
#include "report/tally.hpp"

namespace hfaudit::report {
namespace {

constexpr std::size_t most_files_named = 10;

const RepoReport* audited(const RepoId& repo, const Report& report) {
  const auto found = std::find_if(report.repos.begin(), report.repos.end(),
                                  [&](const RepoReport& other) { return other.repo == repo; });
  return found == report.repos.end() ? nullptr : &*found;
}

// The path of an Unreadable begins with the hub cache's: the repo's folder is one of its parts, or
// its last one.
bool was_refused(const RepoId& repo, const Report& report) {
  return std::any_of(
      report.unreadable.begin(), report.unreadable.end(), [&](const Unreadable& unreadable) {
        const auto path = "/" + unreadable.path + "/";
        const bool is_it = path.find("/" + repo.folder() + "/") != std::string::npos ||
                           path.find("/" + repo.name() + "/") != std::string::npos ||
                           path.find("/" + repo.name() + "@") != std::string::npos;
        return unreadable.refused && is_it;
      });
}

std::uint64_t bytes_left(const Transfer& transfer) {
  std::uint64_t bytes = 0;
  for (const auto& file : transfer.left)
    add_size(bytes, file.size - std::min(file.size, file.prefix));
  return bytes;
}

Json amount_json(const FileTotals& amount) {
  return {{"files", amount.files}, {"bytes", amount.bytes}};
}

Json left_json(const Transfer& transfer) {
  Json first = Json::array();
  for (std::size_t i = 0; i < std::min(transfer.left.size(), most_files_named); ++i) {
    const auto& file = transfer.left[i];
    first.push_back({{"path", file.path},
                     {"size", file.size},
                     {"present", std::min(file.size, file.prefix)},
                     {"trouble", or_null(file.failure)}});
  }
  return {{"files", transfer.left.size()},
          {"bytes", bytes_left(transfer)},
          {"first", std::move(first)}};
}

Json repo_json(const Transfer& transfer, const Report& report) {
  return {{"repo_id", or_null(transfer.repo.id)},    {"repo_type", to_string(transfer.repo.type)},
          {"revision", or_null(transfer.revision)},  {"commit", or_null(transfer.commit)},
          {"outcome", outcome_of(transfer, report)}, {"planned", transfer.planned},
          {"wanted", amount_json(transfer.wanted)},  {"had", amount_json(transfer.had)},
          {"pulled", amount_json(transfer.pulled)},  {"left", left_json(transfer)},
          {"received", transfer.received},           {"seconds", transfer.seconds},
          {"attempts", transfer.attempts},           {"trouble", or_null(transfer.failure)}};
}

}  // namespace

std::string_view outcome_of(const Transfer& transfer, const Report& report) {
  const auto* repo = audited(transfer.repo, report);
  const bool sound =
      repo == nullptr || repo->verdict == Verdict::complete || repo->verdict == Verdict::subset;
  if (!transfer.commit.empty() && transfer.failure.empty() && transfer.left.empty() && sound)
    return "complete";
  if (!transfer.failure.empty() && was_refused(transfer.repo, report)) return "refused";
  return transfer.commit.empty() ? "failed" : "incomplete";
}

std::string notification_json(const Report& report, ExitCode code, std::int64_t finished_at) {
  Json repos = Json::array();
  for (const auto& transfer : report.transfers)
    repos.push_back(repo_json(transfer, report));
  return text_of({{"schema", "hfaudit.notification/1"},
                  {"tool", {{"name", "hfaudit"}, {"version", version()}}},
                  {"host", or_null(report.host)},
                  {"command", report.command},
                  {"exit_code", to_int(code)},
                  {"verdict", overall_verdict(tally_of(report), code)},
                  {"repos", std::move(repos)},
                  {"finished_at", utc(finished_at)}});
}

namespace {

// "acme/six: complete, 13 files, 22.02 GB"
std::string repo_line(const Transfer& transfer, const Report& report) {
  const auto outcome = outcome_of(transfer, report);
  auto line = formatted("{}: {}", printable(transfer.repo.name()), outcome);
  if (outcome == "complete") {
    line += formatted(", {}, {}", counted(transfer.wanted.files, "file"),
                      human_bytes(transfer.wanted.bytes));
  } else if (!transfer.left.empty()) {
    line += formatted(", {} of {} not there ({}), first {}", grouped(transfer.left.size()),
                      counted(transfer.wanted.files, "file"), human_bytes(bytes_left(transfer)),
                      printable(transfer.left.front().path));
  }
  if (!transfer.failure.empty()) line += ": " + printable(transfer.failure);
  // A room takes 64 KiB a message.
  constexpr std::size_t longest = 600;
  if (line.size() <= longest) return line;
  while (line.size() > longest || (static_cast<unsigned char>(line.back()) & 0xC0U) == 0x80U)
    line.pop_back();
  // the first byte of the removed part
  if (static_cast<unsigned char>(line.back()) >= 0xC0U) line.pop_back();
  return line + "…";
}

}  // namespace

std::string notification_text(const Report& report, ExitCode code) {
  constexpr std::size_t most_repos = 30;
  auto text =
      formatted("hfaudit {} on {}: {}, exit code {}", report.command, printable(report.host),
                overall_verdict(tally_of(report), code), to_int(code));
  for (std::size_t i = 0; i < std::min(report.transfers.size(), most_repos); ++i)
    text += "\n" + repo_line(report.transfers[i], report);
  if (report.transfers.size() > most_repos)
    text += formatted("\nand {}", counted(report.transfers.size() - most_repos, "more repo"));
  return text;
}

std::string html_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      case '\n':
        escaped += "<br>";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string matrix_message(const Report& report, ExitCode code) {
  const auto text = notification_text(report, code);
  const auto head = text.find('\n');
  auto html = "<strong>" + html_escaped(text.substr(0, head)) + "</strong>";
  if (head != std::string::npos) html += html_escaped(text.substr(head));
  return text_of({{"msgtype", "m.notice"},
                  {"body", text},
                  {"format", "org.matrix.custom.html"},
                  {"formatted_body", std::move(html)}});
}

namespace {

// A text at the top of an object; all else of it is dropped.
class TextAt final : public JsonHandler {
 public:
  explicit TextAt(std::string_view key) : key_(key) {}
  [[nodiscard]] bool on_key(std::string_view key, std::size_t level) override {
    here_ = level == 1 && key == key_;
    return true;
  }
  [[nodiscard]] bool on_value(const JsonValue& value, std::size_t level) override {
    if (level == 0) return value.kind == JsonKind::object;
    if (here_ && level == 1 && value.kind == JsonKind::text) found_ = std::string(value.text);
    here_ = false;
    return true;
  }
  [[nodiscard]] bool on_close(std::size_t) override { return true; }
  [[nodiscard]] const std::optional<std::string>& found() const { return found_; }

 private:
  std::string_view key_;
  bool here_ = false;
  std::optional<std::string> found_;
};

std::optional<std::string> text_at(std::string_view answer, std::string_view key) {
  MemorySource source(answer);
  TextAt reader(key);
  const auto end = read_json(source, 0, answer.size(), reader);
  return end && *end == JsonEnd::complete ? reader.found() : std::nullopt;
}

}  // namespace

std::optional<std::string> room_id_in(std::string_view answer) {
  constexpr std::size_t longest = 255;  // of any Matrix identifier
  auto room = text_at(answer, "room_id");
  if (!room || !room->starts_with('!') || room->size() > longest) return std::nullopt;
  return room;
}

std::string matrix_error_in(std::string_view answer) {
  constexpr std::size_t longest = 64;
  const auto code = text_at(answer, "errcode");
  const bool sound = code && !code->empty() && code->size() <= longest &&
                     code->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string::npos;
  return sound ? *code : "";
}

}  // namespace hfaudit::report
