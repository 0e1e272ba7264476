#include "cache/blob_name.hpp"
#include "cache/link_target.hpp"
#include "fuzz.hpp"
#include "listings/file_role.hpp"

using namespace hfaudit;

void fuzz::try_input(std::string_view input) {
  (void)may_hold_weights(input);
  (void)is_system_file(input);
  const auto text = link_text_in(input);
  if (text.empty()) return;
  // whatever wrote it, the text names a blob and is one line
  fuzz::require(looks_like_etag(blob_named_by(text)));
  fuzz::require(text.find('\n') == std::string::npos);
}
