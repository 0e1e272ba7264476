// A cache on disk from a few readable lines: what the tests and the demo scan. fixtures/README.md
// describes the lines.
//
//   repo models--acme--six
//   commit C
//   git config json{"model_type":"llama"}
//   lfs weights safetensors:4096 | truncate:1000
//   snapshot $C {
//     config.json -> $config
//     model.safetensors -> $weights
//   }
//   ref main $C
#pragma once

#include <sys/types.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "fixture_text.hpp"

namespace hfaudit::fixture {

struct Options {
  pid_t live_pid = 0;  // the process that `pid:live` means; 0: the caller
  // the words `user` and `other` of an `owner` line; both are ids of one user and group
  uid_t user = 0;
  uid_t other = 65534;
  // A folder for what the Hub holds: each named content before its damage, by the name of its blob,
  // and `listing` with a line "repo commit path blob kind", separated by tabs, for each file; for
  // each content that is named, one without a commit, with its name for the path. Empty: none.
  std::string hub_folder;
};

// A line that changes owners, and the caller is not root.
class NeedsRoot : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Makes the tree in `dest`, which is missing or an empty folder, and returns the variables (blob
// names, commits). Throws std::runtime_error with the number of the line; what was made until then
// stays.
Variables materialise(std::string_view tree_text, const std::string& dest,
                      const Options& options = {});

// The same for a case file, or for a file that holds nothing but a tree.
Variables materialise_file(const std::string& case_file, const std::string& dest,
                           const Options& options = {});

}  // namespace hfaudit::fixture
