#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/format.hpp"
#include "base/whole_number.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/verify.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view parts_variable = "HFAUDIT_SUBSET_OF";

// A variable as a number; nullopt where it is unset. Errors: other text than a number.
Result<std::optional<std::uint64_t>> number_of(const Environment& environment,
                                               std::string_view name) {
  const auto text = environment.get(name);
  if (!text || text->empty()) return std::nullopt;
  constexpr std::uint64_t most = 1'000'000'000;
  const auto number = whole_number<std::uint64_t>(*text);
  if (!number || *number > most)
    return failure("use --subset", "array",
                   formatted("{} is no number: {}", name, printable(*text)));
  return number;
}

auto wrong_array(const std::string& why) {
  return failure("use --subset", "array", why);
}

Result<Subset> part_of(std::uint64_t part, std::uint64_t of) {
  return parse_subset(formatted("{}/{}", part, of));
}

// The variables of Slurm, each of which it sets for every task.
struct SlurmArray {
  std::uint64_t id = 0, least = 0, most = 0, step = 1, count = 0;
};

Result<Subset> slurm_part(const SlurmArray& array, std::optional<std::uint64_t> parts) {
  if (parts) {
    if (array.id < 1 || array.id > *parts)
      return wrong_array(
          formatted("task {} is none of the parts 1 to {} of {}: submit with "
                    "--array=1-{}",
                    array.id, *parts, parts_variable, *parts));
    return part_of(array.id, *parts);
  }
  const bool complete = array.count > 0 && array.step > 0 && array.id >= array.least &&
                        array.most == array.least + (array.count - 1) * array.step &&
                        (array.id - array.least) % array.step == 0 && array.id <= array.most;
  if (!complete)
    return wrong_array(
        formatted("the task ids of this array leave some out, so the number of parts "
                  "is not known: set {} to it",
                  parts_variable));
  return part_of((array.id - array.least) / array.step + 1, array.count);
}

Result<Subset> slurm_subset(const Environment& environment, std::uint64_t id,
                            std::optional<std::uint64_t> parts) {
  SlurmArray array;
  array.id = id;
  const std::pair<std::string_view, std::uint64_t*> variables[] = {
      {"SLURM_ARRAY_TASK_MIN", &array.least},
      {"SLURM_ARRAY_TASK_MAX", &array.most},
      {"SLURM_ARRAY_TASK_STEP", &array.step},
      {"SLURM_ARRAY_TASK_COUNT", &array.count}};
  for (const auto& [name, number] : variables) {
    const auto value = number_of(environment, name);
    if (!value) return tl::unexpected<Error>(value.error());
    if (*value) *number = **value;
  }
  // Some releases omit the largest id.
  if (array.most == 0 && array.count > 0) array.most = array.least + (array.count - 1) * array.step;
  return slurm_part(array, parts);
}

}  // namespace

Result<Subset> array_subset(const Environment& environment) {
  const auto parts = number_of(environment, parts_variable);
  if (!parts) return tl::unexpected<Error>(parts.error());
  const auto task = number_of(environment, "SLURM_ARRAY_TASK_ID");
  if (!task) return tl::unexpected<Error>(task.error());
  if (*task) return slurm_subset(environment, **task, *parts);
  const auto index = number_of(environment, "JOB_COMPLETION_INDEX");
  if (!index) return tl::unexpected<Error>(index.error());
  if (!*index)
    return wrong_array(
        "neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set; is this the task "
        "of an array job?");
  if (!*parts)
    return wrong_array(formatted("set {} to the Job's completions, which Kubernetes does not set",
                                 parts_variable));
  if (**index >= **parts)
    return wrong_array(
        formatted("JOB_COMPLETION_INDEX is {}, and {} is {}", **index, parts_variable, **parts));
  return part_of(**index + 1, **parts);
}

}  // namespace hfaudit
