#include "pipeline/postprocess/speakers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "pipeline/postprocess/activity.h"
#include "pipeline/postprocess/word_speakers.h"
#include "transcript/sentences.h"

namespace steno::postprocess {
namespace {

constexpr double kMinSpeechSeconds = 0.5;  // seconds of another voice that are worth reporting

/// The speakers of each segment's words, or of its text as one word.
std::vector<std::vector<int>> speakers_by_segment(const std::vector<Segment>& segments,
                                                  const Activity& activity) {
  std::map<int, std::vector<Word>> words;  // by channel
  for (const Segment& segment : segments) {
    auto& own = words[segment.channel.value_or(-1)];
    const auto more = words_of(segment);
    own.insert(own.end(), more.begin(), more.end());
  }
  std::map<int, std::vector<int>> found;
  std::map<int, std::size_t> used;
  for (const auto& [channel, own] : words) found[channel] = speakers_of(own, activity);
  std::vector<std::vector<int>> result;
  for (const Segment& segment : segments) {
    const int channel = segment.channel.value_or(-1);
    const auto from = found[channel].begin() + static_cast<std::ptrdiff_t>(used[channel]);
    const std::size_t count = std::max<std::size_t>(segment.words.size(), 1);
    result.emplace_back(from, from + static_cast<std::ptrdiff_t>(count));
    used[channel] += count;
  }
  return result;
}

std::string text_of_words(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) text += word.word;
  return text;
}

/// Cuts one segment and assigns a speaker to each part.
class Cutter {
 public:
  Cutter(const Activity& activity, const std::vector<std::string>& names)
      : activity_(activity), names_(names) {}

  void cut(Segment segment, const std::vector<int>& speakers, std::vector<Segment>& parts) const {
    const bool is_whole =
        std::ranges::adjacent_find(speakers, std::not_equal_to<>()) == speakers.end();
    if (is_whole) {
      name(segment, speakers.front());
      parts.push_back(std::move(segment));
      return;
    }
    std::vector<Word> words = std::move(segment.words);
    segment.words.clear();
    for (std::size_t begin = 0; begin < words.size();) {
      std::size_t end = begin + 1;
      while (end < words.size() && speakers[end] == speakers[begin]) ++end;
      Segment part = segment;
      part.words.assign(std::make_move_iterator(words.begin() + static_cast<std::ptrdiff_t>(begin)),
                        std::make_move_iterator(words.begin() + static_cast<std::ptrdiff_t>(end)));
      part.text = text_of_words(part.words);
      if (begin > 0) part.start = part.words.front().start;
      if (end < words.size()) part.end = part.words.back().end;
      name(part, speakers[begin]);
      parts.push_back(std::move(part));
      segment.tokens.clear();
      begin = end;
    }
  }

 private:
  void name(Segment& segment, int speaker) const {
    segment.speaker = speaker == kNobody ? "" : names_.at(static_cast<std::size_t>(speaker));
    for (Word& word : segment.words) word.speaker = segment.speaker;
    const auto seconds = activity_.during(segment.start, segment.end);
    segment.speakers.clear();
    if (speaker != kNobody) segment.speakers.push_back(segment.speaker);
    std::vector<std::pair<double, int>> others;
    for (std::size_t i = 0; i < seconds.size(); ++i) {
      const int other = static_cast<int>(i);
      if (other != speaker && seconds[i] >= kMinSpeechSeconds)
        others.emplace_back(-seconds[i], other);
    }
    std::ranges::sort(others);
    for (const auto& [time, other] : others) {
      segment.speakers.push_back(names_.at(static_cast<std::size_t>(other)));
    }
  }

  const Activity& activity_;
  const std::vector<std::string>& names_;
};

void number(std::vector<Segment>& segments) {
  std::ranges::stable_sort(segments, {}, &Segment::start);
  int id = 0;
  for (Segment& segment : segments) segment.id = id++;
}

std::vector<Speaker> talk_of(const std::vector<Turn>& turns,
                             const std::vector<std::string>& names) {
  std::vector<Speaker> speakers;
  for (const std::string& name : names) speakers.push_back({name, 0});
  for (const Turn& turn : turns) {
    speakers.at(static_cast<std::size_t>(turn.speaker)).seconds += turn.end - turn.start;
  }
  return speakers;
}

}  // namespace

Transcript with_speakers(Transcript transcript, std::vector<Turn> turns,
                         const std::vector<std::string>& names) {
  if (turns.empty()) return transcript;
  const Activity activity(turns, names.size());
  const Cutter cutter(activity, names);
  const auto speakers = speakers_by_segment(transcript.segments, activity);
  std::vector<Segment> parts;
  for (std::size_t i = 0; i < transcript.segments.size(); ++i) {
    cutter.cut(std::move(transcript.segments[i]), speakers[i], parts);
  }
  number(parts);
  transcript.segments = std::move(parts);
  transcript.speakers = talk_of(turns, names);
  transcript.turns = std::move(turns);
  return transcript;
}

Transcript with_channels_as_speakers(Transcript transcript, const std::vector<std::string>& names) {
  std::map<int, int> speaker_by_channel;  // in the order of their first speech
  std::vector<std::string> used;
  for (Segment& segment : transcript.segments) {
    if (!segment.channel) continue;
    const int channel = *segment.channel;
    const auto named = static_cast<std::size_t>(channel);
    const auto [at, is_new] =
        speaker_by_channel.emplace(channel, static_cast<int>(speaker_by_channel.size()));
    if (is_new)
      used.push_back(named < names.size() ? names[named]
                                          : speaker_name(static_cast<std::size_t>(channel)));
    segment.speaker = used[static_cast<std::size_t>(at->second)];
    segment.speakers = {segment.speaker};
    for (Word& word : segment.words) word.speaker = segment.speaker;
    transcript.turns.push_back({segment.start, segment.end, at->second});
  }
  transcript.speakers = talk_of(transcript.turns, used);
  return transcript;
}

}  // namespace steno::postprocess
