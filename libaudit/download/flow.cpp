#include "download/flow.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "download/file_writer.hpp"

namespace hfaudit {

void Flow::reset(std::uint64_t start) {
  for (auto& piece : pieces_) {
    for (auto& chunk : piece.chunks)
      buffers_.give(std::move(chunk));
  }
  pieces_.clear();
  next_ = start;
}

Piece& Flow::add(std::uint64_t length) {
  auto& piece = pieces_.emplace_back();
  piece.begin = piece.at = next_;
  piece.end = next_ + std::min(length, unasked());
  next_ = piece.end;
  return piece;
}

Piece* Flow::idle() {
  const auto found = std::find_if(pieces_.begin(), pieces_.end(),
                                  [](const Piece& piece) { return piece.streams == 0 && !piece.complete(); });
  return found == pieces_.end() ? nullptr : &*found;
}

std::uint64_t Flow::ahead() const {
  return pieces_.empty() ? 0 : next_ - pieces_.front().end;
}

std::size_t Flow::accept(Piece& piece, std::uint64_t offset, std::span<const char> bytes) {
  const auto known = std::min<std::uint64_t>(piece.at - offset, bytes.size());
  auto rest = bytes.subspan(static_cast<std::size_t>(known));
  rest = rest.first(static_cast<std::size_t>(std::min<std::uint64_t>(rest.size(), piece.end - piece.at)));
  const auto news = rest.size();
  while (!rest.empty()) {
    if (piece.chunks.empty() || piece.chunks.back().room().empty()) piece.chunks.push_back(buffers_.take());
    auto& chunk = piece.chunks.back();
    const auto count = std::min(rest.size(), chunk.room().size());
    std::memcpy(chunk.room().data(), rest.data(), count);
    chunk.length += count;
    rest = rest.subspan(count);
  }
  piece.at += news;
  if (news != 0) piece.doubts = 0;
  return news;
}

// What is behind the last whole page stays here: files are written in whole pages.
Chunk Flow::cut_page(Chunk& chunk) {
  auto rest = buffers_.take();
  rest.length = chunk.length % Chunk::page;
  chunk.length -= rest.length;
  std::memcpy(rest.memory.get(), chunk.memory.get() + chunk.length, rest.length);
  return rest;
}

void Flow::hand_on(FileWriter& writer, bool partly) {
  while (!pieces_.empty()) {
    auto& piece = pieces_.front();
    while (!piece.chunks.empty()) {
      auto& first = piece.chunks.front();
      const bool full = first.room().empty() || piece.complete();
      if (!full && (!partly || first.length < Chunk::page)) break;
      auto chunk = std::move(first);
      piece.chunks.pop_front();
      if (!full) piece.chunks.push_front(cut_page(chunk));
      writer.push(std::move(chunk));
    }
    if (!piece.complete() || piece.streams != 0) return;
    pieces_.pop_front();
  }
}

void Flow::cut(Piece& piece, std::uint64_t end) {
  piece.end = next_ = end;
}

Piece& Flow::join() {
  auto& head = pieces_.front();
  for (auto piece = std::next(pieces_.begin()); piece != pieces_.end(); ++piece) {
    for (auto& chunk : piece->chunks)
      buffers_.give(std::move(chunk));
  }
  pieces_.erase(std::next(pieces_.begin()), pieces_.end());
  head.end = next_ = size_;
  return head;
}

}  // namespace hfaudit
