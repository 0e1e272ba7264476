#include "listings/git_head.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "base/whole_number.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t most_git_files = 2'000'000;

tl::unexpected<Error> not_understood(std::string_view what) {
  return failure("read", what, "unexpected output of git", 0);
}

bool is_git_object(std::string_view text) {
  return is_lower_hex(text, 40) || is_lower_hex(text, 64);
}

// The text before the first `end`, which has to be there; `text` keeps the rest after it.
std::optional<std::string_view> take_until(std::string_view& text, char end) {
  const auto at = text.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const auto taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return taken;
}

// "100644 blob 587be6b4c3f93f93c489c0111bba5596147a26cb       2<TAB>d/g": whether it is a file.
enum class Row { file, other, malformed };
Row read_row(std::string_view row, GitFile& file) {
  const auto mode = take_until(row, ' ');
  const auto type = take_until(row, ' ');
  const auto object = take_until(row, ' ');
  const auto size = take_until(row, '\t');
  if (!mode || !type || !object || !size || !is_git_object(*object)) return Row::malformed;
  if (*type != "blob" || (*mode != "100644" && *mode != "100755" && *mode != "100664"))
    return Row::other;
  if (!is_safe_relative_path(row)) return Row::malformed;
  file = {std::string(row), std::string(*object), whole_number<std::uint64_t>(trim(*size))};
  return Row::file;
}

}  // namespace

Result<GitHead> parse_git_head(std::string_view answer) {
  const auto up = take_until(answer, '\n');
  const auto commit = take_until(answer, '\n');
  const auto name = take_until(answer, '\n');
  if (!up || !commit || !name || !answer.empty() || !is_git_object(*commit))
    return not_understood("HEAD");
  if (!up->empty())
    return failure("read", "HEAD", "the folder belongs to the git clone of a parent folder", 0);
  constexpr std::string_view heads = "refs/heads/";
  GitHead head{std::string(*commit), {}};
  const bool is_branch = name->starts_with(heads);
  if (is_branch && is_safe_relative_path(*name)) head.branch = name->substr(heads.size());
  return head;
}

Result<std::vector<GitFile>> parse_git_tree(std::string_view answer) {
  std::vector<GitFile> files;
  while (!answer.empty()) {
    const auto row = take_until(answer, '\0');
    GitFile file;
    const auto kind = row ? read_row(*row, file) : Row::malformed;
    if (kind == Row::malformed || files.size() >= most_git_files) return not_understood("HEAD");
    if (kind == Row::file) files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const GitFile& a, const GitFile& b) { return a.path < b.path; });
  const auto same = [](const GitFile& a, const GitFile& b) { return a.path == b.path; };
  if (std::adjacent_find(files.begin(), files.end(), same) != files.end())
    return not_understood("HEAD");
  return files;
}

Result<GitIndex> parse_git_index(std::string_view answer) {
  GitIndex index;
  while (!answer.empty()) {
    const auto row = take_until(answer, '\0');
    if (!row || row->size() < 3 || (*row)[1] != ' ' || index.tracked.size() >= most_git_files)
      return not_understood("the index");
    std::string path(row->substr(2));
    if (row->front() == 'S') index.skipped.push_back(path);
    index.tracked.push_back(std::move(path));
  }
  std::sort(index.tracked.begin(), index.tracked.end());
  std::sort(index.skipped.begin(), index.skipped.end());
  return index;
}

// An empty index counts as absent: a clone that was killed before its checkout ended lacks one.
bool GitIndex::wants(const std::string& path) const {
  if (tracked.empty()) return true;
  return std::binary_search(tracked.begin(), tracked.end(), path) &&
         !std::binary_search(skipped.begin(), skipped.end(), path);
}

Result<std::map<std::string_view, std::string_view>> parse_git_objects(std::string_view answer) {
  std::map<std::string_view, std::string_view> objects;
  while (!answer.empty()) {
    auto header = take_until(answer, '\n');
    const auto name = header ? take_until(*header, ' ') : std::nullopt;
    if (!name || !is_git_object(*name)) return not_understood("objects");
    if (*header == "missing") continue;
    const auto type = take_until(*header, ' ');
    const auto size = whole_number<std::uint64_t>(*header);
    if (!type || !size || *size >= answer.size()) return not_understood("objects");
    const auto length = static_cast<std::size_t>(*size);
    if (answer[length] != '\n') return not_understood("objects");
    objects.emplace(*name, answer.substr(0, length));
    answer.remove_prefix(length + 1);
  }
  return objects;
}

}  // namespace hfaudit
