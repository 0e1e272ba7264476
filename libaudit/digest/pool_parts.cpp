// Files in parts: where they are cut, which parts count, and when they make a file.
#include <algorithm>
#include <utility>

#include "digest/pool.hpp"

namespace hfaudit {

// Under the lock, which it gives up for reading the chain and opening the file.
void Pool::cut(std::unique_lock<std::mutex>& lock, Stream& stream) {
  const auto all = open_ + (jobs_.size() - next_);
  if (all >= streams_for_all()) return;
  auto missing = streams_for_all() - all;
  const auto job = stream.number();
  open_ += missing;  // on behalf of the new ones, so that each part is made once
  lock.unlock();
  if (stream.wants_chain()) stream.set_chain(source_.chain_of(job));
  auto more = stream.cut(missing);
  lock.lock();
  open_ -= missing - more.size();
  if (more.empty()) return;
  auto& parts = parts_[job];
  if (stream.begins_at() == 0) parts[0];
  if (!parts.contains(stream.begins_at())) {  // dropped meanwhile
    open_ -= more.size();
    if (parts.empty()) parts_.erase(job);
    return;
  }
  for (auto& part : more) {
    parts[part->begins_at()];
    idle_.push_back(std::move(part));
  }
  changed_.notify_all();
}

void Pool::return_stream(Held stream) {
  std::vector<Held> over;  // a file, in its parts
  {
    const std::scoped_lock lock(mutex_);
    const auto parts = parts_.find(stream->number());
    if (parts != parts_.end() || stream->begins_at() != 0) {
      stream = return_part(std::move(stream));
    } else if (stream->is_over()) {
      --open_;
      over.push_back(std::move(stream));
    }
    if (stream != nullptr) idle_.push_back(std::move(stream));
    const auto is_over = [](const auto& part) { return part.second != nullptr; };
    if (parts != parts_.end() && std::ranges::all_of(parts->second, is_over)) {
      for (auto& [begin, part] : parts->second)
        over.push_back(std::move(part));
      parts_.erase(parts);
    }
    if (waiting_ > 0) changed_.notify_one();
  }
  if (!over.empty()) finish(std::move(over));
}

// Null: it is over, or dropped. The parts after unreadable bytes, or after bytes that led to
// another state than the chain's, are worthless: this part continues there, as without a chain.
Pool::Held Pool::return_part(Held stream) {
  const auto file = parts_.find(stream->number());
  const auto own =
      file == parts_.end() ? Parts::iterator() : file->second.find(stream->begins_at());
  if (file == parts_.end() || own == file->second.end()) {
    drop(*stream);
    --open_;
    return nullptr;
  }
  const bool leaves = !stream->has_failed() && !stream->follows_chain();
  if (leaves) stream->leave_chain();
  if (leaves || stream->has_failed()) drop_behind(stream->number(), file->second, own);
  if (!stream->is_over()) return stream;
  --open_;
  own->second = std::move(stream);
  return nullptr;
}

// Its data is read again and counts then.
void Pool::drop(const Stream& stream) {
  state_.bytes -= stream.done();
}

// Those that are in some thread's hands are dropped when they come back.
void Pool::drop_behind(std::size_t job, Parts& parts, Parts::iterator last) {
  for (auto part = std::next(last); part != parts.end(); part = parts.erase(part)) {
    if (part->second != nullptr) drop(*part->second);
    std::erase_if(idle_, [&](const Held& idle) {
      const bool same = idle->number() == job && idle->begins_at() == part->first;
      if (same) drop(*idle);
      if (same) --open_;
      return same;
    });
  }
}

void Pool::finish(std::vector<Held> parts) {
  const auto job = parts.front()->number();
  source_.done(job, parts.size() == 1 ? parts.front()->finish() : Stream::finish(std::move(parts)));
  ++state_.files;
  const std::scoped_lock lock(mutex_);
  count_finished();
}

}  // namespace hfaudit
