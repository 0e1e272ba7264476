// Evidence on files that a revision's own files name, where the disk has to be read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cache/evidence.hpp"
#include "cache/inventory.hpp"
#include "os/fs.hpp"

namespace hfaudit {

// The entry of that path, or null.
[[nodiscard]] Entry* find_in(Revision& revision, const std::string& path);

// Adds the files that the code in `named` imports, and those that these import.
void follow_imports(Revision& revision, std::vector<Named>& named,
                    const std::function<std::unique_ptr<os::File>(Entry&)>& open);

// Adds files that lie beside others (companions_by_name()). A folder of spaCy's with `cfg` has
// `model` only if a sibling or config.cfg shows that it is of a trainable component.
void find_companions(Revision& revision, std::vector<Named>& named,
                     const std::function<std::unique_ptr<os::File>(Entry&)>& open);

// What the parts belong to. Archives of an unknown repo may be a data set's.
enum class PartsOf : std::uint8_t { model, data, unknown };

// Adds parts that are absent from between their siblings, or from their end (listings/part_name).
void find_missing_parts(Revision& revision, std::vector<Named>& named, PartsOf whole,
                        const std::function<std::unique_ptr<os::File>(Entry&)>& open);

// Adds the files that downloads of other tools, left in the snapshot (`x.gguf.crdownload`), were to
// become.
void find_partial_targets(const Revision& revision, std::vector<Named>& named);

// Files that are here and shorter than in the file that names them, by path.
[[nodiscard]] std::vector<std::pair<std::string, Structure>> shorter_than_named(
    Revision& revision, const RevisionEvidence& evidence);

// Fills in which of the repos that the files name have a folder in the hub cache.
void find_dependencies(const os::Directory& hub, Evidence& evidence);

}  // namespace hfaudit
