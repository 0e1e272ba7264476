// REPO, as it is written on a command line. Every form that names one repo without doubt is
// accepted; all other texts give an error with the likely meaning.
#include <algorithm>
#include <array>
#include <vector>

#include "base/format.hpp"
#include "base/path.hpp"
#include "base/repo_name.hpp"
#include "base/text.hpp"
#include "hfaudit/identity.hpp"

namespace hfaudit {
namespace {

constexpr std::array<std::string_view, 3> hub_hosts{"huggingface.co", "www.huggingface.co",
                                                    "hf.co"};
// The first component of pages of the Hub other than repos.
constexpr std::array<std::string_view, 22> site_pages{
    "docs",          "blog",     "papers",  "collections", "posts", "settings",
    "login",         "join",     "pricing", "tasks",       "learn", "chat",
    "models",        "datasets", "spaces",  "kernels",     "new",   "search",
    "organizations", "buckets",  "storage", "enterprise"};

template <class List>
bool is_one_of(std::string_view text, const List& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// %2F and the like. A control character stays encoded: names are free of them.
std::string decode_percent(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() && text[i] == '%' ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    const int byte = high * 16 + low;
    if (low < 0 || byte < ' ' || byte == 0x7f) {
      decoded += text[i];
      continue;
    }
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

// Why `id` cannot be a repo's, or empty.
std::string_view cause_of(std::string_view id) {
  if (id.empty()) return "no repo is named";
  const auto parts = components(id);
  if (parts.size() > 2)
    return "expected org/name, with at most one slash (to select files, use --include)";
  const bool usable = std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return !part.empty() && part != "." && part != "..";
  });
  if (!usable) return "a part of the name is empty, \".\" or \"..\"";
  if (id.find("..") != std::string_view::npos) return "a repo's name cannot hold \"..\"";
  if (id.find("--") != std::string_view::npos) return "a repo's name cannot hold \"--\"";
  if (!is_repo_name(id)) return "a repo's name has letters, digits, \"-\", \"_\" and \".\" alone";
  // The Hub forbids such names, and "a-/b" would have the folder of "a/-b".
  const auto is_mark = [](char c) { return c == '-' || c == '.'; };
  if (std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
        return is_mark(part.front()) || is_mark(part.back());
      }))
    return "a part of a repo's name cannot begin or end with \"-\" or \".\"";
  return {};
}

// Q4_K_M, IQ2_XS, F16, BF16, UD-Q4_K_XL: quantizations, as llama.cpp and Ollama take them for tags.
bool is_quantization(std::string_view tag) {
  if (starts_with_lower(tag, "ud-")) tag.remove_prefix(3);
  for (const std::string_view prefix : {"iq", "bf", "tq", "mxfp", "q", "f"}) {
    if (!starts_with_lower(tag, prefix)) continue;
    const auto rest = tag.substr(prefix.size());
    return !rest.empty() && rest.front() >= '0' && rest.front() <= '9';
  }
  return false;
}

class RequestParser {
 public:
  RequestParser(std::string_view text, RepoType fallback, std::string_view endpoint)
      : text_(without_password(text)), whole_(text_), endpoint_(without_scheme(endpoint)) {
    request_.repo.type = fallback;
    while (endpoint_.ends_with('/'))
      endpoint_.remove_suffix(1);
  }

  [[nodiscard]] Result<RepoRequest> parse() {
    if (whole_.starts_with(hf_scheme)) return parse_name(whole_.substr(hf_scheme.size()), true);
    if (const auto page = page_of_hub()) return parse_page(*page);
    if (const auto scheme = whole_.find("://"); scheme != std::string_view::npos) {
      const bool web = whole_.starts_with("http://") || whole_.starts_with("https://");
      if (whole_.starts_with("file://")) return path_error();
      const auto host = whole_.substr(scheme + 3, whole_.find('/', scheme + 3) - scheme - 3);
      return fail(web ? formatted("{} is not the Hub (a mirror is named by HF_ENDPOINT); a repo is "
                                  "org/name",
                                  host)
                      : "a repo is org/name, or hf://org/name");
    }
    if (is_path_like(whole_)) return path_error();
    return parse_name(whole_, false);
  }

 private:
  static constexpr std::string_view hf_scheme = "hf://";

  // `https://user:token@huggingface.co/org/name`, as git clones it: messages omit the token.
  static std::string without_password(std::string_view url) {
    for (const std::string_view scheme : {"https://", "http://"}) {
      if (!url.starts_with(scheme)) continue;
      const auto rest = url.substr(scheme.size());
      const auto at = rest.substr(0, rest.find('/')).rfind('@');
      if (at != std::string_view::npos) return std::string(scheme).append(rest.substr(at + 1));
    }
    return std::string(url);
  }

  static std::string_view without_scheme(std::string_view url) {
    for (const std::string_view scheme : {"https://", "http://"}) {
      if (url.starts_with(scheme)) return url.substr(scheme.size());
    }
    return url;
  }

  [[nodiscard]] Result<RepoRequest> fail(std::string_view cause) const {
    return failure("use", whole_, cause);
  }

  // The path of a page of the Hub; nullopt for any other text.
  [[nodiscard]] std::optional<std::string_view> page_of_hub() const {
    constexpr std::string_view ssh = "git@hf.co:";
    if (whole_.starts_with(ssh)) return whole_.substr(ssh.size());
    const auto address = without_scheme(whole_);
    const auto below = [&](std::string_view root) -> std::optional<std::string_view> {
      if (root.empty() || !address.starts_with(root)) return std::nullopt;
      const auto rest = address.substr(root.size());
      if (rest.empty()) return rest;
      return rest.front() == '/' ? std::optional(rest.substr(1)) : std::nullopt;
    };
    for (const std::string_view host : hub_hosts) {
      if (starts_with_lower(address, host)) {
        if (auto page = below(address.substr(0, host.size()))) return page;
      }
    }
    return below(endpoint_);
  }

