#include "base/repo_name.hpp"
#include "fuzz.hpp"
#include "hfaudit/identity.hpp"

using namespace hfaudit;

// A REPO as it is typed or pasted. An accepted one has one folder in a cache and one name.
void fuzz::try_input(std::string_view input) {
  (void)is_path_like(input);
  (void)parse_cached_path(input);
  if (const auto repo = parse_repo_folder(input)) fuzz::require(repo->folder() == input);
  const auto request = parse_repo_request(input, RepoType::model, "https://mirror.example/hub");
  if (!request) return;
  fuzz::require(is_repo_name(request->repo.id));
  const auto folder = parse_repo_folder(request->repo.folder());
  fuzz::require(folder && *folder == request->repo);
  if (!request->revision) return;
  fuzz::require(!request->revision->empty());
  for (const char c : *request->revision)
    fuzz::require(static_cast<unsigned char>(c) >= ' ');
}
