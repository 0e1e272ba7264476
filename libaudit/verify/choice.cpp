// Which files a verify reads: all, a part or a sample of them, without those whose proof is young
// enough; and after a scan again those that are new.
#include <algorithm>

#include "os/unix_time.hpp"
#include "verify/subset.hpp"
#include "verify/verification.hpp"

namespace hfaudit {

void Verification::collect_from(std::size_t repo) {
  auto contents = std::move(run_.repos()[repo].judgement.contents);
  for (auto& content : contents) {
    const auto [at, fresh] = known_.try_emplace(content.key, items_.size());
    const auto same_file = [&](const Content& other) {
      return other.size == content.size && other.mtime_ns == content.mtime_ns;
    };
    // its number was given away
    if (!fresh && !same_file(items_[at->second].content)) at->second = items_.size();
    if (at->second == items_.size()) {
      items_.push_back({repo, std::move(content)});
      continue;
    }
    auto& item = items_[at->second];
    if (item.repo != repo) item.other_repos.push_back(repo);
    item.content.suspect = item.content.suspect || content.suspect;
    add_claims(item.content, content.claims);
  }
}

// Unreadable files are distributed with the rest, so that the parts of a job add up to the whole;
// but a random sample leaves them out.
void Verification::choose_items() {
  const bool drawn = how_.subset && how_.subset->of == 0;
  std::vector<Unit> units;
  std::vector<std::size_t> numbers;  // of the units, in items_
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const auto& content = items_[i].content;
    const bool readable = !content.claims.empty();
    add_file(total_, content.size);
    if (readable && proven_files_.holds(content.key, content.mtime_ns)) {
      add_file(proven_, content.size);
      continue;
    }
    if (drawn && !readable) add_file(unverifiable_, content.size);
    if (drawn && !readable) continue;
    units.push_back({run_.path_of(items_[i].repo, content), readable ? content.size : 0});
    numbers.push_back(i);
  }
  if (how_.subset && how_.subset->of != 0) listing_ = listing_of(units);
  for (const auto unit : how_.subset ? choose(units, *how_.subset, rng_) : by_falling_size(units)) {
    const auto& content = items_[numbers[unit]].content;
    if (content.claims.empty()) {
      add_file(unverifiable_, content.size);
      continue;
    }
    chosen_.push_back(numbers[unit]);
    add_file(asked_, content.size);
  }
}

void Verification::collect() {
  if (!items_.empty()) return;
  for (std::size_t repo = 0; repo < run_.repos().size(); ++repo)
    collect_from(repo);
}

// Files that this process has downloaded were hashed on the way.
void Verification::keep_earlier_proofs() {
  if (proven_files_.empty()) return;
  collect();
  std::vector<VerifyItem*> items;
  for (auto& item : items_)
    items.push_back(&item);
  keeper_->record_proven(items, proven_files_);
}

// Files whose proof is young enough are skipped; the others in the order of their proofs, those
// without one first. Content whose own header says that it is broken is read all the same.
void Verification::set_aside_trusted(const std::stop_token& stop) {
  std::vector<VerifyItem*> chosen;
  chosen.reserve(chosen_.size());
  for (const auto i : chosen_)
    chosen.push_back(&items_[i]);
  keeper_->look_up(std::move(chosen), stop);
  const auto now_s = unix_time_s();
  std::erase_if(chosen_, [&](std::size_t i) {
    auto& item = items_[i];
    const bool young =
        item.proven_at_s && now_s - *item.proven_at_s <= how_.ledger.max_age->count();
    if (!young || item.content.suspect) return false;
    item.trusted = true;
    add_file(trusted_, item.content.size);
    asked_.files -= 1;
    asked_.bytes -= std::min(asked_.bytes, item.content.size);
    proven_files_.add(item.content.key, item.content.mtime_ns, {});
    return true;
  });
  if (how_.command == VerifyCommand::scrub) std::shuffle(chosen_.begin(), chosen_.end(), rng_);
  std::stable_sort(chosen_.begin(), chosen_.end(), [&](std::size_t a, std::size_t b) {
    return items_[a].proven_at_s.value_or(0) < items_[b].proven_at_s.value_or(0);
  });
}

// Of all content that can be proven; reads of this run are new. nullopt: some is unproven.
std::optional<std::uint64_t> Verification::oldest_proof_s() const {
  const auto now_s = unix_time_s();
  std::int64_t oldest = 0;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const auto& content = items_[i].content;
    const auto current = known_.find(content.key);
    if (content.claims.empty() || current == known_.end() || current->second != i) continue;
    const bool read = !items_[i].trusted && proven_files_.holds(content.key, content.mtime_ns);
    if (read) continue;
    if (!items_[i].proven_at_s) return std::nullopt;
    oldest = std::max(oldest, now_s - *items_[i].proven_at_s);
  }
  return static_cast<std::uint64_t>(oldest);
}

// Files that came while others were read, and those that changed under the reader. Of a part only
// the replacements of files that were to be read.
void Verification::choose_what_is_new() {
  chosen_.clear();
  for (auto at = odd_.begin(); at != odd_.end();) {
    const bool again = at->second.outcome == ReadOutcome::changed;
    if (again) known_.erase(at->first);
    at = again ? odd_.erase(at) : std::next(at);
  }
  const auto old = items_.size();
  for (const auto repo : odd_repos_)
    collect_from(repo);
  for (auto i = old; i < items_.size(); ++i) {
    const auto& content = items_[i].content;
    const bool wanted = !how_.subset || replaced_.contains(run_.path_of(items_[i].repo, content));
    if (content.claims.empty() || !wanted) continue;
    chosen_.push_back(i);
    add_file(asked_, content.size);
  }
}

}  // namespace hfaudit