  // org/name/tree/REV/…, datasets/org/name/blob/REV/FILE, api/models/org/name/revision/REV
  [[nodiscard]] Result<RepoRequest> parse_page(std::string_view page) {
    page = page.substr(0, page.find_first_of("?#"));
    while (page.ends_with('/'))
      page.remove_suffix(1);
    if (const auto colon = page.find(':'); colon != std::string_view::npos)
      return tag_error(page.substr(0, colon), page.substr(colon + 1));
    auto parts = components(page);
    if (parts.front() == "api") parts.erase(parts.begin());
    if (parts.size() > 1) {
      if (const auto type = parse_repo_type(parts.front())) {
        request_.repo.type = *type;
        parts.erase(parts.begin());
      } else {
        request_.repo.type = RepoType::model;
      }
    }
    if (parts.empty() || parts.front().empty() || is_one_of(parts.front(), site_pages))
      return fail("this page of the Hub is not a repo");
    // A name without an organisation is last, or is followed by a word of the site.
    const bool single = parts.size() == 1 || is_view(parts[1]);
    std::string id(parts.front());
    if (!single) id.append("/").append(parts[1]);
    parts.erase(parts.begin(), parts.begin() + (single ? 1 : 2));
    constexpr std::string_view git_suffix = ".git";
    if (parts.empty() && id.ends_with(git_suffix)) id.resize(id.size() - git_suffix.size());
    if (!parts.empty() && is_view(parts.front())) take_view(parts);
    return finish(decode_percent(id));
  }

  static bool is_view(std::string_view word) {
    constexpr std::array<std::string_view, 14> views{
        "tree",    "blob",   "resolve",  "raw",  "blame",    "edit",        "commit",
        "commits", "viewer", "settings", "info", "revision", "discussions", "delete"};
    return is_one_of(word, views);
  }

  void take_view(const std::vector<std::string_view>& parts) {
    const std::string_view view = parts.front();
    const bool other =
        view == "viewer" || view == "settings" || view == "info" || view == "discussions";
    if (other || parts.size() < 2) return;
    // refs/pr/1 and refs/convert/parquet are written with their slashes, or with %2F
    const std::size_t length = parts[1] == "refs" && parts.size() > 3 ? 3 : 1;
    std::string revision;
    for (std::size_t i = 1; i <= length; ++i)
      revision += (i == 1 ? "" : "/") + decode_percent(parts[i]);
    request_.revision = std::move(revision);
    if (view == "tree" || view == "commit" || view == "commits" || view == "revision") return;
    for (std::size_t i = 1 + length; i < parts.size(); ++i)
      request_.file += (request_.file.empty() ? "" : "/") + decode_percent(parts[i]);
  }

  [[nodiscard]] Result<RepoRequest> parse_name(std::string_view text, bool is_uri) {
    // The revision may hold slashes, and a type's name: it goes first.
    if (const auto at = text.find_first_of(is_uri ? "@:" : "@"); at != std::string_view::npos) {
      const auto revision = text.substr(at + 1);
      if (revision.empty()) return fail(formatted("the revision after {} is empty", text[at]));
      request_.revision = is_uri ? decode_percent(revision) : std::string(revision);
      text = text.substr(0, at);
    }
    if (const auto colon = text.find(':'); colon != std::string_view::npos)
      return tag_error(text.substr(0, colon), text.substr(colon + 1));
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
      if (const auto type = parse_repo_type(text.substr(0, slash))) {
        request_.repo.type = *type;
        text.remove_prefix(slash + 1);
      }
    }
    if (text.find('/') != std::string_view::npos && text.ends_with('/') &&
        text.find('/') + 1 != text.size())
      text.remove_suffix(1);  // a shell completes names of folders so
    else if (text.ends_with('/') && parse_repo_folder(text.substr(0, text.size() - 1)))
      text.remove_suffix(1);
    if (auto repo = parse_repo_folder(text)) {
      request_.repo = std::move(*repo);
      return finish(request_.repo.id);
    }
    return finish(text);
  }

  [[nodiscard]] Result<RepoRequest> finish(std::string_view id) {
    if (const auto cause = cause_of(id); !cause.empty()) return fail(cause);
    if (request_.revision && !is_revision_name(*request_.revision))
      return fail("a revision cannot hold control characters");
    request_.repo.id = id;
    return std::move(request_);
  }

  [[nodiscard]] Result<RepoRequest> tag_error(std::string_view repo, std::string_view tag) const {
    std::string cause = "a repo name has no tag after a colon";
    if (is_quantization(tag))
      cause += formatted("; did you mean the files of {} with --include '*{}*'?", repo, tag);
    else if (!repo.empty() && !tag.empty())
      cause += formatted("; did you mean the revision {}@{}?", repo, tag);
    return fail(cause);
  }

  [[nodiscard]] Result<RepoRequest> path_error() const {
    std::string cause = "a path is not a REPO";
    if (const auto cached = parse_cached_path(whole_)) {
      cause += formatted("; did you mean {}?", cached->request.name());
    } else {
      cause += "; a folder is named by --local-dir";
    }
    return fail(cause);
  }

  std::string text_;
  std::string_view whole_, endpoint_;
  RepoRequest request_;
};

}  // namespace

std::string RepoRequest::name() const {
  return revision ? repo.name() + "@" + *revision : repo.name();
}

Result<RepoRequest> parse_repo_request(std::string_view text, RepoType fallback,
                                       std::string_view endpoint) {
  return RequestParser(text, fallback, endpoint).parse();
}

}  // namespace hfaudit
