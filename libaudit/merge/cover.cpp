#include "merge/cover.hpp"

#include <algorithm>
#include <map>

#include "base/format.hpp"
#include "base/numbers.hpp"
#include "base/sum.hpp"
#include "merge/cache_state.hpp"

namespace hfaudit {
namespace {

// a listing, and into how many parts it was divided
using State = std::pair<std::string, unsigned>;
using Given = std::map<unsigned, const Source*>;  // a part, and the best report of it
using Partitions = std::map<State, Given>;

bool is_interrupted(const Source& source) {
  if (!source.exit_code) return true;
  using enum ExitCode;
  const ExitCode code = *source.exit_code;
  return code != ok && code != damage && code != incomplete && code != refused;
}

std::uint64_t read_by(const Source& source) {
  return source.verified ? plus(source.verified->proven.bytes, source.verified->unverifiable.bytes)
                         : 0;
}

// Of two reports of one part the whole one, else the one that read more, else the later one.
bool is_better(const Source& a, const Source& b) {
  const auto rank = [](const Source& source) {
    return std::tuple(read_all(source), read_by(source), source.started_at);
  };
  return rank(a) > rank(b);
}

Partitions partitions_given(std::span<const Source> sources) {
  Partitions partitions;
  for (const Source& source : sources) {
    const SubsetTaken* part = part_of(source);
    if (part == nullptr) continue;
    const Source*& best = partitions[{part->listing, part->of}][part->part];
    if (best == nullptr || is_better(source, *best)) best = &source;
  }
  return partitions;
}

// "3,5-7": of 1 to `of`, those for which `has` is false. The cost depends on the given parts,
// independent of `of`.
std::string others(const Given& given, unsigned of, bool (*has)(const Source&)) {
  std::string text;
  unsigned next = 1;
  const auto put = [&text, &next](unsigned end) {  // next … end - 1
    if (next >= end) return;
    text += text.empty() ? "" : ",";
    text += next + 1 == end ? formatted("{}", next) : formatted("{}-{}", next, end - 1);
  };
  for (const auto& [part, source] : given) {
    if (!has(*source)) continue;
    put(part);
    next = part + 1;
  }
  put(of + 1);
  return text;
}

bool is_given(const Source&) {
  return true;
}

std::string parts_in_words(const std::string& parts, unsigned of) {
  const bool several = parts.find_first_of(",-") != std::string::npos;
  return formatted("{} {} of {} {}", several ? "parts" : "part", parts, of, several ? "are" : "is");
}

std::string cause_of(const Source& source, bool has_unreadable) {
  if (!source.exit_code) return "its report breaks off before its end";
  using enum ExitCode;
  const ExitCode code = *source.exit_code;
  const int number = to_int(code);
  if (was_interrupted(code)) return formatted("it was interrupted (exit code {})", number);
  if (is_interrupted(source)) return formatted("it could not do its work (exit code {})", number);
  const FileTotals left = source.verified ? source.verified->left : FileTotals{};
  if (left.files > 0) return counted(left.files, "file") + " not read to the end";
  if (left.bytes > 0) return counted(left.bytes, "byte") + " not read";
  const bool unseen = (code == incomplete || code == refused) && !has_unreadable;
  return unseen ? formatted("it could not check everything (exit code {})", number) : "";
}

FileTotals operator+(const FileTotals& a, const FileTotals& b) {
  return {plus(a.files, b.files), plus(a.bytes, b.bytes)};
}

// The parts of one partition: all of them are of one listing, so its total is the same in each.
Verified verified_together(const Given& given) {
  Verified all;
  FileTotals total;
  for (const auto& [part, source] : given) {
    add(all, *source->verified);
    total.files = std::max(total.files, source->verified->total.files);
    total.bytes = std::max(total.bytes, source->verified->total.bytes);
  }
  all.total = total;
  if (given.size() == 1) all.subset = given.begin()->second->verified->subset;
  return all;
}

// Why the parts are incomplete; else empty.
std::string cause_of(const Given& given, unsigned of) {
  const std::string absent = others(given, of, is_given);
  std::string cause = absent.empty() ? "" : parts_in_words(absent, of) + " missing";
  for (const auto& [part, source] : given) {
    if (read_all(*source)) continue;
    cause += formatted("{}part {} of {} was not read to its end ({})", cause.empty() ? "" : "; ",
                       part, of, source->file);
  }
  if (!cause.empty()) return cause;
  // All parts of a listing are all of its files. Otherwise parts of different things bear the same
  // name.
  const Verified all = verified_together(given);
  const std::uint64_t read =
      plus(all.proven.files, plus(all.trusted.files, all.unverifiable.files));
  if (read >= all.total.files) return {};
  return formatted("all parts together read {} of {} files", read, all.total.files);
}

}  // namespace

bool read_all(const Source& source) {
  const bool left =
      source.verified && (source.verified->left.files > 0 || source.verified->left.bytes > 0);
  return !is_interrupted(source) && !left;
}

const SubsetTaken* part_of(const Source& source) {
  const bool any = source.verified && source.verified->subset && source.verified->subset->of != 0;
  return any ? &*source.verified->subset : nullptr;
}

std::vector<Partition> partitions_of(std::span<const Source> sources) {
  std::vector<Partition> all;
  for (const auto& [state, given] : partitions_given(sources)) {
    all.push_back({state.second, state.first, others(given, state.second, read_all)});
  }
  return all;
}

std::optional<Verified> verified_of(std::span<const Source> sources) {
  std::vector<Verified> readings;
  for (const auto& [state, given] : partitions_given(sources))
    readings.push_back(verified_together(given));
  for (const Source& source : sources) {
    if (source.verified && part_of(source) == nullptr) readings.push_back(*source.verified);
  }
  const auto rank = [](const Verified& read) {
    return std::tuple(plus(read.proven.bytes, plus(read.trusted.bytes, read.unverifiable.bytes)),
                      plus(read.proven.files, plus(read.trusted.files, read.unverifiable.files)),
                      read.total.bytes, read.seconds);
  };
  const auto best =
      std::max_element(readings.begin(), readings.end(),
                       [&rank](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return best == readings.end() ? std::nullopt : std::optional(*best);
}

std::vector<Unreadable> gaps_of(const CacheReport& cache, std::span<const Source> sources,
                                bool has_unreadable, const Divided& divided) {
  std::vector<Unreadable> gaps;
  const auto add_gap = [&gaps](const std::string& path, std::string cause) {
    gaps.push_back({path, std::string(merge_operation), std::move(cause)});
  };
  const Partitions partitions = partitions_given(sources);
  // listings all of whose files were read, in one partition or another
  std::set<std::string> whole;
  for (const auto& [state, given] : partitions) {
    if (cause_of(given, state.second).empty()) whole.insert(state.first);
  }
  for (const auto& [state, given] : partitions) {
    const std::string& listing = state.first;  // clang 14 is unable to capture a structured binding
    const unsigned of = state.second;
    if (whole.contains(listing)) continue;
    const auto is_of_another_state = [&](const auto& one) {
      return std::get<0>(one) == cache.place() && std::get<1>(one) == of &&
             std::get<2>(one) != listing;
    };
    const bool changed = std::any_of(divided.begin(), divided.end(), is_of_another_state);
    add_gap(cache.place(),
            cause_of(given, of) + (changed ? "; the cache changed between the parts" : ""));
  }
  for (const Source& source : sources) {
    // Another report of the same part may have read the files that this one left.
    const bool counted =
        part_of(source) != nullptr && (is_interrupted(source) || !read_all(source));
    const std::string cause = counted ? std::string() : cause_of(source, has_unreadable);
    if (!cause.empty()) add_gap(source.file, cause);
  }
  return gaps;
}

void add(Verified& all, const Verified& more) {
  const bool first = all.total.files == 0 && all.proven.files == 0 && all.trusted.files == 0;
  if (first) all.oldest_proof_s = more.oldest_proof_s;
  all.proven = all.proven + more.proven;
  all.unverifiable = all.unverifiable + more.unverifiable;
  all.left = all.left + more.left;
  all.total = all.total + more.total;
  all.trusted = all.trusted + more.trusted;
  const bool known = all.oldest_proof_s && more.oldest_proof_s;
  all.oldest_proof_s =
      known ? std::optional(std::max(*all.oldest_proof_s, *more.oldest_proof_s)) : std::nullopt;
  all.seconds += more.seconds;
}

}  // namespace hfaudit
