// What the renderers of JSON share.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "hfaudit/report.hpp"

namespace hfaudit::report {

using Json = nlohmann::ordered_json;

[[nodiscard]] Json or_null(const std::string& text);
[[nodiscard]] Json verified_json(const Verified& verified);
[[nodiscard]] Json asked_json(const Asked& asked);

// Of an element of a list: whose it is, where several caches are reported on.
void put_whose(Json& object, const Whose& whose);
// What only a merged report has: `sources` and `caches`.
void put_merged(Json& object, const Report& report);

}  // namespace hfaudit::report
