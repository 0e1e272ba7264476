// hfaudit verify: scan, then hash the content. hfaudit scrub: the same for files without a
// proof or with an old one, at low priority.
#include "hfaudit/verify.hpp"

#include <chrono>
#include <random>

#include "commands.hpp"
#include "os/priority.hpp"
#include "progress.hpp"
#include "requests.hpp"
#include "run_command.hpp"

namespace hfaudit::cli {
namespace {

struct ContentRequest {
  AuditRequest what;
  VerifyRequest how;
};

Result<ContentRequest> content_request_of(const Arguments& arguments) {
  auto what = audit_request_of(arguments);
  if (!what) return tl::unexpected<Error>(what.error());
  ContentRequest request{std::move(*what), {}};
  if (const auto text = arguments.get<"--subset">()) {
    auto subset = *text == "array" ? array_subset(system_environment()) : parse_subset(*text);
    if (!subset) return tl::unexpected<Error>(subset.error());
    request.how.subset = std::move(*subset);
  }
  request.how.max_rate = arguments.get<"--max-rate">().value_or(0);
  request.how.max_duration = arguments.get<"--max-duration">();
  request.how.seed = std::random_device{}();
  request.how.ledger = ledger_request_of(arguments);
  return request;
}

Result<ContentRequest> scrub_request_of(const Arguments& arguments) {
  constexpr std::chrono::seconds a_month = std::chrono::days(30);
  auto request = content_request_of(arguments);
  if (!request) return request;
  request->how.command = VerifyCommand::scrub;
  if (!request->how.ledger.max_age) request->how.ledger.max_age = a_month;
  return request;
}

Result<Report> verify_content(const ContentRequest& request, const Run& run) {
  ProgressDisplay display(run.silent);
  const auto show = [&](const VerifyProgress& progress) {
    display.show(progress.bytes, progress.bytes_total, progress.seconds);
    run.events.progress(event_of(progress));
  };
  return hfaudit::verify(run.layout, request.what, request.how, show, run.stop);
}

}  // namespace

ExitCode run_verify(const Arguments& arguments) {
  return run_command(arguments, content_request_of(arguments), verify_content);
}

ExitCode run_scrub(const Arguments& arguments) {
  os::yield_to_others();
  return run_command(arguments, scrub_request_of(arguments), verify_content);
}

}  // namespace hfaudit::cli
