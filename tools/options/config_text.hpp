// Reads the text of config.toml. Pure.
//
// A subset of TOML 1.0, of which each text means the same in full TOML:
//
//   color = "never"              # for all commands that have the option
//   [pull]
//   max-rate = "20M"             # a key is the name of an option
//   notify = ["https://a.example", 'exec:logger -t pull']
//   ipv4 = true
//   connections = 8
//
// Strings in one line, numbers, booleans, and lists of them; sections one deep, also as dotted keys
// (`pull.ipv4 = true`). CLI11's reader is unsuitable: it ends a quoted text at a `#`, makes an
// empty value of the blank in `["a" , "b"]`, and lacks line numbers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace hfaudit::cli {

struct ConfigEntry {
  std::string section;  // empty: of all commands
  std::string key;
  std::vector<std::string> values;  // a number or a boolean as it is written
  bool is_list = false;
  unsigned line = 0;  // from 1
};

// In the order of the text. Errors: "3: a text needs quotes", with the number of the line.
[[nodiscard]] tl::expected<std::vector<ConfigEntry>, std::string> read_config(
    std::string_view text);

}  // namespace hfaudit::cli
