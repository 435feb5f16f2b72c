#include "pipeline/asr/native/cross_attention_alignment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>

namespace steno::asr::native {
namespace {

constexpr int kMedianWidth = 7;

void softmax(float* row, int count) {
  const float peak = *std::max_element(row, row + count);
  float sum = 0;
  for (int i = 0; i < count; ++i) sum += row[i] = std::exp(row[i] - peak);
  for (int i = 0; i < count; ++i) row[i] /= sum;
}

/// Normalises each column to mean 0 and variance 1.
void standardise_columns(std::vector<float>& matrix, int rows, int columns) {
  std::vector<double> mean(columns, 0.0);
  std::vector<double> square(columns, 0.0);
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) mean[c] += matrix[static_cast<size_t>(r) * columns + c];
  }
  for (double& value : mean) value /= rows;
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      const double difference = matrix[static_cast<size_t>(r) * columns + c] - mean[c];
      square[c] += difference * difference;
    }
  }
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      float& value = matrix[static_cast<size_t>(r) * columns + c];
      const double deviation = std::sqrt(square[c] / rows);
      value = deviation > 0 ? static_cast<float>((value - mean[c]) / deviation) : 0.0f;
    }
  }
}

/// The median of seven values by compare and exchange without branches (the network of N.
/// Devillard's "Fast median search", 1998).
float median(std::array<float, kMedianWidth> v) {
  const auto sort = [&v](int a, int b) {
    const float low = std::min(v[a], v[b]);
    v[b] = std::max(v[a], v[b]);
    v[a] = low;
  };
  sort(0, 5), sort(0, 3), sort(1, 6), sort(2, 4), sort(0, 1), sort(3, 5), sort(2, 6);
  sort(2, 3), sort(3, 6), sort(4, 5), sort(1, 4), sort(1, 3), sort(3, 4);
  return v[3];
}

/// The median of the seven values around `at`. The row is mirrored at its ends.
float median_at(const float* row, int count, int at) {
  constexpr int kReach = kMedianWidth / 2;
  std::array<float, kMedianWidth> window;
  if (at >= kReach && at + kReach < count) {
    std::copy_n(row + at - kReach, kMedianWidth, window.begin());
    return median(window);
  }
  for (int i = 0; i < kMedianWidth; ++i) {
    int index = std::abs(at + i - kReach);
    if (index >= count) index = 2 * (count - 1) - index;
    window[i] = row[std::clamp(index, 0, count - 1)];
  }
  return median(window);
}

}  // namespace

std::vector<std::pair<int, int>> align_text(const std::vector<std::vector<float>>& scores, int rows,
                                            int positions, int frames, int first_text_row,
                                            int text_rows) {
  if (scores.empty() || frames < 1) return {};
  std::vector<float> cost(static_cast<size_t>(text_rows) * frames, 0.0f);
  for (const std::vector<float>& head : scores) {
    std::vector<float> matrix(static_cast<size_t>(rows) * frames);
    for (int r = 0; r < rows; ++r) {
      const float* source = head.data() + static_cast<size_t>(r) * positions;
      float* row = matrix.data() + static_cast<size_t>(r) * frames;
      std::copy(source, source + frames, row);
      softmax(row, frames);
    }
    standardise_columns(matrix, rows, frames);
    for (int r = 0; r < text_rows; ++r) {
      const float* row = matrix.data() + static_cast<size_t>(first_text_row + r) * frames;
      for (int c = 0; c < frames; ++c) {
        cost[static_cast<size_t>(r) * frames + c] -=
            median_at(row, frames, c) / static_cast<float>(scores.size());
      }
    }
  }
  return warp(cost, text_rows, frames);
}

std::vector<std::pair<int, int>> warp(const std::vector<float>& cost, int rows, int columns) {
  enum Step : uint8_t { diagonal, up, left };
  const size_t stride = static_cast<size_t>(columns) + 1;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> previous(stride, kInfinity);
  std::vector<float> current(stride, kInfinity);
  std::vector<uint8_t> steps((static_cast<size_t>(rows) + 1) * stride, diagonal);
  previous[0] = 0;
  for (int r = 1; r <= rows; ++r) {
    current[0] = kInfinity;
    for (int c = 1; c <= columns; ++c) {
      const float from_diagonal = previous[c - 1];
      const float from_up = previous[c];
      const float from_left = current[c - 1];
      float best = from_left;
      Step step = left;
      if (from_diagonal < from_up && from_diagonal < from_left) {
        best = from_diagonal;
        step = diagonal;
      } else if (from_up < from_diagonal && from_up < from_left) {
        best = from_up;
        step = up;
      }
      current[c] = cost[static_cast<size_t>(r - 1) * columns + (c - 1)] + best;
      steps[r * stride + c] = step;
    }
    std::swap(previous, current);
  }
  std::vector<std::pair<int, int>> path;
  int r = rows;
  int c = columns;
  while (r > 0 && c > 0) {
    path.emplace_back(r - 1, c - 1);
    const uint8_t step = steps[r * stride + c];
    if (step != left) --r;
    if (step != up) --c;
  }
  for (; c > 0; --c) path.emplace_back(0, c - 1);
  for (; r > 0; --r) path.emplace_back(r - 1, 0);
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace steno::asr::native
