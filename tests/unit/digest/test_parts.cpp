// One large file in parts, each from a state of its chain: the result is that of a read from
// beginning to end, whatever the chain says and whatever happens to the file.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>

#include "catch_any.hpp"
#include "digest/reading.hpp"
#include "digest/sha256_plan.hpp"

using namespace hfaudit;
using namespace std::chrono_literals;

namespace {

constexpr auto block = static_cast<std::size_t>(chain_block_bytes);

std::string pattern(std::size_t size) {
  std::mt19937 random(21);
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; i += 64)
    bytes[i] = static_cast<char>(random() >> 24U);
  return bytes;
}

Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

struct Known {
  std::string sha256;
  BlockChain chain;
};

// By OpenSSL, which knows no parts, and the states by one stream.
Known known(const std::string& content) {
  auto digest = Sha256::begin(Sha256Engine::openssl);
  auto chained = ChainedSha256::begin();
  digest->update(content);
  chained->update(bytes_of(content));
  Known result{to_hex(*digest->finish()), {content.size(), {}}};
  result.chain.states = chained->states();
  return result;
}

// One file, whose chain is what a test says.
class OneFile final : public ReadingSource {
 public:
  OneFile() {
    if (::mkdtemp(folder_.data()) == nullptr)
      throw std::runtime_error("no folder for temporary files");
  }
  ~OneFile() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  OneFile(const OneFile&) = delete;
  OneFile& operator=(const OneFile&) = delete;

  void write(const std::string& content) const {
    std::ofstream(path(), std::ios::binary) << content;
  }
  [[nodiscard]] std::string path() const { return folder_ + "/file"; }

  [[nodiscard]] Result<std::unique_ptr<os::File>> open(std::size_t) override {
    auto folder = os::Directory::open_root(folder_);
    if (!folder) return tl::unexpected(folder.error());
    return folder->open_file("file");
  }
  void done(std::size_t, ContentRead read) override {
    const std::scoped_lock lock(mutex_);
    ++times;
    result = std::move(read);
  }
  [[nodiscard]] std::optional<BlockChain> chain_of(std::size_t) override {
    const std::scoped_lock lock(mutex_);
    ++asked;
    return chain;
  }

  ContentRead run(const ReadingLimits& limits = {}) {
    times = asked = 0;
    most_open = 0;
    const std::vector<ReadingJob> jobs{{std::filesystem::file_size(path()), true, false}};
    read_all(jobs, *this, limits, [&](const ReadingProgress& progress) {
      last = progress;
      most_open = std::max(most_open, open_now());
    });
    REQUIRE(times == 1);
    return result;
  }

  std::optional<BlockChain> chain;
  int times = 0, asked = 0;
  std::size_t most_open = 0;  // descriptors of the file at a time
  ReadingProgress last;
  ContentRead result;

 private:
  [[nodiscard]] std::size_t open_now() const {
    std::size_t count = 0;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
      if (std::filesystem::read_symlink(entry.path(), code) == path()) ++count;
    return count;
  }

  std::string folder_ = "/var/tmp/hfaudit-test-XXXXXX";
  std::mutex mutex_;
};

ReadingLimits threads(unsigned count) {
  ReadingLimits limits;
  limits.threads = count;
  return limits;
}

void drop_from_cache(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ::fdatasync(fd);
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  ::close(fd);
}

void flip(const std::string& path, std::size_t offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  const auto byte = static_cast<char>(file.get() ^ 1);
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(byte);
}

}  // namespace

