#include "catch_any.hpp"

#include <algorithm>
#include <filesystem>

#include "fixture.hpp"
#include "hfaudit/exit_code.hpp"
#include "hfaudit/repair.hpp"
#include "store_world.hpp"

using namespace hfaudit;
using test::Scratch;

TEST_CASE("a repo that somebody removes during its repair is not called repaired") {
  const Scratch scratch;
  fixture::materialise(R"(repo models--acme--synced
commit C
git config json{"model_type":"bert"}
lfs weights safetensors:8192
snapshot $C {
  config.json = text:""
  model.safetensors -> $weights
}
tree $C {
  config.json $config
  model.safetensors $weights
}
ref main $C
)",
                       scratch / "hf");
  LayoutOverrides places;
  places.hf_home = scratch / "hf";
  RepairRequest request;
  request.what.repos = {{RepoId{RepoType::model, "acme/synced"}, std::nullopt}};
  RepairEvents events;
  events.acted = [&](const PlannedAction&, const ActionResult& result) {
    CHECK(result.outcome == Outcome::done);
    std::filesystem::remove_all(scratch / "hf/hub/models--acme--synced");
  };
  const auto report = repair(find_layout(system_environment(), places), request, events);
  REQUIRE(report);
  CHECK(exit_code_for(*report) == ExitCode::incomplete);
  CHECK(std::any_of(report->unreadable.begin(), report->unreadable.end(),
                    [](const Unreadable& one) { return one.operation == "find acme/synced"; }));
}
