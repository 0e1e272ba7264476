// hfaudit scan: metadata and structure, without content.
#include "commands.hpp"
#include "requests.hpp"
#include "run_command.hpp"

namespace hfaudit::cli {
namespace {

struct ScanRequest {
  AuditRequest what;
};

Result<ScanRequest> scan_request_of(const Arguments& arguments) {
  return audit_request_of(arguments).map(
      [](AuditRequest&& what) { return ScanRequest{std::move(what)}; });
}

}  // namespace

ExitCode run_scan(const Arguments& arguments) {
  return run_command(arguments, scan_request_of(arguments),
                     [](const ScanRequest& request, const Run& run) {
                       return audit(run.layout, request.what, run.stop);
                     });
}

}  // namespace hfaudit::cli
