// hfaudit-notify-probe CODE TARGET...: sends a report that is made here, and ends with CODE; 2:
// usage. What failed is on standard error, a line each.
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "hfaudit/notify.hpp"

using namespace hfaudit;

namespace {

Transfer transfer_of(const std::string& id, FileTotals wanted) {
  Transfer transfer;
  transfer.repo = {RepoType::model, id};
  transfer.commit = std::string(40, 'a');
  transfer.wanted = wanted;
  transfer.attempts = 1;
  return transfer;
}

Report made_report() {
  Report report;
  report.command = "pull";
  report.host = "here";
  report.started_at = 1767225600;
  auto whole = transfer_of("acme/whole", {13, 22'020'000'000});
  whole.had = {3, 20'000};
  whole.pulled = {10, 22'019'980'000};
  auto half = transfer_of("acme/<half> & \"more\"", {3, 3'000});
  half.revision = "main";
  half.failure = "the Hub answers 503";
  half.left = {{"model.safetensors", 2'000, 500, "no answer within the time limit"},
               {"a\nb", 10, 0, ""}};
  auto gated = transfer_of("acme/gated", {});
  gated.commit.clear();
  gated.failure = "its licence is not accepted";
  report.transfers = {whole, half, gated};
  report.unreadable.push_back({"hub/models--acme--gated", "ask", gated.failure, {}, true});
  return report;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // as the program does
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) return 2;
  const auto targets = parse_notifications({words.begin() + 1, words.end()});
  if (!targets) {
    std::cerr << targets.error().operation << " " << targets.error().subject << ": "
              << targets.error().cause << "\n";
    return 2;
  }
  const int code = std::atoi(words[0].c_str());
  for (const auto& failure :
       send_notifications(*targets, made_report(), static_cast<ExitCode>(code)))
    std::cerr << failure << "\n";
  return code;
}
