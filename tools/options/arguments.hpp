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
template <std::size_t length>
struct OptionName {
  char text[length];
  consteval OptionName(const char (&literal)[length]) {
    std::copy_n(literal, length, text);
  }  // NOLINT: "--jobs"
  [[nodiscard]] constexpr std::string_view view() const { return {text, length - 1}; }
};

class Arguments {
 public:
  explicit Arguments(Command command) : command_(command) {}

  [[nodiscard]] Command command() const { return command_; }

  // The value of an option: bool of a flag, std::vector<std::string> of one that may be repeated,
  // else by its Kind; a std::optional without a default. An option that the command lacks has an
  // empty value.
  //   const bool dry_run = arguments.get<"--dry-run">();
  template <OptionName name>
  [[nodiscard]] auto get() const {
    constexpr const Option* option = find_option(name.view());
    static_assert(option != nullptr, "the table of options has no such row");
    if constexpr (option->repeatable) {
      return find<std::vector<std::string>>(name.view()).value_or(std::vector<std::string>{});
    } else if constexpr (option->kind == Kind::flag) {
      return find<bool>(name.view()).value_or(false);
    } else if constexpr (option->kind == Kind::number || option->kind == Kind::bytes) {
      return with_initial<option->initial.empty()>(find<std::uint64_t>(name.view()));
    } else if constexpr (option->kind == Kind::duration) {
      return with_initial<option->initial.empty()>(find<Milliseconds>(name.view()));
    } else {
      return with_initial<option->initial.empty()>(find<std::string>(name.view()));
    }
  }

  // By the option's main name.
  void set(std::string_view name, Value value) { values_.insert_or_assign(name, std::move(value)); }
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
  // Has another value than "no".
  [[nodiscard]] bool is_on(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return false;
    const bool* flag = std::get_if<bool>(&found->second);
    return flag == nullptr || *flag;
  }

  [[nodiscard]] const std::map<std::string_view, Value>& values() const { return values_; }

  std::vector<std::string> notes;  // lines for standard error, before the command begins
  std::vector<std::string> rest;   // the words after `--` in a preflight: the command to start

 private:
  template <class T>
  [[nodiscard]] std::optional<T> find(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return std::get<T>(found->second);
  }
  template <bool is_optional, class T>
  [[nodiscard]] static auto with_initial(const std::optional<T>& value) {
    if constexpr (is_optional) {
      return value;
    } else {
      return value.value_or(T{});
    }
  }

  Command command_;
  std::map<std::string_view, Value> values_;
};

}  // namespace hfaudit::cli
