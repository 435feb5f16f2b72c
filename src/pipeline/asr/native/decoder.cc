#include "pipeline/asr/native/decoder.h"

#include <algorithm>
#include <cmath>

namespace steno::asr::native {

TextCache::TextCache(const Weights& weights, int slots)
    : layers_(static_cast<int>(weights.decoder.size())), slots_(slots), width_(weights.width) {}

float* TextCache::at(int position, int layer, int slot) {
  while (static_cast<int>(positions_.size()) <= position) {
    positions_.push_back(std::make_unique_for_overwrite<float[]>(static_cast<size_t>(layers_) *
                                                                 slots_ * 2 * width_));
  }
  return positions_[position].get() +
         (static_cast<size_t>(layer) * slots_ + slot) * 2 * static_cast<size_t>(width_);
}

void Decoder::embed(std::span<const TokenRow> rows) {
  const int width = weights_.width;
  x_.assign(rows.size() * width, 0.0f);
  for (size_t r = 0; r < rows.size(); ++r) {
    float* x = x_.data() + r * width;
    weights_.embeddings.add_row(rows[r].token, x);
    kernels_.add_scaled(
        weights_.text_position_embeddings.data() + static_cast<size_t>(rows[r].position) * width,
        1.0f, width, x);
  }
}

void Decoder::forward(std::span<const TokenRow> rows, Capture* capture) {
  embed(rows);
  const int count = static_cast<int>(rows.size());
  for (size_t i = 0; i < weights_.decoder.size(); ++i) {
    const DecoderLayer& layer = weights_.decoder[i];
    attend_to_text(layer.attention, static_cast<int>(i), rows);
    attend_to_audio(layer.cross, static_cast<int>(i), rows, capture);
    feed_forward(kernels_, layer.feed_forward, x_.data(), count, scratch_);
  }
}

void Decoder::attend_to_text(const SelfAttention& attention, int layer,
                             std::span<const TokenRow> rows) {
  const int width = weights_.width;
  const int head_width = width / weights_.heads;
  const int count = static_cast<int>(rows.size());
  normalise(kernels_, attention.norm, x_.data(), count, scratch_.normed);
  projected_.resize(static_cast<size_t>(count) * 3 * width);
  kernels_.multiply_i8(scratch_.normed.quantized(kernels_), attention.query_key_value.view(),
                       into(projected_.data(), 3 * width, attention.query_key_value));
  for (int r = 0; r < count; ++r) {
    const float* source = projected_.data() + static_cast<size_t>(r) * 3 * width;
    std::copy(source + width, source + 3 * width,
              rows[r].text->at(rows[r].position, layer, rows[r].slot));
  }
  attended_.resize(count, width);
  const float factor = 1.0f / std::sqrt(static_cast<float>(head_width));
  for (int r = 0; r < count; ++r) {
    const TokenRow& row = rows[r];
    const float* query = projected_.data() + static_cast<size_t>(r) * 3 * width;
    std::fill(attended_.row(r), attended_.row(r) + width, 0.0f);
    attention_weights_.resize(row.position + 1);
    std::vector<const float*> places(row.position + 1);
    for (int p = 0; p <= row.position; ++p) {
      places[p] = row.text->at(p, layer, p == row.position ? row.slot : row.path[p]);
    }
    for (int head = 0; head < weights_.heads; ++head) {
      const int offset = head * head_width;
      for (int p = 0; p <= row.position; ++p) {
        attention_weights_[p] =
            factor * kernels_.dot(query + offset, places[p] + offset, head_width);
      }
      const float peak = kernels_.maximum(attention_weights_.data(), row.position + 1);
      float sum = 0;
      for (float& weight : attention_weights_) sum += weight = std::exp(weight - peak);
      for (int p = 0; p <= row.position; ++p) {
        kernels_.add_scaled(places[p] + width + offset, attention_weights_[p] / sum, head_width,
                            attended_.row(r) + offset);
      }
    }
  }
  kernels_.multiply_i8(attended_.quantized(kernels_), attention.output.view(),
                       onto(x_.data(), width, attention.output));
}

void Decoder::attend_to_audio(const CrossAttention& attention, int layer,
                              std::span<const TokenRow> rows, Capture* capture) {
  const int width = weights_.width;
  const int head_width = width / weights_.heads;
  const int count = static_cast<int>(rows.size());
  normalise(kernels_, attention.norm, x_.data(), count, scratch_.normed);
  projected_.resize(static_cast<size_t>(count) * width);
  kernels_.multiply_i8(scratch_.normed.quantized(kernels_), attention.query.view(),
                       into(projected_.data(), width, attention.query));
  attended_.resize(count, width);
  const float factor = 1.0f / std::sqrt(static_cast<float>(head_width));
  const size_t query_size = static_cast<size_t>(head_width) * kernels_.activation_bytes;
  std::vector<std::byte> queries(count * query_size);
  std::vector<float> scales(count);
  std::vector<int32_t> zeros(count);
  for (int head = 0; head < weights_.heads; ++head) {
    const int offset = head * head_width;
    for (int r = 0; r < count; ++r) {
      kernels_.activate(projected_.data() + static_cast<size_t>(r) * width + offset, head_width,
                        queries.data() + r * query_size, scales[r], zeros[r]);
      scales[r] *= factor;
    }
    float* scores = nullptr;
    if (capture) {
      const auto found =
          std::find(capture->heads.begin(), capture->heads.end(), std::pair<int, int>(layer, head));
      if (found != capture->heads.end()) {
        auto& target = capture->scores[found - capture->heads.begin()];
        target.resize(static_cast<size_t>(count) * rows[0].audio->positions);
        scores = target.data();
      }
    }
    for (int first = 0; first < count;) {
      int end = first + 1;
      while (end < count && rows[end].audio == rows[first].audio) ++end;
      rows[first].audio->heads[static_cast<size_t>(layer) * weights_.heads + head].attend(
          kernels_,
          {queries.data() + first * query_size, scales.data() + first, zeros.data() + first,
           end - first, head_width},
          attended_.row(first) + offset, width, scores);
      first = end;
    }
  }
  kernels_.multiply_i8(attended_.quantized(kernels_), attention.output.view(),
                       onto(x_.data(), width, attention.output));
}

float* Decoder::logits(std::span<const int> rows, int threads) {
  constexpr int kPanels = 256;  // in one piece of the vocabulary
  const int width = weights_.width;
  const int count = static_cast<int>(rows.size());
  chosen_.resize(count, width);
  for (int r = 0; r < count; ++r) {
    kernels_.layer_norm(x_.data() + static_cast<size_t>(rows[r]) * width, width,
                        weights_.decoder_norm.gamma.data(), weights_.decoder_norm.beta.data(),
                        chosen_.row(r));
  }
  const Activated left = chosen_.quantized(kernels_);
  const int stride = logits_stride();
  logits_.resize(static_cast<size_t>(count) * stride);
  const int pieces = (stride / kPanelRows + kPanels - 1) / kPanels;
  team_.run(pieces, threads, [&](int piece) {
    kernels_.multiply_i8(
        left, weights_.embeddings.view(piece * kPanels, kPanels),
        {logits_.data() + static_cast<size_t>(piece) * kPanels * kPanelRows, stride});
  });
  return logits_.data();
}

}  // namespace steno::asr::native
