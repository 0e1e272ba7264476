// Series for each node of a merged report, and on request for each repo.
#pragma once

#include "hfaudit/report.hpp"
#include "report/metrics/exposition.hpp"

namespace hfaudit::report {

void write_nodes(const Report& report, Exposition& out);
void write_each_repo(const Report& report, Exposition& out);

}  // namespace hfaudit::report
