#include "repair/ownership_rule.hpp"

#include "cache/blob_name.hpp"

namespace hfaudit {
namespace {

// As rules/check_access has it.
bool keeps_out(const FileInfo& meta, std::string_view name, const OwnershipContext& context) {
  const auto& access = meta.access;
  if (meta.type == FileType::directory) {
    const bool write = !context.shared || meta.uid == 0;
    return !access.read || !access.enter || (write && !access.write);
  }
  if (meta.type == FileType::symlink) return false;  // its own permissions are meaningless
  const auto known = classify_blob_name(name);
  const bool written =
      known.kind == BlobNameKind::lock || name.ends_with(".lock") || name.ends_with(".incomplete");
  return !access.read || (written && !access.write);
}

}  // namespace

OwnershipFix ownership_fix_for(const FileInfo& meta, std::string_view name,
                               const OwnershipContext& context) {
  if (meta.uid == context.uid || meta.type == FileType::other) return OwnershipFix::leave;
  if (meta.uid == 0 && !context.shared) return OwnershipFix::give;
  if (!keeps_out(meta, name, context)) return OwnershipFix::leave;
  // Other members' own: repair/sharing lets the group in.
  return !context.shared || meta.uid == 0 ? OwnershipFix::give : OwnershipFix::leave;
}

}  // namespace hfaudit
