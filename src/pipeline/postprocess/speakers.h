#pragma once

#include <string>
#include <vector>

#include "transcript/transcript.h"

namespace steno::postprocess {

/// Assigns a speaker to every word and cuts segments where the speaker changes.
///
/// - A word gets the speaker that is active longest during it. If others are active about as long,
///   it gets the one of them with the largest part of the sentence.
/// - A single word at the border between two turns goes with its sentence.
/// - A word during which no speaker is active gets the nearest speaker within a second, otherwise
///   the sentence's speaker, which may be none.
/// - A segment without words gets the speaker that is active longest during it, and is not cut.
///
/// The parts of a segment share its scores; the first part keeps its tokens. Segments are
/// renumbered. `turns` are in order of their start, and `names[turn.speaker]` is the speaker's
/// name. The turns and the talk time of each speaker become part of the transcript.
Transcript with_speakers(Transcript transcript, std::vector<Turn> turns,
                         const std::vector<std::string>& names);

/// Makes each channel of a split recording a speaker: `names[channel]`, or SPEAKER_00, SPEAKER_01…
/// by channel if there is no such name. The turns are the intervals of each channel's segments.
Transcript with_channels_as_speakers(Transcript transcript,
                                     const std::vector<std::string>& names = {});

}  // namespace steno::postprocess
