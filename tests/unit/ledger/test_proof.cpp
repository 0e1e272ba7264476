#include "ledger/proof.hpp"

#include <limits>

#include "catch_any.hpp"
#include "ledger/proof_record.hpp"

using namespace hfaudit;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t now_ns = 1'800'000'000 * second_ns + 123;

FileVersion some_file() {
  FileVersion file;
  file.file_system = {2, 7, 7};
  file.inode = 11;
  file.size = 4096;
  file.mtime_ns = now_ns - 3600 * second_ns;
  file.ctime_ns = now_ns - 3600 * second_ns;
  file.birth_ns = now_ns - 7200 * second_ns;
  return file;
}

ContentProof some_proof() {
  return {some_file(), std::string(64, 'a'), std::string(40, 'b'), now_ns / second_ns - 60,
          "0.1.0"};
}

ReadingStart quiet_for(std::chrono::nanoseconds quiet, ChangeTimes times, Writers writers) {
  ReadingStart start{some_file(), times, writers, now_ns};
  start.file.ctime_ns = now_ns - quiet.count();
  return start;
}

}  // namespace

TEST_CASE("a proof is recorded only of a file that no later change can hide from", "[ledger]") {
  using enum ChangeTimes;
  // an hour is quiet enough for all but those that can never be proven
  CHECK(may_be_recorded(quiet_for(1h, shown, Writers::none)));
  CHECK(may_be_recorded(quiet_for(1h, shown, Writers::unknown)));
  CHECK(may_be_recorded(quiet_for(1h, late, Writers::unknown)));
  CHECK_FALSE(may_be_recorded(quiet_for(1h, shown, Writers::some)));
  CHECK_FALSE(may_be_recorded(quiet_for(1h, late, Writers::some)));
  for (const auto writers : {Writers::none, Writers::some, Writers::unknown})
    CHECK_FALSE(may_be_recorded(quiet_for(24h * 365, none, writers)));

  // within a tick of the clock two versions have one ctime
  CHECK_FALSE(may_be_recorded(quiet_for(0ms, shown, Writers::none)));
  CHECK_FALSE(may_be_recorded(quiet_for(99ms, shown, Writers::none)));
  CHECK(may_be_recorded(quiet_for(100ms, shown, Writers::none)));
  // a writer that cannot be seen has its pages written back within half a minute
  CHECK_FALSE(may_be_recorded(quiet_for(9min, shown, Writers::unknown)));
  CHECK_FALSE(may_be_recorded(quiet_for(9min, late, Writers::none)));
  CHECK(may_be_recorded(quiet_for(10min, late, Writers::none)));
  // a ctime in the future: some clock was set back
  CHECK_FALSE(may_be_recorded(quiet_for(-1h, shown, Writers::none)));
}

TEST_CASE("on a file system of whole seconds a file rests for longer", "[ledger]") {
  auto start = quiet_for(1s + 123ns, ChangeTimes::shown, Writers::none);
  REQUIRE(start.file.ctime_ns % second_ns == 0);
  CHECK_FALSE(may_be_recorded(start));
  start.file.ctime_ns -= 2 * second_ns;
  CHECK(may_be_recorded(start));
}

TEST_CASE("any change of the file's version ends a proof", "[ledger]") {
  const auto proof = some_proof();
  const auto now_s = now_ns / second_ns;
  const std::vector<Claim> claims{{ClaimSource::name, HashKind::sha256, proof.sha256, false},
                                  {ClaimSource::tree, HashKind::git_sha1, proof.git_sha1, false}};
  const auto believed = [&](const FileVersion& file) {
    return is_believed(proof, file, claims, now_s, 1h);
  };
  CHECK(believed(some_file()));
  for (const auto change : {0, 1, 2, 3, 4, 5}) {
    for (const int by : {-1, 1}) {
      auto file = some_file();
      if (change == 0) file.file_system[15] = 1;
      if (change == 1) file.inode += static_cast<std::uint64_t>(by);
      if (change == 2) file.size += static_cast<std::uint64_t>(by);
      if (change == 3) file.mtime_ns += by;
      if (change == 4) file.ctime_ns += by;  // `touch -d` and `cp -p` set all but this
      if (change == 5) file.birth_ns += by;
      CAPTURE(change, by);
      CHECK_FALSE(believed(file));
    }
  }
}

