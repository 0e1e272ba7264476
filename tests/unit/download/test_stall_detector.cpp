// How much silence of a server is too much.
#include <cmath>

#include "catch_any.hpp"
#include "download/stall_detector.hpp"

using namespace hfaudit;

namespace {

// Approx is in another place in each Catch2.
bool about(double value, double wanted) {
  return std::abs(value - wanted) < 0.01;
}

StallDetector steady(double seconds, int times = 100) {
  StallDetector detector;
  for (int i = 0; i < times; ++i)
    detector.note(seconds);
  return detector;
}

}  // namespace

TEST_CASE("stall detector: a server that is not known gets a moment") {
  CHECK(about(StallDetector().threshold(), 2));
}

TEST_CASE("stall detector: threshold is twice the longest silence of late, and a little more") {
  CHECK(about(steady(0.5, 1).threshold(), 1.075));
  CHECK(about(steady(0.5).threshold(), 1.075));

  auto fitful = steady(0.01);
  fitful.note(0.8);
  CHECK(about(fitful.threshold(), 1.675));
  for (int i = 0; i < 10; ++i)
    fitful.note(0.01);
  CHECK(fitful.threshold() > 1.4);  // it may happen again
}

TEST_CASE("stall detector: it follows a server that becomes slower or faster") {
  auto detector = steady(0.1);
  const double before = detector.threshold();
  detector.note(1);
  CHECK(detector.threshold() > 5 * before);
  for (int i = 0; i < 500; ++i)
    detector.note(0.1);
  CHECK(about(detector.threshold(), before));
}

TEST_CASE("stall detector: neither a seventh of a second nor five are left behind") {
  CHECK(about(steady(0).threshold(), 0.15));
  CHECK(about(steady(3600).threshold(), 5));
}

TEST_CASE("stall detector: what is done with a range") {
  struct Row {
    const char* what;
    RangeActivity range;
    StallAction action;
  };
  const auto detector = steady(0.1);  // threshold: 0.275 s
  using enum StallAction;
  for (const auto& row : {
           Row{"bytes come", {0.1, 0.1}, wait},
           Row{"just in time", {0.27, 0.27}, wait},
           Row{"stalled", {0.28, 0.28}, hedge},
           Row{"its hedge is given twice as long", {0.5, 0.5, 1}, wait},
           Row{"the hedge stalled", {0.56, 0.56, 1}, hedge},
           Row{"four times", {1.05, 1.2, 2}, wait},
           Row{"and again", {1.11, 1.2, 2}, hedge},
           Row{"doublings have an end", {20'000, 1, 1000}, hedge},
           Row{"it waits for the disk", {100, 100, 0, true}, wait},
           Row{"from zero: ten seconds", {9.9, 9.9, 0, false, true}, wait},
           Row{"from zero, stalled", {10.1, 10.1, 0, false, true}, hedge},
           Row{"the idle timeout", {1, 300, 9}, wait},
           Row{"beyond it", {1, 300.1, 9}, abandon},
           Row{"beyond it while paused", {1, 300.1, 9, true}, abandon},
       }) {
    CAPTURE(row.what);
    CHECK((detector.action_for(row.range, 300) == row.action));
  }
}

TEST_CASE("stall detector: one hedge, then two in its place, and three requests at most") {
  struct Row {
    unsigned hedges;
    std::size_t streams;
    bool whole_only;
    std::size_t cancelled;
    unsigned opened;
  };
  for (const auto& row : {Row{0, 1, false, 0, 1}, Row{1, 2, false, 1, 2}, Row{2, 3, false, 2, 2},
                          Row{1, 1, false, 0, 2}, Row{0, 3, false, 1, 1}, Row{0, 1, true, 0, 1},
                          Row{1, 2, true, 0, 1}, Row{2, 3, true, 1, 1}}) {
    CAPTURE(row.hedges, row.streams, row.whole_only);
    const auto plan = StallDetector::plan_hedge(row.hedges, row.streams, row.whole_only);
    CHECK((plan.cancelled == row.cancelled && plan.opened == row.opened));
  }
}
