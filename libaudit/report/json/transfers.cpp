// Of a pull: the result for each repo.
#include "report/json/parts.hpp"

namespace hfaudit::report {
namespace {

Json left_json(const PlannedFile& file) {
  Json object = Json::object();
  put_path(object, file.path);
  object["size"] = file.size;
  object["prefix"] = file.prefix;
  object["trouble"] = or_null(file.failure);
  return object;
}

}  // namespace

void put_transfer(Json& object, const Transfer& transfer) {
  object["repo_id"] = or_null(transfer.repo.id);
  object["repo_type"] = to_string(transfer.repo.type);
  object["revision"] = or_null(transfer.revision);
  object["commit"] = or_null(transfer.commit);
  object["planned"] = transfer.planned;
  object["wanted"] = totals_json(transfer.wanted);
  object["had"] = totals_json(transfer.had);
  object["pulled"] = totals_json(transfer.pulled);
  object["received"] = transfer.received;
  object["sources"] = Json::array();
  for (const TransferShare& share : transfer.sources) {
    Json given = Json::object();
    given["source"] = share.source;
    given.update(totals_json(share.given));
    object["sources"].push_back(std::move(given));
  }
  object["names_from"] = or_null(transfer.names_from);
  object["seconds"] = transfer.seconds;
  object["attempts"] = transfer.attempts;
  object["left"] = Json::array();
  for (const PlannedFile& file : transfer.left)
    object["left"].push_back(left_json(file));
  object["trouble"] = or_null(transfer.failure);
}

}  // namespace hfaudit::report
