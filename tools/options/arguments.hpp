// A command line that was read: the command, and the values of its options.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "options/table.hpp"
#include "options/values.hpp"

namespace hfaudit::cli {

// The name of an option in a template's arguments.
template <std::size_t kSize>
struct OptionName {
  char text[kSize];
  consteval OptionName(const char (&literal)[kSize]) { std::copy_n(literal, kSize, text); }  // NOLINT: "--jobs"
  [[nodiscard]] constexpr std::string_view view() const { return {text, kSize - 1}; }
};

class Arguments {
 public:
  explicit Arguments(Command command) : command_(command) {}

  [[nodiscard]] Command command() const { return command_; }

  // The value of an option: bool of a flag, std::vector<std::string> of one that may be repeated, else by its Kind;
  // a std::optional where there is no default. An option that the command does not take has an empty value.
  //   const bool dry_run = arguments.get<"--dry-run">();
  template <OptionName kName>
  [[nodiscard]] auto get() const {
    constexpr const Option* kOption = find_option(kName.view());
    static_assert(kOption != nullptr, "the table of options has no such row");
    if constexpr (kOption->repeatable) {
      return find<std::vector<std::string>>(kName.view()).value_or(std::vector<std::string>{});
    } else if constexpr (kOption->kind == Kind::flag) {
      return find<bool>(kName.view()).value_or(false);
    } else if constexpr (kOption->kind == Kind::number || kOption->kind == Kind::bytes) {
      return with_initial<kOption->initial.empty()>(find<std::uint64_t>(kName.view()));
    } else if constexpr (kOption->kind == Kind::duration) {
      return with_initial<kOption->initial.empty()>(find<Milliseconds>(kName.view()));
    } else {
      return with_initial<kOption->initial.empty()>(find<std::string>(kName.view()));
    }
  }

  // By the option's main name.
  void set(std::string_view name, Value value) { values_.insert_or_assign(name, std::move(value)); }
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }

  std::vector<std::string> rest;  // what follows `--` in a preflight: the command to start

 private:
  template <class T>
  [[nodiscard]] std::optional<T> find(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return std::get<T>(found->second);
  }
  template <bool kOptional, class T>
  [[nodiscard]] static auto with_initial(std::optional<T> value) {
    if constexpr (kOptional) {
      return value;
    } else {
      return value.value_or(T{});
    }
  }

  Command command_;
  std::map<std::string_view, Value> values_;
};

}  // namespace hfaudit::cli
