#pragma once

#include <string>
#include <vector>

#include "transcript/transcript.h"

namespace steno::postprocess {

/// The transcript with the speaker of every word, and its segments cut where the speaker changes.
///
/// A word has the speaker who is active longest during it; where others are active about as long,
/// the one of them who says most of the sentence. A lone word at the seam between two turns goes
/// with its sentence. A word during which nobody is active has the nearest speaker within a second,
/// else the sentence's; maybe none. A segment without words has the speaker who is active longest
/// during it, and is not cut.
///
/// Parts of a segment share its scores; its tokens stay with the first. Segments are numbered anew.
/// `turns` are in the order of their start, `names[turn.speaker]` is who it is; they and the time
/// that each talks become part of the transcript.
Transcript with_speakers(Transcript transcript, std::vector<Turn> turns,
                         const std::vector<std::string>& names);

/// The transcript of a recording whose channels were split, where each channel is a speaker:
/// `names[channel]`, or SPEAKER_00, SPEAKER_01… by channel where there is no such name. Turns are
/// the stretches of each channel's segments.
Transcript with_channels_as_speakers(Transcript transcript,
                                     const std::vector<std::string>& names = {});

}  // namespace steno::postprocess
