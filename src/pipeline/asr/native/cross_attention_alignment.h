#pragma once

#include <utility>
#include <vector>

namespace steno::asr::native {

/// Where each text token lies in the audio, from the cross-attention of the alignment heads, as in
/// openai/whisper's timing.py. `scores` are the heads' products before the softmax, each
/// [rows x positions]; of the rows, `text_rows` from `first_text_row` on belong to the text, of the
/// positions the first `frames` to the audio. The result is the path of least cost, (text row,
/// position), from (0, 0) to the last pair.
std::vector<std::pair<int, int>> align_text(const std::vector<std::vector<float>>& scores, int rows,
                                            int positions, int frames, int first_text_row,
                                            int text_rows);

/// The cheapest monotonous path through a [rows x columns] cost matrix (dynamic time warping).
std::vector<std::pair<int, int>> warp(const std::vector<float>& cost, int rows, int columns);

}  // namespace steno::asr::native