TEST_CASE("a proof counts for its time, and for the hashes that it has", "[ledger]") {
  const auto proof = some_proof();
  const auto at = proof.proven_at_s;
  const auto believed = [&](const std::vector<Claim>& claims, std::int64_t now_s,
                            std::chrono::seconds age) {
    return is_believed(proof, some_file(), claims, now_s, age);
  };
  const Claim right{ClaimSource::name, HashKind::sha256, proof.sha256, false};
  CHECK(believed({right}, at + 60, 60s));
  CHECK_FALSE(believed({right}, at + 61, 60s));
  CHECK(believed({right}, at, 0s));
  CHECK_FALSE(believed({right}, at - 1, std::chrono::seconds::max()));  // proven in the future
  CHECK(believed({right}, at + 1, std::chrono::seconds::max()));

  auto wrong = right;
  wrong.hex[0] = 'c';
  CHECK_FALSE(believed({wrong}, at, 1h));
  CHECK_FALSE(believed({right, wrong}, at, 1h));
  // another hash than those that were computed
  auto partial = proof;
  partial.git_sha1.clear();
  const Claim other{ClaimSource::tree, HashKind::git_sha1, proof.git_sha1, false};
  CHECK_FALSE(is_believed(partial, some_file(), {right, other}, at, 1h));
  CHECK_FALSE(is_believed(partial, some_file(),
                          {{ClaimSource::tree, HashKind::git_sha1, "", false}}, at, 1h));
}

TEST_CASE("a ledger gives back what was put in", "[ledger]") {
  auto second = some_proof();
  second.file.inode = std::numeric_limits<std::uint64_t>::max();
  second.file.mtime_ns = std::numeric_limits<std::int64_t>::min();
  second.git_sha1.clear();
  second.version = "12345678901234567890";
  const auto bytes = std::string(ledger_heading) + encode(some_proof()) + encode(second);
  const auto proofs = decode_ledger(bytes);
  REQUIRE(proofs.size() == 2);
  CHECK(proofs[0].file == some_file());
  CHECK(proofs[0].sha256 == std::string(64, 'a'));
  CHECK(proofs[0].git_sha1 == std::string(40, 'b'));
  CHECK(proofs[0].proven_at_s == some_proof().proven_at_s);
  CHECK(proofs[0].version == "0.1.0");
  CHECK(proofs[1].file == second.file);
  CHECK(proofs[1].git_sha1.empty());
  CHECK(proofs[1].version == "1234567890123456");
}

TEST_CASE("any damaged byte costs its record and no other", "[ledger]") {
  auto second = some_proof();
  second.file.inode = 12;
  const auto whole = std::string(ledger_heading) + encode(some_proof()) + encode(second);
  for (std::size_t at = ledger_heading.size(); at < ledger_heading.size() + proof_record_bytes;
       ++at) {
    for (const unsigned bit : {1U, 128U}) {
      auto damaged = whole;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ bit);
      const auto proofs = decode_ledger(damaged);
      CAPTURE(at);
      REQUIRE(proofs.size() == 1);
      CHECK(proofs[0].file.inode == 12);
    }
  }
  // torn at every byte: whole records before it stay
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto proofs = decode_ledger(std::string_view(whole).substr(0, size));
    const auto records =
        size < ledger_heading.size() ? 0 : (size - ledger_heading.size()) / proof_record_bytes;
    REQUIRE(proofs.size() == records);
  }
  CHECK(decode_ledger("something else\n" + whole).empty());
}

TEST_CASE("a later proof of the same file supersedes", "[ledger]") {
  auto later = some_proof();
  later.proven_at_s += 10;
  auto elsewhere = some_proof();
  elsewhere.file.file_system[3] = 9;
  const auto kept = without_superseded({some_proof(), elsewhere, later});
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].file.file_system == elsewhere.file.file_system);
  CHECK(kept[1].proven_at_s == later.proven_at_s);
}
