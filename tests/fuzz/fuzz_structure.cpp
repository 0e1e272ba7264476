#include "fuzz.hpp"

using namespace hfaudit;

void fuzz::try_input(std::string_view input) {
  // The first byte: which format, and in SparseSource how large.
  if (input.empty()) return;
  const auto format =
      static_cast<FileFormat>(static_cast<unsigned char>(input.front()) % file_formats);
  const auto size = fuzz::claimed_size(input);
  fuzz::SparseSource source(input.substr(1), size);
  const auto structure = examine(format, source);
  fuzz::require(structure.has_value());
  if (structure->state != StructureState::lfs_pointer) return fuzz::check_sizes(*structure, size);
  fuzz::require(structure->pointer && structure->pointer->size == structure->expected_size);
}
