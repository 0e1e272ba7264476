// hfaudit-options: a program for developers, which keeps the man pages as the table of options has
// it. Not installed.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "manual/manual.hpp"

namespace {

constexpr const char* exit_usage =
    "usage: hfaudit-options --update PAGE...   writes the generated parts of man pages anew\n"
    "       hfaudit-options --check PAGE...    names the pages that differ from the table; ends "
    "with 1 if one "
    "does\n";

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
  const bool update = !words.empty() && words[0] == "--update";
  if (words.size() < 2 || (!update && words[0] != "--check"))
    return std::fputs(exit_usage, stderr), 2;
  bool all = true;
  for (std::size_t i = 1; i < words.size(); ++i)
    all = is_up_to_date(words[i], update) && all;
  return all ? 0 : 1;
}
