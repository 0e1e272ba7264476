#include "digest/reading.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>

#include "catch_any.hpp"
#include "digest/digest.hpp"
#include "digest/thread_count.hpp"
#include "fixture_digest.hpp"

using namespace hfaudit;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

// Files in a folder, and what was said of each. Catch's macros are for one thread: the tests look
// afterwards.
class TestSource final : public ReadingSource {
 public:
  TestSource() {
    if (::mkdtemp(folder_.data()) == nullptr)
      throw std::runtime_error("no folder for temporary files");
  }
  ~TestSource() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TestSource(const TestSource&) = delete;
  TestSource& operator=(const TestSource&) = delete;

  void add(std::string bytes, bool sha256 = true, bool git_sha1 = false) {
    std::ofstream(path(jobs.size()), std::ios::binary) << bytes;
    jobs.push_back({bytes.size(), sha256, git_sha1});
    expected.emplace_back(sha256 ? fixture::sha256_hex(bytes) : "",
                          git_sha1 ? fixture::git_oid(bytes) : "");
    contents.push_back(std::move(bytes));
  }
  [[nodiscard]] std::string path(std::size_t job) const {
    return folder_ + "/" + std::to_string(job);
  }

  [[nodiscard]] Result<std::unique_ptr<os::File>> open(std::size_t job) override {
    if (job == throws_at) throw std::runtime_error("a bug");
    if (job == fails_at) return failure("open", "file", "Permission denied", EACCES);
    if (job == gone_at) return nullptr;
    auto folder = os::Directory::open_root(folder_);
    if (!folder) return tl::unexpected(folder.error());
    return folder->open_file(std::to_string(job));
  }
  void done(std::size_t job, ContentRead read) override {
    const std::scoped_lock lock(mutex_);
    ++times[job];
    reads[job] = std::move(read);
  }

  ReadingProgress run(const ReadingLimits& limits) {
    ReadingProgress last;
    read_all(jobs, *this, limits, [&](const ReadingProgress& progress) { last = progress; });
    return last;
  }

  static constexpr auto never = static_cast<std::size_t>(-1);
  std::size_t throws_at = never, fails_at = never, gone_at = never;
  std::vector<ReadingJob> jobs;
  std::vector<std::string> contents;
  std::vector<std::pair<std::string, std::string>> expected;  // SHA-256, git's SHA-1
  std::map<std::size_t, int> times;
  std::map<std::size_t, ContentRead> reads;

 private:
  std::string folder_ = "/var/tmp/hfaudit-test-XXXXXX";
  std::mutex mutex_;
};

std::string noise_text(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  // Four bytes a number: each call costs under sanitizers.
  for (std::size_t i = 0; i < size; i += 4) {
    const auto number = static_cast<std::uint32_t>(random());
    std::memcpy(bytes.data() + i, &number, std::min<std::size_t>(4, size - i));
  }
  return bytes;
}

ReadingLimits with_threads(unsigned threads) {
  ReadingLimits limits;
  limits.threads = threads;
  return limits;
}

// Large ones and small ones, of both kinds, sorted as verify() does.
void fill(TestSource& place) {
  std::vector<std::size_t> sizes{3'000'001, 2'500'000, 2'097'152, 1'048'577, 700'000};
  for (std::size_t i = 0; i < 60; ++i)
    sizes.push_back(i < 58 ? 100'000 - i * 1'721 : 0);
  for (std::size_t i = 0; i < sizes.size(); ++i)
    place.add(noise_text(sizes[i], static_cast<unsigned>(i)), i % 5 != 4, i % 5 > 2);
}

void check_all(const TestSource& place) {
  REQUIRE(place.reads.size() == place.jobs.size());
  for (const auto& [job, read] : place.reads) {
    INFO("job " << job);
    CHECK(place.times.at(job) == 1);
    CHECK(read.outcome == ReadOutcome::whole);
    CHECK(read.size == place.contents[job].size());
    CHECK(read.sha256 == place.expected[job].first);
    CHECK(read.git_sha1 == place.expected[job].second);
    CHECK(read.head == place.contents[job].substr(0, read.head.size()));
  }
}

}  // namespace

TEST_CASE("reading: every file once, with the right hashes, by however many threads") {
  TestSource place;
  fill(place);
  std::uint64_t bytes = 0;
  for (const auto& job : place.jobs)
    bytes += job.size;
  for (const unsigned threads : {0U, 1U, 64U}) {
    for (const bool cold : {false, true}) {
      for (std::size_t job = 0; cold && job < place.jobs.size(); ++job) {
        const int fd = ::open(place.path(job).c_str(), O_RDONLY | O_CLOEXEC);
        ::fdatasync(fd);
        ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        ::close(fd);
      }
      place.reads.clear();
      place.times.clear();
      INFO(threads << " threads" << (cold ? ", from the disk" : ""));
      const auto progress = place.run(with_threads(threads));
      CHECK(progress.files == place.jobs.size());
      CHECK(progress.bytes == bytes);
      check_all(place);
    }
  }
}