TEST_CASE("parts: a right file, its digest and its chain") {
  OneFile file;
  for (const auto size : {4 * block + 12'345, 2 * block, 2 * block + 1}) {
    const auto content = pattern(size);
    const auto right = known(content);
    file.write(content);
    file.chain = right.chain;
    for (const auto count : {1U, 32U}) {
      INFO(size << " bytes, " << count << " threads");
      if (count > 1) drop_from_cache(file.path());
      const auto read = file.run(threads(count));
      CHECK(read.outcome == ReadOutcome::whole);
      CHECK(read.sha256 == right.sha256);
      CHECK(read.chain == right.chain.states);
      CHECK(read.size == size);
      CHECK(read.head == content.substr(0, 1024));
      CHECK(file.last.bytes == size);
      CHECK(file.last.files == 1);
      CHECK(file.asked == (count == 1 && sha256_best_plan().streams() < 2 ? 0 : 1));
    }
  }
}

TEST_CASE("parts: they are read at the same time") {
  OneFile file;
  const auto content = pattern(4 * block);
  file.write(content);
  file.chain = known(content).chain;
  auto limits = threads(2);
  limits.max_rate = 200'000'000;  // a third of a second
  CHECK(file.run(limits).outcome == ReadOutcome::whole);
  CHECK(file.most_open > 1);
  file.chain.reset();
  CHECK(file.run(limits).outcome == ReadOutcome::whole);
  CHECK(file.most_open == 1);
}

TEST_CASE("parts: a flipped bit anywhere gives the digest of the damaged file") {
  OneFile file;
  auto content = pattern(3 * block + 12'345);
  file.chain = known(content).chain;
  for (const auto offset : {std::size_t{0}, block - 1, block, 3 * block - 1, content.size() - 1}) {
    file.write(content);
    flip(file.path(), offset);
    auto damaged = content;
    damaged[offset] = static_cast<char>(damaged[offset] ^ 1);
    const auto right = known(damaged);
    INFO(offset);
    const auto read = file.run(threads(2));
    CHECK(read.outcome == ReadOutcome::whole);
    CHECK(read.sha256 == right.sha256);
    CHECK(read.chain == right.chain.states);
    CHECK(file.last.bytes == content.size());
  }
}

TEST_CASE("parts: a wrong chain, whichever of its states, changes nothing") {
  OneFile file;
  const auto content = pattern(3 * block + 5);
  const auto right = known(content);
  file.write(content);
  const auto check = [&](const BlockChain& chain) {
    file.chain = chain;
    const auto read = file.run(threads(4));
    CHECK(read.outcome == ReadOutcome::whole);
    CHECK(read.sha256 == right.sha256);
    CHECK(read.chain == right.chain.states);
  };
  for (std::size_t i = 0; i < right.chain.states.size(); ++i) {
    auto chain = right.chain;
    chain.states[i][7] ^= 1U;
    INFO("state " << i);
    check(chain);
  }
  auto chain = right.chain;
  chain.states.assign(chain.states.size(), sha256_start);
  check(chain);
  // of another size, and with too few or too many states
  check({content.size() + 1, right.chain.states});
  chain = right.chain;
  chain.states.pop_back();
  check(chain);
  chain.states.resize(9);
  check(chain);
  check({content.size(), {}});
}

TEST_CASE("parts: a chain that was forged for damaged content never makes it the right one") {
  OneFile file;
  const auto content = pattern(3 * block);
  auto damaged = content;
  damaged[block + 3] = static_cast<char>(damaged[block + 3] ^ 1);
  const auto right = known(content), wrong = known(damaged);
  // states of the damaged content, but the last ones lead to the right digest
  file.chain = wrong.chain;
  file.chain->states[1] = right.chain.states[1];
  file.chain->states[2] = right.chain.states[2];
  file.write(damaged);
  const auto read = file.run(threads(4));
  CHECK(read.sha256 == wrong.sha256);
  CHECK(read.chain == wrong.chain.states);
}

TEST_CASE("parts: a file of another length than its chain") {
  OneFile file;
  const auto content = pattern(3 * block);
  file.chain = known(content).chain;
  for (const auto size : {2 * block + 1, 3 * block + 1}) {
    auto other = content;
    other.resize(size);
    file.write(other);
    const auto read = file.run(threads(2));
    CHECK(read.outcome == ReadOutcome::whole);
    CHECK(read.sha256 == known(other).sha256);
  }
}

TEST_CASE("parts: a file that changes while it is read is told") {
  OneFile file;
  const auto content = pattern(3 * block);
  file.chain = known(content).chain;
  const std::vector<std::function<void()>> changes{
      [&] { flip(file.path(), 2 * block + 5); },
      [&] { std::filesystem::resize_file(file.path(), 2 * block + 5); },
      [&] { std::filesystem::resize_file(file.path(), 4 * block); },
      [&] { std::filesystem::resize_file(file.path(), 0); }};
  for (const auto& change : changes) {
    file.write(content);
    auto limits = threads(2);
    limits.max_rate = 80'000'000;  // some 600 ms
    std::thread other([&] { std::this_thread::sleep_for(150ms), change(); });
    const auto read = file.run(limits);
    other.join();
    CHECK(read.outcome == ReadOutcome::changed);
  }
}

TEST_CASE("parts: an interrupted read ends soon, and is no result") {
  OneFile file;
  const auto content = pattern(3 * block);
  file.write(content);
  file.chain = known(content).chain;
  auto limits = threads(3);
  limits.max_rate = 1'000'000;
  const std::vector<ReadingJob> jobs{{content.size(), true, false}};
  std::stop_source interrupted;
  limits.stop = interrupted.get_token();
  std::thread other([&] { std::this_thread::sleep_for(150ms), interrupted.request_stop(); });
  const auto begin = std::chrono::steady_clock::now();
  read_all(jobs, file, limits, [](const ReadingProgress&) {});
  other.join();
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  CHECK(file.times == 0);
}
