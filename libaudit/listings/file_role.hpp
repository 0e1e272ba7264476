// The role of a repo's file for the program that loads the model, judged by its name alone. Pure.
//
// Every list of weight formats is incomplete: MLX, scikit-learn, SavedModel, ExecuTorch, TensorRT
// and others bring their own. So the question "does this model have weights?" is answered from the
// other side: the names of configurations, tokenizers, code and documents are known, and any other
// file may hold weights.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace hfaudit {

// A format of weights that is known by its extension, except for files that training leaves beside
// a model (`optimizer.bin`, `training_args.bin`).
[[nodiscard]] bool is_weight_file(std::string_view path);

// A file that a loader takes for the whole model, or a shard of it. Adapters are weights, but lack
// the model.
[[nodiscard]] bool is_model_weights(std::string_view path);

// Any file, unless it is known to be something else: a configuration, a tokenizer, a vocabulary,
// code, a document, an image, a sample, a leftover of training. True for each is_weight_file().
[[nodiscard]] bool may_hold_weights(std::string_view path);

// Text for people: README, LICENSE, `*.md`, `.gitattributes`.
[[nodiscard]] bool is_document(std::string_view path);

// An image, a sound or a film by its extension. In a dataset they are the data.
[[nodiscard]] bool is_media(std::string_view path);

// A file from which a loader starts, directly in the snapshot: it asks for weights.
[[nodiscard]] bool is_loader_start(std::string_view path);

// A file that an operating system, a file manager or a synchronisation tool leaves in any folder:
// `._x` of macOS, `.DS_Store`, `desktop.ini`, `Thumbs.db`, `x:Zone.Identifier`, `@eaDir/…`.
[[nodiscard]] bool is_system_file(std::string_view path);

// A folder of such files, by its own name: `@eaDir`, `lost+found`, `$RECYCLE.BIN`.
[[nodiscard]] bool is_system_folder(std::string_view name);

// The file that an unfinished download of a browser or a download manager is to become; empty for
// any other name. Of aria2, axel and lftp that file has notes, and the bytes are in the target.
[[nodiscard]] std::string_view target_of_partial(std::string_view name);
inline constexpr std::array<std::string_view, 3> notes_suffixes{".aria2", ".st",
                                                                ".lftp-pget-status"};
[[nodiscard]] bool is_notes_name(std::string_view name);

// The file that this one is a second copy of, by the name that a sync tool or a file manager gave
// it: `x (1).json`, `x (conflicted copy 2026-01-01).json`, `x - Copy.json`, `x 2.json`,
// `x.sync-conflict-20260101-120000-ABCDEFG.json`. Empty for any other name. Only beside the
// original is it a copy.
[[nodiscard]] std::string original_of_copy(std::string_view path);

// The same of a repo's folder, with the names of backups: `models--a--x.bak`, `models--a--x~`.
[[nodiscard]] std::string original_of_repo_copy(std::string_view folder);

// Whether the Hub's names have these characters alone.
[[nodiscard]] bool is_possible_repo_name(std::string_view folder);

}  // namespace hfaudit