TEST_CASE("reading: nothing to do, and files that are gone or shut") {
  TestSource place;
  CHECK(place.run({}).files == 0);
  for (unsigned i = 0; i < 4; ++i)
    place.add(noise_text(10'000, i));
  place.gone_at = 1;
  place.fails_at = 2;
  CHECK(place.run({}).files == 4);
  CHECK(place.reads.size() == 3);
  CHECK_FALSE(place.reads.contains(1));
  CHECK(place.reads[2].outcome == ReadOutcome::unreadable);
  CHECK(place.reads[2].cause == "Permission denied");
  CHECK(place.reads[3].outcome == ReadOutcome::whole);
}

TEST_CASE("reading: a file that is another one by the time that it is opened") {
  TestSource place;
  place.add(noise_text(200'000, 1));
  place.jobs[0].size = 100'000;  // it grew since
  static_cast<void>(place.run({}));
  CHECK(place.reads[0].size == 200'000);
  CHECK(place.reads[0].sha256 == place.expected[0].first);
}

TEST_CASE("reading: what is thrown in a thread arrives") {
  for (const unsigned threads : {1U, 8U}) {
    TestSource place;
    fill(place);
    place.throws_at = 7;
    CHECK_THROWS_AS(place.run(with_threads(threads)), std::runtime_error);
  }
}

TEST_CASE("reading: what the caller throws arrives too, and no thread is left behind") {
  TestSource place;
  fill(place);
  CHECK_THROWS_AS(
      read_all(place.jobs, place, {}, [](const auto&) { throw std::runtime_error("no more"); }),
      std::runtime_error);
}

// A MiB a second: all of it would take a quarter of a minute.
TEST_CASE("reading: ends soon when interrupted or out of time, however slow") {
  TestSource place;
  for (unsigned i = 0; i < 8; ++i)
    place.add(std::string(2'000'000, 'x'), false);
  for (const unsigned threads : {1U, 64U}) {
    auto limits = with_threads(threads);
    limits.max_rate = 1 << 20;
    std::stop_source interrupted;
    limits.stop = interrupted.get_token();
    std::thread somebody;
    const auto begin = Clock::now();
    if (threads == 1)
      limits.until = begin + 150ms;
    else
      somebody =
          std::thread([&] { std::this_thread::sleep_for(150ms), interrupted.request_stop(); });
    CHECK(place.run(limits).files == 0);
    CHECK(Clock::now() - begin < 5s);
    CHECK(place.reads.empty());
    if (somebody.joinable()) somebody.join();
  }
}

TEST_CASE("reading: no faster than it may") {
  TestSource place;
  for (unsigned i = 0; i < 3; ++i)
    place.add(noise_text(2'000'000, i));
  auto limits = with_threads(2);
  limits.max_rate = 20'000'000;  // 300 ms
  const auto begin = Clock::now();
  CHECK(place.run(limits).files == 3);
  CHECK(Clock::now() - begin > 150ms);
  CHECK(Clock::now() - begin < 5s);
  check_all(place);
}

namespace {

// A disk that yields `speed(threads)` a second while all its readers wait.
template <class Speed>
unsigned settle(Speed speed, double waiting, unsigned first = 4) {
  auto now = Clock::time_point{} + 1h;
  ThreadCount count(first, 48, now);
  double done = 0;
  auto waited = 0ns;
  unsigned threads = first;
  for (int inspect = 0; inspect < 20; ++inspect) {
    now += 250ms;
    done += 0.25 * speed(threads);
    waited += std::chrono::nanoseconds(static_cast<std::int64_t>(250e6 * waiting * threads));
    threads = count.inspect(now, done, waited);
  }
  return threads;
}

}  // namespace

TEST_CASE("reading: how many threads pay off") {
  const auto distant = [](unsigned threads) { return 10.0 * threads; };
  CHECK(settle(distant, 0.95) == 48);
  CHECK(settle(distant, 0.2) == 4);  // busy as they are
  CHECK(settle([](unsigned threads) { return std::min(10.0 * threads, 160.0); }, 0.95) == 16);
  CHECK(settle([](unsigned) { return 500.0; }, 0.9) == 4);  // one reader is enough, or many
  CHECK(settle([](unsigned threads) { return 200.0 / threads; }, 0.9) == 1);  // a disk that turns
  CHECK(settle([](unsigned threads) { return 200.0 / threads; }, 0.9, 1) == 1);
  // slower: back again
  CHECK(settle([](unsigned threads) { return threads > 4 ? 10.0 : 100.0; }, 0.9) == 4);
}

TEST_CASE("reading: fewer threads only as long as they wait") {
  const auto begin = Clock::time_point{} + 1h;
  ThreadCount count(8, 48, begin);
  CHECK(count.inspect(begin + 100ms, 1, 700ms) == 8);  // too early to tell
  CHECK(count.inspect(begin + 250ms, 100, 1900ms) == 16);
  CHECK(count.inspect(begin + 500ms, 150, 5s) == 4);
  CHECK(count.inspect(begin + 750ms, 250, 6s) == 4);  // the others were at the end of their turns
  CHECK(count.inspect(begin + 1000ms, 450, 7s) == 2);
  CHECK(count.inspect(begin + 1250ms, 500, 7500ms) == 2);
  CHECK(count.inspect(begin + 1500ms, 550, 8s) == 4);
  CHECK(count.inspect(begin + 1750ms, 900, 8100ms) == 8);  // from memory now
}
