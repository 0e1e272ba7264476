// What a repo should hold: the list of its files, and which of them are asked for.
#include <algorithm>

#include "base/filter_words.hpp"
#include "base/sum.hpp"
#include "listings/locked.hpp"
#include "listings/reserved_path.hpp"
#include "pull/repo_pull.hpp"

namespace hfaudit {
namespace {

// Clients on Windows take a backslash for a folder's end. Files of git are refused, for git runs
// commands in them; clients keep their notes in a --local-dir alone, so in a snapshot a file of
// that name is content like any other, which an old upload of a --local-dir has left in many a
// repo.
std::string refusal_of_path(std::string_view path, bool local_dir) {
  if (path.find('\\') != std::string_view::npos)
    return "its name has a backslash, which could lead out of the folder: not downloaded";
  const auto reserved = reserved_part_of(path);
  const auto part = std::string(reserved.part);
  if (reserved.kind == Reserved::git)
    return "\"" + part + "\" in its path belongs to git: not downloaded";
  if (reserved.kind == Reserved::client && local_dir)
    return "\"" + part +
           "\" in its path is the clients' own folder: not downloaded "
           "(--exclude '*" +
           part + "*' leaves it out)";
  return {};
}

}  // namespace

bool RepoPull::is_wanted(const TreeFile& file) const {
  if (locked_ != nullptr && find_locked(*locked_, file.path) == nullptr) return false;
  if (names_.empty()) return context_.wanted(file.path);
  const auto& path = file.path;
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    if (names_.contains(std::string_view(path).substr(0, slash + 1))) return true;
  }
  return names_.contains(path) || names_.contains(file.etag());
}

std::optional<Attempt> RepoPull::list_by_hub() {
  if (commit_.empty()) {
    const auto commit = context_.client.resolve(asked_.repo, asked_.revision.value_or("main"));
    if (!commit) return failing(commit.error());
    transfer_.commit = commit_ = *commit;
  }
  auto tree = context_.client.tree(asked_.repo, commit_);
  if (!tree) return failing(tree.error());
  if (locked_ != nullptr) {
    if (auto difference = difference_from(*locked_, *tree); !difference.empty()) {
      transfer_.failure = "the lock file does not match: " + difference;
      carried_out_ = false;
      return Attempt::hopeless;
    }
  }
  tree_ = std::move(*tree);
  return std::nullopt;
}

// A word that can only be a file is checked before anything is downloaded: without it the request
// would be for the whole repo.
std::optional<Attempt> RepoPull::find_named_files() {
  const bool local_dir = context_.request.what.local_dir.has_value();
  for (const auto& word : words_) {
    const bool listed = std::any_of(tree_.files.begin(), tree_.files.end(),
                                    [&](const TreeFile& file) { return file.path == word.text; });
    if (listed) {
      named_files_.push_back(word.text);
      names_.insert(word.text);
    } else if (local_dir || word.repos.empty()) {
      transfer_.failure = "it has no file " + word.text +
                          (word.repos.empty() ? "" : "; for another repo, leave out --local-dir") +
                          (word.why_no_repo.empty() ? "" : "; as a repo: " + word.why_no_repo);
      if (!context_.is_offline()) refusal_ = HubErrorKind::entry_not_found;
      carried_out_ = false;
      return Attempt::hopeless;
    }
  }
  asked_.only = named_files_;
  return std::nullopt;
}

// Once for the whole run: a branch that moves meanwhile is ignored.
std::optional<Attempt> RepoPull::list() {
  if (listed_) return std::nullopt;
  report_progress(PullStep::ask);
  if (auto ended = context_.is_offline() ? list_offline() : list_by_hub()) return ended;
  if (auto ended = find_named_files()) return ended;
  std::map<std::string, std::size_t> known;
  for (const auto& file : tree_.files) {
    if (!is_wanted(file)) continue;
    ++transfer_.wanted.files;
    add_size(transfer_.wanted.bytes, file.size);
    auto refusal = refusal_of_path(file.path, context_.request.what.local_dir.has_value());
    if (!refusal.empty()) {
      refuse(file, std::move(refusal));
      continue;
    }
    const auto [at, fresh] = known.try_emplace(identity_of(file), groups_.size());
    if (fresh) groups_.emplace_back().first = &file;
    if (!fresh) groups_[at->second].others.push_back(&file);
  }
  std::stable_sort(groups_.begin(), groups_.end(),
                   [](const Group& a, const Group& b) { return a.first->size > b.first->size; });
  listed_ = true;
  if (!groups_.empty() || tree_.files.empty()) return std::nullopt;
  carried_out_ = only_wrong_ = optional_;
  transfer_.failure =
      !named_files_.empty() ? "the lock file does not lock " + named_files_.front()
      : names_.empty()
          ? (locked_ != nullptr ? "none of its locked files matches "
                                : "none of its files matches ") +
                filter_options({context_.request.what.include, context_.request.what.exclude})
      : optional_ ? "the Hub has none of these files, so their content is not known"
                  : "the Hub has none of the files that are damaged here";
  return Attempt::hopeless;
}

// A file that all attempts leave out, also under another name of its content.
void RepoPull::refuse(const TreeFile& file, std::string cause) {
  auto& group = groups_.emplace_back();
  group.first = &file;
  group.forbidden = true;
  group.end = TransferEnd::refused;
  group.failure = std::move(cause);
  loss_ = file.path + ": " + group.failure;
  carried_out_ = false;
}

}  // namespace hfaudit
