#include <algorithm>
#include <cerrno>

#include "base/path.hpp"
#include "cache/blob_name.hpp"
#include "listings/file_role.hpp"
#include "listings/listings.hpp"
#include "listings/reserved_path.hpp"
#include "scan/walk.hpp"

namespace hfaudit {
namespace {

// `main.0f3a9c1d.tmp` (huggingface_hub >= 1.18) and `main.tmp` (llama.cpp): a ref on its way. A
// branch may be called `dev.tmp`, too: it is one unless a ref `dev` is beside it.
bool is_temporary_ref(const os::Directory& folder, const std::string& file) {
  if (!file.ends_with(".tmp")) return false;
  const auto stem = file.substr(0, file.size() - 4);
  const auto dot = stem.rfind('.');
  if (dot != std::string::npos && stem.size() - dot == 9 &&
      is_hex(std::string_view(stem).substr(dot + 1)))
    return true;
  return folder.stat(stem).has_value();
}

// huggingface_hub writes a listing to `tmpXXXXXXXX.tmp` first, as Python's mkstemp names it.
bool is_temporary_tree(std::string_view name) {
  constexpr std::string_view suffix = ".tmp";
  return name.ends_with(suffix) && is_python_temporary(name.substr(0, name.size() - suffix.size()));
}

// The ref that this link leads to, in its own folder, else empty. Tools that remove duplicates
// (rdfind, jdupes) make such links, which clients follow.
std::string ref_behind_link(const os::Directory& folder, const std::string& link) {
  const auto target = folder.read_link(link);
  if (!target) return {};
  std::string file(last_component(*target));
  const auto beside = folder.stat(file), reached = folder.stat_target(link);
  const bool same =
      beside && reached && beside->type == FileType::regular && beside->key == reached->key;
  return same ? file : std::string();
}

void parse_into(Ref& ref, std::string_view text) {
  const auto content = parse_ref(text);
  switch (content.state) {
    case RefState::commit:
      ref.commit = content.commit;
      break;
    case RefState::commit_with_space:
      ref.commit = content.commit;
      ref.failure =
          "has white space around the commit, which the Python client reads as part of it";
      break;
    case RefState::empty:
      ref.failure = "is empty";
      break;
    case RefState::malformed:
      ref.failure = "holds no commit hash";
      break;
  }
}

bool is_denied(const Error& error) {
  return error.code == EACCES || error.code == EPERM;
}

}  // namespace

void Walker::walk_refs(const os::Directory& repo) {
  if (const auto refs = enter(repo, "refs", "refs")) walk_ref_folder(*refs, "", 0);
  std::sort(out_.refs.begin(), out_.refs.end(),
            [](const Ref& a, const Ref& b) { return a.name < b.name; });
}

void Walker::walk_ref_folder(const os::Directory& folder, const std::string& prefix,
                             unsigned depth) {
  const auto where = prefix.empty() ? "refs" : "refs/" + prefix;
  std::vector<std::pair<std::string, FileType>> names;
  const auto listed = folder.list(
      [&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name, entry.type); });
  if (!listed) unreadable(where, listed.error());
  for (const auto& [name, type] : names) {
    const auto path = prefix.empty() ? name : prefix + "/" + name;
    const bool directory = type == FileType::directory;
    if (directory ? is_system_folder(name) : is_system_file(name)) {
      add_system_file(folder, name, "refs/" + path);
    } else if (!may_name_ref(name)) {
      add_foreign(folder, name, "refs/" + path, "no branch or tag can have this name");
    } else if (!directory) {
      add_ref(folder, name, path);
    } else if (depth >= max_folder_depth) {
      unreadable("refs/" + path, Error{"enter", name, "folders nest too deeply", 0});
    } else if (const auto inner = enter(folder, name, "refs/" + path)) {
      walk_ref_folder(*inner, path, depth + 1);
    }
  }
}

