// Problem: a match can span words and segments, but every word must keep its time and its segment.
// Idea: join the words of a channel to one text and remember where each word begins in it. Edits
// apply from the end to the start, so that earlier positions stay valid. A replacement inside one
// word keeps that word's time; a replacement across words takes the time of all of them and belongs
// to the first segment.
#include "pipeline/postprocess/running_text.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "pipeline/postprocess/alphanumeric.h"
#include "transcript/sentences.h"
#include "transcript/text.h"

namespace steno::postprocess {
namespace {

bool is_blank(std::string_view text) { return text::trim(text).empty(); }

/// Splits a word that contains spaces, and divides its time.
void append_parts(const Word& word, std::vector<Word>& words) {
  const double length = std::max(1, text::length(word.word));
  double start = word.start;
  int done = 0;
  for (std::size_t begin = 0; begin < word.word.size();) {
    const std::size_t inside = word.word.find_first_not_of(' ', begin);
    const std::size_t end = std::min(word.word.find(' ', inside), word.word.size());
    Word part = word;
    part.word = word.word.substr(begin, end - begin);
    done += text::length(part.word);
    part.start = start;
    part.end =
        end == word.word.size() ? word.end : word.start + (word.end - word.start) * done / length;
    start = part.end;
    if (!is_blank(part.word)) words.push_back(std::move(part));
    begin = end;
  }
}

}  // namespace

RunningText::RunningText(std::vector<Segment*> segments) : segments_(std::move(segments)) {
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const auto words = words_of(*segments_[i]);
    const bool is_apart = text_.ends_with(' ') || words.front().word.starts_with(' ');
    if (!is_apart && text::needs_space_between(text_, words.front().word)) text_ += ' ';
    for (const Word& word : words) add(i, word);
  }
}

void RunningText::add(std::size_t segment, Word word) {
  word.word = text::valid_utf8(word.word);
  const std::size_t begin = text_.size();
  text_ += word.word;
  pieces_.push_back({begin, text_.size(), segment, std::move(word)});
}

void RunningText::apply(const std::vector<Edit>& edits) {
  if (edits.empty()) return;
  // In reverse order, so that the positions of the other edits stay valid.
  for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) apply(*edit);
  std::map<std::size_t, std::vector<Word>> words;
  std::set<std::size_t> touched;
  for (const Piece& piece : pieces_) {
    auto& own = words[piece.segment];
    if (piece.is_edited) touched.insert(piece.segment);
    if (piece.is_edited && !segments_[piece.segment]->words.empty()) {
      append_parts(piece.word, own);
    } else {
      own.push_back(piece.word);
    }
  }
  for (const std::size_t segment : touched) write_back(segment, std::move(words[segment]));
}

void RunningText::write_back(std::size_t segment, std::vector<Word> words) {
  Segment& target = *segments_[segment];
  target.text.clear();
  for (const Word& word : words) target.text += word.word;
  if (!target.words.empty()) target.words = std::move(words);
}

void RunningText::apply(const Edit& edit) {
  const auto ends_behind = [](std::size_t at, const Piece& piece) { return at < piece.end; };
  const auto first_at = std::upper_bound(pieces_.begin(), pieces_.end(), edit.begin, ends_behind);
  const auto last_at = std::upper_bound(first_at, pieces_.end(), edit.end - 1, ends_behind);
  if (first_at == pieces_.end()) return;
  const auto first = static_cast<std::size_t>(first_at - pieces_.begin());
  const auto last =
      std::min(static_cast<std::size_t>(last_at - pieces_.begin()), pieces_.size() - 1);
  if (first != last) return replace_across(edit, first, last);
  Piece& piece = pieces_[first];
  const std::size_t begin = std::max(edit.begin, piece.begin) - piece.begin;
  if (edit.end <= piece.begin) return;  // the edit covers only the space inserted between segments
  piece.word.word.replace(begin, std::min(edit.end, piece.end) - piece.begin - begin, edit.text);
  piece.is_edited = true;
  if (edit.text.empty() && !has_letter_or_digit(piece.word.word)) move_to_word_before(first);
}

// Remaining punctuation of a word is not a word of its own.
void RunningText::move_to_word_before(std::size_t piece) {
  std::string& left = pieces_[piece].word.word;
  for (std::size_t i = piece; i-- > 0 && !is_blank(left);) {
    if (is_blank(pieces_[i].word.word)) continue;
    pieces_[i].word.word += text::trim(left);
    left.clear();
    pieces_[i].is_edited = true;
  }
}

void RunningText::replace_across(const Edit& edit, std::size_t first, std::size_t last) {
  const std::string& head = pieces_[first].word.word;
  const std::string& tail = pieces_[last].word.word;
  const std::size_t kept =
      edit.begin > pieces_[first].begin ? edit.begin - pieces_[first].begin : 0;
  const std::size_t gone = edit.end > pieces_[last].begin ? edit.end - pieces_[last].begin : 0;
  std::string prefix = head.substr(0, kept);
  std::string suffix = tail.substr(std::min(gone, tail.size()));
  if (edit.text.empty()) {
    return erase_across(first, last, std::move(prefix), std::move(suffix));
  }
  Piece& target = pieces_[first];
  const bool is_one = pieces_[last].segment == target.segment || !has_letter_or_digit(suffix);
  target.word.word = prefix + edit.text + (is_one ? suffix : "");
  target.is_edited = true;
  for (std::size_t i = first + 1; i <= last; ++i) {
    Piece& piece = pieces_[i];
    if (piece.segment == target.segment) {
      target.word.end = std::max(target.word.end, piece.word.end);
      target.word.probability = std::min(target.word.probability, piece.word.probability);
    }
    piece.word.word = i == last && !is_one ? suffix : "";
    piece.is_edited = true;
  }
}

// Inserts nothing. The rest of the words keeps its time. Punctuation that remains of the last word
// is attached to the previous word.
void RunningText::erase_across(std::size_t first, std::size_t last, std::string prefix,
                               std::string suffix) {
  const bool moves = !has_letter_or_digit(suffix) && !is_blank(prefix);
  for (std::size_t i = first; i <= last; ++i) {
    pieces_[i].word.word.clear();
    pieces_[i].is_edited = true;
  }
  pieces_[first].word.word = moves ? prefix + suffix : std::move(prefix);
  if (!moves) pieces_[last].word.word = std::move(suffix);
}

Transcript edited(Transcript transcript,
                  const std::function<std::vector<Edit>(const std::string& text)>& find) {
  std::map<int, std::vector<Segment*>> by_channel;
  for (Segment& segment : transcript.segments) {
    by_channel[segment.channel.value_or(-1)].push_back(&segment);
  }
  bool has_changed = false;
  for (const auto& [channel, segments] : by_channel) {
    RunningText running(segments);
    const auto edits = find(running.text());
    running.apply(edits);
    has_changed = has_changed || !edits.empty();
  }
  if (!has_changed) return transcript;
  const auto is_empty = [](const Segment& segment) { return is_blank(segment.text); };
  if (std::erase_if(transcript.segments, is_empty) > 0) {
    int id = 0;
    for (Segment& segment : transcript.segments) segment.id = id++;
  }
  return transcript;
}

}  // namespace steno::postprocess
