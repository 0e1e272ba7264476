#include "digest/lane_schedule.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace hfaudit {
namespace {

void advance_work(LaneWork& work, std::size_t blocks) {
  work.blocks += blocks * sha256_block;
  work.count -= blocks;
}

// The messages in lanes, and those that wait for one.
class LaneSchedule {
 public:
  LaneSchedule(const Sha256Plan& plan, std::span<LaneWork> work)
      : plan_(plan), waiting_(work), beside_(plan.beside != nullptr ? plan.beside->beside : 0) {}

  // As long as lanes pay. The rest keeps its counts.
  void run() {
    for (;;) {
      fill();
      if (busy_ < plan_.break_even) return;
      step();
    }
  }

 private:
  // The longest wait first in line.
  [[nodiscard]] LaneWork* next() {
    if (waiting_.empty()) return nullptr;
    auto* const work = waiting_.data();
    waiting_ = waiting_.subspan(1);
    return work;
  }

  void fill() {
    busy_ = 0;
    for (std::size_t lane = 0; lane < plan_.lanes->lanes; ++lane) {
      auto*& work = in_lane_[lane];
      if (work == nullptr || work->count == 0) work = next();
      if (work != nullptr) ++busy_;
    }
    // less than it needs for one step: the end of a message
    while (beside_ != 0 && (in_beside_ == nullptr || in_beside_->count < beside_)) {
      if (in_beside_ != nullptr) finish(*in_beside_);
      in_beside_ = next();
      if (in_beside_ == nullptr) break;
    }
  }

  void finish(LaneWork& work) const {
    plan_.alone->one(*work.state, work.blocks, work.count);
    advance_work(work, work.count);
  }

  // All by as many blocks as the shortest has. Idle lanes read the data of a busy one.
  void step() {
    std::array<Sha256State*, most_hash_streams> states{};
    std::array<const unsigned char*, most_hash_streams> blocks{};
    const LaneWork* any = nullptr;
    std::size_t count = std::numeric_limits<std::size_t>::max();
    for (std::size_t lane = 0; lane < plan_.lanes->lanes; ++lane) {
      if (const auto* work = in_lane_[lane]; work != nullptr) {
        any = work;
        count = std::min(count, work->count);
      }
    }
    if (in_beside_ != nullptr) count = std::min(count, in_beside_->count / beside_);
    for (std::size_t lane = 0; lane < plan_.lanes->lanes; ++lane) {
      const auto* work = in_lane_[lane];
      states[lane] = work != nullptr ? work->state : &idle_[lane];
      blocks[lane] = work != nullptr ? work->blocks : any->blocks;
    }
    if (in_beside_ != nullptr) {
      states[plan_.lanes->lanes] = in_beside_->state;
      blocks[plan_.lanes->lanes] = in_beside_->blocks;
      plan_.beside->advance(states.data(), blocks.data(), count);
      advance_work(*in_beside_, count * beside_);
    } else {
      plan_.lanes->advance(states.data(), blocks.data(), count);
    }
    for (auto* work : in_lane_) {
      if (work != nullptr) advance_work(*work, count);
    }
  }

  const Sha256Plan& plan_;
  std::span<LaneWork> waiting_;
  std::size_t beside_;
  std::array<LaneWork*, most_hash_streams> in_lane_{};
  LaneWork* in_beside_ = nullptr;
  std::array<Sha256State, most_hash_streams> idle_{};
  std::size_t busy_ = 0;
};

void sort_by_count(std::span<LaneWork> work) {
  std::ranges::sort(work, [](const LaneWork& a, const LaneWork& b) { return a.count > b.count; });
}

// Always the two longest: their common part, so that the rest comes beside another one.
void hash_in_pairs(const Sha256Kernel& kernel, std::span<LaneWork> work) {
  for (;;) {
    sort_by_count(work);
    if (work.empty() || work[0].count == 0) return;
    if (work.size() == 1 || work[1].count == 0) {
      kernel.one(*work[0].state, work[0].blocks, work[0].count);
      return advance_work(work[0], work[0].count);
    }
    const auto count = work[1].count;
    kernel.two(*work[0].state, work[0].blocks, *work[1].state, work[1].blocks, count);
    advance_work(work[0], count);
    advance_work(work[1], count);
  }
}

}  // namespace

void hash_blocks(const Sha256Plan& plan, std::span<LaneWork> work) {
  if (plan.lanes != nullptr && work.size() >= plan.break_even) {
    sort_by_count(work);
    const auto empty = std::ranges::find(work, std::size_t{0}, &LaneWork::count);
    LaneSchedule(plan, {work.begin(), empty}).run();
  }
  hash_in_pairs(*plan.alone, work);
}

}  // namespace hfaudit
