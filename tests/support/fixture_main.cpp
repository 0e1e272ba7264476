// hfaudit-fixture [--live-pid N] [--user UID] [--other UID] [--hub FOLDER] CASE.txt DEST
// Makes the cache that CASE.txt, a case file of fixtures/ or a tree alone, describes. 0: made; 1:
// could not; 2: usage; 77: needs root.
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "fixture.hpp"

namespace {

int usage() {
  std::cerr << "usage: hfaudit-fixture [--live-pid PID] [--user UID] [--other UID] [--hub FOLDER] "
               "CASE.txt DEST\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  hfaudit::fixture::Options options;
  options.live_pid = getppid();  // whoever asked for the tree outlives this program
  options.user = geteuid();
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool number = word == "--live-pid" || word == "--user" || word == "--other";
    if (!number && word != "--hub") {
      paths.push_back(word);
      continue;
    }
    if (++i == argc) return usage();
    if (word == "--hub") options.hub_folder = argv[i];
    const auto value = std::strtoul(argv[i], nullptr, 10);
    if (word == "--live-pid") options.live_pid = static_cast<pid_t>(value);
    if (word == "--user") options.user = static_cast<uid_t>(value);
    if (word == "--other") options.other = static_cast<uid_t>(value);
  }
  if (paths.size() != 2) return usage();
  try {
    hfaudit::fixture::materialise_file(paths[0], paths[1], options);
  } catch (const hfaudit::fixture::NeedsRoot& error) {
    std::cerr << "hfaudit-fixture: " << error.what() << "\n";
    return 77;
  } catch (const std::exception& error) {
    std::cerr << "hfaudit-fixture: " << paths[0] << ": " << error.what() << "\n";
    return 1;
  }
  return 0;
}
