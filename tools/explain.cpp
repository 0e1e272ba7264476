// hfaudit explain: the catalogue of findings, and the manual of each: the same texts as
// hfaudit-findings(7), and the command to run.
#include <algorithm>
#include <array>

#include "base/format.hpp"
#include "commands.hpp"
#include "hfaudit/finding.hpp"
#include "messages.hpp"
#include "options/help.hpp"
#include "options/hints.hpp"
#include "os/output.hpp"

namespace hfaudit::cli {
namespace {

struct FindingManual {
  std::string_view name, meaning, matters, not_raised, causes;
};
constexpr std::array finding_manuals{
#define HFAUDIT_MANUAL(name, meaning, matters, not_raised, causes) \
  FindingManual{name, meaning, matters, not_raised, causes},
#include "finding_manuals.def"
#undef HFAUDIT_MANUAL
};

struct FindingRemedy {
  std::string_view key, text, example;
};

// By the id of a finding.
constexpr std::array finding_remedies{
    FindingRemedy{"download-in-progress", "Wait for its end; hfaudit watch shows the progress.",
                  "hfaudit watch acme/six"},
    FindingRemedy{"stalled-download",
                  "Inspect the process, which the finding names, and end it if it hangs. Then "
                  "hfaudit repair resumes the download.",
                  "ps -o pid,user,etime,args -p PID"},
    FindingRemedy{"missing-weights",
                  "Download the repo. If only its other files are wanted, nothing is to be done.",
                  "hfaudit pull acme/six"},
    FindingRemedy{"missing-code", "Download the code, if the repo has it.",
                  "hfaudit pull acme/six"},
    FindingRemedy{"missing-dependency", "Download the other repo, if it is to load offline.",
                  "hfaudit pull acme/base"},
    FindingRemedy{"unreachable-repo", "Mount the disk that the link leads to, or remove the link.",
                  "hfaudit scan acme/six"},
    FindingRemedy{"empty-repo", "Download the repo, or remove the folder.",
                  "hfaudit pull acme/six"},
    FindingRemedy{"damaged-on-hub",
                  "Report it to the owner of the repo, or use another revision or file.",
                  "hfaudit pull acme/six@REVISION"},
    FindingRemedy{"conflicting-digests", "Ask the Hub for the right checksum.",
                  "hfaudit verify --online acme/six"},
    FindingRemedy{"unverifiable", "Ask the Hub for a checksum.",
                  "hfaudit verify --online acme/six"},
    FindingRemedy{"ref-dangling", "Nothing, unless the revision is wanted: then download it.",
                  "hfaudit pull acme/six"},
    FindingRemedy{"misplaced-repo",
                  "Move the folder into the hub cache, or name the folder above it with "
                  "--cache-dir (for clients: HF_HUB_CACHE).",
                  "hfaudit scan --cache-dir /srv/hf"},
    FindingRemedy{"duplicate-repo", "Keep the copy that clients use, and remove the other one.",
                  "hfaudit scan --verbose"},
    FindingRemedy{"unlocked-file", "Remove the file, or approve it with a new lock file.",
                  "hfaudit lock acme/six --output models.lock"},
    FindingRemedy{"node-differs",
                  "Download the same commit on each node, for example that of a lock file.",
                  "hfaudit pull --locked models.lock"},
    FindingRemedy{"detached-revision",
                  "Nothing: programs that name the commit use it. The client removes such "
                  "revisions.",
                  "hf cache prune"},
    FindingRemedy{"orphan-blob", "hfaudit repair removes it if it is asked to.",
                  "hfaudit repair --only orphans acme/six"},
    FindingRemedy{"idle-lock", "Nothing: clients reuse these files.", ""},
    FindingRemedy{"low-disk-space",
                  "Free some space, or move the cache to a larger disk (HF_HOME).",
                  "hfaudit pull --dry-run acme/six"},
    FindingRemedy{"unrecognized-entry", "Nothing, or remove it by hand: no known client uses it.",
                  "hfaudit scan --verbose"},
};

// By the usual repair action.
constexpr std::array action_remedies{
    FindingRemedy{fix::pull,
                  "hfaudit repair downloads the content again, and keeps everything else.",
                  "hfaudit repair acme/six"},
    FindingRemedy{fix::relink, "hfaudit repair makes the link again, without a download.",
                  "hfaudit repair acme/six"},
    FindingRemedy{fix::set_ref, "hfaudit repair writes the locked commit into the ref.",
                  "hfaudit repair --locked models.lock"},
    FindingRemedy{fix::remove, "hfaudit repair removes it.", "hfaudit repair acme/six"},
    FindingRemedy{fix::chown, "Run repair as root: it gives the entry back to the cache's user.",
                  "sudo hfaudit repair --only ownership --hf-home /srv/hf"},
    FindingRemedy{fix::chmod, "hfaudit repair corrects the permissions.", "hfaudit repair"},
};

template <class Rows>
constexpr const FindingRemedy* find_remedy(const Rows& rows, std::string_view key) {
  for (const FindingRemedy& remedy : rows) {
    if (remedy.key == key) return &remedy;
  }
  return nullptr;
}

constexpr const FindingRemedy* remedy_of(const FindingInfo& info) {
  const FindingRemedy* own = find_remedy(finding_remedies, info.name);
  return own != nullptr ? own : find_remedy(action_remedies, info.fix);
}

std::string finding_line(const FindingInfo& info) {
  return formatted("{:<22}{:<9}{}\n", info.name, to_string(info.severity), info.sentence);
}

std::string finding_manual(const FindingInfo& info, std::size_t columns) {
  std::string text = wrapped(finding_line(info), 0, columns);
  const auto paragraph = [&](std::string_view label, std::string_view words) {
    text += "\n" + wrapped(formatted("{}{}", label, words), 0, columns) + "\n";
  };
  const auto manual = std::find_if(finding_manuals.begin(), finding_manuals.end(),
                                   [&](const FindingManual& one) { return one.name == info.name; });
  if (manual != finding_manuals.end()) {
    paragraph("", manual->meaning);
    paragraph("Why it matters: ", manual->matters);
    paragraph("Not raised: ", manual->not_raised);
    paragraph("Causes: ", manual->causes);
  }
  const FindingRemedy* remedy = remedy_of(info);
  if (remedy == nullptr) return text;
  paragraph("What to do: ", remedy->text);
  if (!remedy->example.empty()) text += formatted("\nExample:\n  {}\n", remedy->example);
  return text;
}

}  // namespace

ExitCode run_explain(const Arguments& arguments) {
  const auto ids = arguments.get<"ID">();
  const auto columns = text_columns(os::terminal_columns(os::standard_output));
  std::vector<std::string> names;
  std::string text;
  for (const FindingInfo& info : catalogue()) {
    names.emplace_back(info.name);
    if (ids.empty()) {
      text += finding_line(info);
    } else if (std::find(ids.begin(), ids.end(), info.name) != ids.end()) {
      text += (text.empty() ? "" : "\n") + finding_manual(info, columns);
    }
  }
  ExitCode code = ExitCode::ok;
  for (const std::string& id : ids) {
    if (std::find(names.begin(), names.end(), id) != names.end()) continue;
    const std::string hint = did_you_mean(id, names);
    code = usage_error("unknown finding " + id +
                       (hint.empty() ? "; hfaudit explain lists all of them" : hint));
  }
  return text.empty() ? code : std::max(code, print(text));
}

}  // namespace hfaudit::cli
