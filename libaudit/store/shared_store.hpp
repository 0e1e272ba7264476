// The shared blob store of huggingface_hub 2 (its utils/_shared_blobs.py defines the layout):
// content of all repos of a cache, once.
//   <hub>/blobs/.huggingface-shared-blobs       "1" and a line end: the store is in use
//   <hub>/blobs/<xx>/<xet hash>                 the payload, read-only
//   <hub>/blobs/<xx>/<xet hash>.lock            flock(2), 0666
//   <hub>/blobs/<xx>/<xet hash>.refs            a line for each link, written before the link
//   <hub>/<repo>/blobs/<etag>                   ../../blobs/<xx>/<xet hash>
//
// A client trusts a payload of the right size. This store links to one only after it was hashed,
// and publishes only content that was. Content that cannot be shared stays the repo's own blob,
// which every client reads as well.
#pragma once

#include <optional>
#include <string>

#include "hfaudit/result.hpp"
#include "listings/listings.hpp"
#include "os/fs.hpp"

namespace hfaudit {

class SharedStore {
 public:
  // nullopt: the store is unused here, or another user's link stands in its place.
  [[nodiscard]] static std::optional<SharedStore> open(const os::Directory& hub);

  // `blobs/<etag>` becomes a link to a payload that is here and right. false: it stayed as it was.
  [[nodiscard]] bool link(const os::Directory& blobs, const std::string& repo_folder,
                          const TreeFile& file) const;
  // The repo's blob, whose content is proven, becomes the payload and a link to it. false: it stays
  // as it was.
  [[nodiscard]] bool publish(const os::Directory& blobs, const std::string& repo_folder,
                             const TreeFile& file) const;

 private:
  SharedStore(os::Directory store, std::uint32_t hub_mode)
      : store_(std::move(store)), hub_mode_(hub_mode) {}

  [[nodiscard]] std::optional<os::Directory> prefix_folder(const std::string& xet_hash,
                                                           bool made) const;
  [[nodiscard]] bool is_right(const os::Directory& folder, const TreeFile& file) const;
  [[nodiscard]] bool add_reference(const os::Directory& folder, const std::string& repo_folder,
                                   const TreeFile& file) const;
  [[nodiscard]] std::uint32_t payload_mode() const;
  [[nodiscard]] bool move_in(const os::Directory& blobs, const os::Directory& folder,
                             const TreeFile& file) const;

  os::Directory store_;
  std::uint32_t hub_mode_;
};

}  // namespace hfaudit