void Walker::add_ref(const os::Directory& folder, const std::string& file,
                     const std::string& name) {
  const auto path = "refs/" + name;
  const auto meta = folder.stat(file);
  if (!meta) return unreadable(path, meta.error());
  if (is_temporary_ref(folder, file)) {
    out_.debris.push_back({path, with_access(*meta, path)});
    return;
  }
  Ref ref;
  ref.name = name;
  ref.meta = with_access(*meta, path);
  const auto source =
      meta->type == FileType::symlink ? ref_behind_link(folder, file) : std::string();
  if (meta->type != FileType::regular && source.empty()) {
    ref.failure = "is not a regular file";
    out_.refs.push_back(std::move(ref));
    return;
  }
  // a sound ref has 40 bytes; a huge one is skipped
  constexpr std::size_t enough = 128;
  const auto text = folder.read_small(source.empty() ? file : source, enough);
  if (!text) return unreadable(path, text.error());
  parse_into(ref, *text);
  if (source.empty() && meta->size > enough) {
    ref.commit.clear();
    ref.failure = "holds no commit hash";
  }
  out_.refs.push_back(std::move(ref));
}

void Walker::walk_no_exist(const os::Directory& repo) {
  const auto root = enter(repo, ".no_exist", ".no_exist");
  if (!root) return;
  std::vector<std::string> commits;
  if (const auto listed =
          root->list([&](const os::DirectoryEntry& e) { commits.emplace_back(e.name); });
      !listed) {
    unreadable(".no_exist", listed.error());
  }
  for (const auto& commit : commits) {
    if (is_system_file(commit)) continue;
    if (const auto folder = enter(*root, commit, ".no_exist/" + commit)) {
      walk_no_exist_folder(*folder, "", 0, out_.no_exist[commit]);
    }
  }
}

void Walker::walk_no_exist_folder(const os::Directory& folder, const std::string& prefix,
                                  unsigned depth, std::vector<std::string>& paths) {
  std::vector<std::pair<std::string, FileType>> names;
  const auto listed = folder.list(
      [&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name, entry.type); });
  if (!listed) unreadable(".no_exist/" + prefix, listed.error());
  for (const auto& [name, type] : names) {
    const auto path = prefix.empty() ? name : prefix + "/" + name;
    if (type != FileType::directory) {
      paths.push_back(path);
    } else if (depth < max_folder_depth) {
      if (const auto inner = folder.open_directory(name))
        walk_no_exist_folder(*inner, path, depth + 1, paths);
      else
        unreadable(".no_exist/" + path, inner.error());
    }
  }
}

void Walker::walk_trees(const os::Directory& repo) {
  const auto opened = repo.open_directory("trees");
  if (!opened && is_denied(opened.error())) {
    // the folder of another member of a shared cache: other evidence judges
    out_.unread_listings.push_back(
        {out_.folder + "/trees", opened.error().operation, opened.error().cause});
    return;
  }
  if (!opened && opened.error().code != ELOOP && opened.error().code != ENOTDIR)
    return unreadable("trees", opened.error());
  const auto trees = enter(repo, "trees", "trees");
  if (!trees) return;
  std::vector<std::string> names;
  if (const auto listed =
          trees->list([&](const os::DirectoryEntry& e) { names.emplace_back(e.name); });
      !listed) {
    unreadable("trees", listed.error());
  }
  for (const auto& name : names) {
    const auto path = "trees/" + name;
    const auto meta = trees->stat(name);
    if (!meta) {
      unreadable(path, meta.error());
      continue;
    }
    const ExtraEntry entry{path, with_access(*meta, path)};
    if (is_system_file(name))
      add_system_file(*trees, name, path);
    else if (is_temporary_tree(name))
      out_.debris.push_back(entry);
    else if (name.ends_with(".json"))
      out_.trees.push_back(entry);
    else
      out_.unrecognized.push_back(entry);
  }
  std::sort(out_.trees.begin(), out_.trees.end(),
            [](const ExtraEntry& a, const ExtraEntry& b) { return a.path < b.path; });
}

}  // namespace hfaudit
