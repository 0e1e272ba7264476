// # not-the-content
//
// A file holds an HTML page, an error message in JSON, XML or plain text, zeros, or a header that
// is invalid in its format: weights (also `.bin`, `.pt`, `.ckpt`, `.h5`, `.msgpack`, `.pkl`, `.npy`
// and tokenizer models, of which only pages, messages and gzip show), Parquet and Arrow files,
// archives. Also a JSON file that loaders read by name (config.json, tokenizer_config.json, …), or
// an index, that is invalid JSON or no object, has NUL bytes in it or is in UTF-16, and code,
// templates, vocabularies and tables (`.csv`, `.jsonl`) that begin with 512 NUL bytes. In place of
// a link to its blob also JSON that begins with a byte order mark, where Python's json or the
// tokenizers read it.
// hfaudit-verify(1) raises it for error pages in files of any name whose hash is wrong.
//
// Why it matters: loading fails with an error about the format. Clients check the size at most, and
// keep the file.
//
// Not raised: for an index that another finding already explains; for JSON that Python reads or
// that only has comments or trailing commas; for JSON and data files of the size that the listing
// gives, unless they hold zeros: then the Hub's own file is like that. A file that ends too early
// is a truncated-file.
//
// Causes: a proxy or captive portal that answers with its own page, a mirror that saves error
// messages under the name of the file. Zeros come from a power cut, or from a download in parts
// that was finished under the final name.
#include <algorithm>

#include "rules/rules.hpp"

namespace hfaudit {

bool check_not_the_content(RepoCheck& c, RevisionState& state, const FileFacts& file) {
  if (file.structure == nullptr || file.structure->state != StructureState::not_the_content ||
      file.is_outweighed())
    return false;
  raise_wrong_content(c, state, FindingId::not_the_content, file.entry,
                      printable(file.entry.path) + " is " + file.structure->detail);
  return true;
}

void check_unusable_index(RepoCheck& c, RevisionState& state) {
  for (const auto& [path, why] : state.evidence->unusable) {
    if (!c.context.filter.accepts(path)) continue;
    const auto at = c.full_path(c.place(state, path));
    const bool explained = std::any_of(c.findings.begin(), c.findings.end(), [&](const Finding& f) {
      return f.path == at && f.severity != Severity::info;
    });
    if (explained) continue;
    state.corrupt = true;
    c.raise(FindingId::not_the_content, c.place(state, path),
            printable(path) + " is no valid index: " + printable(why), &state);
  }
}

}  // namespace hfaudit
