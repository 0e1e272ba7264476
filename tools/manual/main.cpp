// hfaudit-options: a program for developers, which keeps the man pages as the table of options has
// it, and prints the table for tests. It stays in the build folder.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "manual/listing.hpp"
#include "manual/manual.hpp"

namespace {

constexpr const char* exit_usage =
    "usage: hfaudit-options --update PAGE...   writes the generated parts of man pages anew\n"
    "       hfaudit-options --check PAGE...    names the pages that differ from the table; ends "
    "with 1 if one "
    "does\n"
    "       hfaudit-options --table            prints the table\n"
    "       hfaudit-options --arguments WORD... prints what a command gets of these words\n";

bool is_up_to_date(const std::string& path, bool update) {
  std::ifstream file(path, std::ios::binary);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  if (!file || page.empty())
    return std::fprintf(stderr, "%s: cannot be read\n", path.c_str()), false;
  const auto renewed = hfaudit::cli::renewed_page(page);
  if (!renewed)
    return std::fprintf(stderr, "%s: %s: %s\n", path.c_str(), renewed.error().subject.c_str(),
                        renewed.error().cause.c_str()),
           false;
  if (*renewed == page) return true;
  if (!update)
    return std::fprintf(stderr, "%s differs from tools/options/; run: ninja man\n", path.c_str()),
           false;
  std::ofstream out(path, std::ios::binary);
  out << *renewed;
  return out.flush().good();
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && (words[0] == "--table" || words[0] == "--arguments")) {
    const auto text = words[0] == "--table"
                          ? hfaudit::cli::table_listing()
                          : hfaudit::cli::arguments_listing({words.begin() + 1, words.end()});
    return std::fputs(text.c_str(), stdout) < 0 ? 1 : 0;
  }
  const bool update = !words.empty() && words[0] == "--update";
  if (words.size() < 2 || (!update && words[0] != "--check"))
    return std::fputs(exit_usage, stderr), 2;
  bool all = true;
  for (std::size_t i = 1; i < words.size(); ++i)
    all = is_up_to_date(words[i], update) && all;
  return all ? 0 : 1;
}
