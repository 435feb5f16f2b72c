#pragma once

#include <utility>
#include <vector>

namespace steno::asr::native {

/// Aligns text tokens with the audio by the cross-attention of the alignment heads, as in
/// openai/whisper's timing.py. `scores` are the heads' products before the softmax, each [rows x
/// positions]. The text has `text_rows` rows from `first_text_row`; the audio has the first
/// `frames` positions. Returns the path of least cost as (text row, position), from (0, 0) to the
/// last pair.
std::vector<std::pair<int, int>> align_text(const std::vector<std::vector<float>>& scores, int rows,
                                            int positions, int frames, int first_text_row,
                                            int text_rows);

/// The cheapest monotonic path through a [rows x columns] cost matrix (dynamic time warping).
std::vector<std::pair<int, int>> warp(const std::vector<float>& cost, int rows, int columns);

}  // namespace steno::asr::native
