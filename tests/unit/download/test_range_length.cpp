// How long the next requested range is.
#include "catch_any.hpp"
#include "download/range_length.hpp"

using namespace hfaudit;

TEST_CASE("range length: ranges ahead of their turn fill half of the memory, within bounds") {
  struct Row {
    std::size_t connections;
    std::uint64_t length;
  };
  for (const auto& row : {Row{0, 8 * mib}, Row{1, 8 * mib}, Row{6, 8 * mib}, Row{8, 6 * mib},
                          Row{16, 3 * mib}, Row{48, mib}, Row{1000, mib}}) {
    CAPTURE(row.connections);
    CHECK(ahead_length(row.connections) == row.length);
  }
}

TEST_CASE("range length: a single connection asks for ever more at once") {
  std::uint64_t length = 0;
  for (const std::uint64_t expected : {16U, 32U, 64U, 128U, 256U, 512U, 512U, 512U}) {
    length = solo_length(length);
    CHECK(length == expected * mib);
  }
}

TEST_CASE(
    "range length: the head waits for the queue alone, ranges behind it for all of the file") {
  CHECK_FALSE(disk_is_behind(true, most_queued, 100 * mib));
  CHECK(disk_is_behind(true, most_queued + 1, 0));
  CHECK_FALSE(disk_is_behind(false, 100 * mib, most_at_risk));
  CHECK(disk_is_behind(false, 0, most_at_risk + 1));
}

TEST_CASE("range length: a running range is cut only where much of it is left") {
  struct Row {
    std::uint64_t at, end, cut;
  };
  for (const auto& row : {Row{0, 100, 10}, Row{0, 21, 10}, Row{0, 20, 20}, Row{50, 100, 60},
                          Row{90, 100, 100}, Row{100, 100, 100}}) {
    CAPTURE(row.at, row.end);
    CHECK(cut_for_second(row.at, row.end, 10) == row.cut);
  }
}
