#include "base/numbers.hpp"
#include "report/json/parts.hpp"

namespace hfaudit::report {
namespace {

Json to_json(const Source& source) {
  const bool known = source.failure.empty();
  Json object{{"file", source.file}, {"error", or_null(source.failure)}};
  object["host"] = or_null(source.host);
  object["cache"] = known ? Json(source.cache) : Json(nullptr);
  object["command"] = known ? Json(source.command) : Json(nullptr);
  object["started_at"] = known ? Json(utc(source.started_at)) : Json(nullptr);
  object["exit_code"] = source.exit_code ? Json(to_int(*source.exit_code)) : Json(nullptr);
  object["verified"] = source.verified ? verified_json(*source.verified) : Json(nullptr);
  if (!source.asked.everything()) object["asked"] = asked_json(source.asked);
  return object;
}

Json to_json(const CacheReport& cache) {
  Json object{{"hosts", cache.hosts}};
  object["hf_home"] = or_null(cache.hf_home);
  object["hub_cache"] = or_null(cache.hub_cache);
  object["xet_cache"] = or_null(cache.xet_cache);
  object["local_dir"] = or_null(cache.local_dir);
  object["bytes"] = {{"present", cache.bytes_present},
                     {"missing", cache.bytes_missing},
                     {"reclaimable", cache.bytes_reclaimable}};
  object["partitions"] = Json::array();
  for (const Partition& partition : cache.partitions) {
    object["partitions"].push_back({{"of", partition.of},
                                    {"listing", partition.listing},
                                    {"missing", or_null(partition.missing)}});
  }
  return object;
}

}  // namespace

void put_cache_ref(Json& object, const CacheRef& cache_ref) {
  if (cache_ref.cache.empty()) return;
  object["host"] = or_null(cache_ref.host);
  object["cache"] = cache_ref.cache;
}

void put_merged(Json& object, const Report& report) {
  if (report.sources.empty()) return;
  object["sources"] = Json::array();
  for (const Source& source : report.sources)
    object["sources"].push_back(to_json(source));
  object["caches"] = Json::array();
  for (const CacheReport& cache : report.caches)
    object["caches"].push_back(to_json(cache));
}

}  // namespace hfaudit::report
