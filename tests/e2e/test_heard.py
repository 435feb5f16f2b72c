"""Speech that must not be lost in silence: what was not transcribed is named with its times."""

import json
import re
import struct

import pytest


def warnings_of(steno, *words):
    """Transcript, and the lines on standard error, which equal its `warnings`."""
    result = steno("transcribe", "--format", "json", *words)
    assert result.status == 0, result.err
    transcript = {"warnings": [], **json.loads(result.out)}
    for line in transcript["warnings"]:
        assert line in result.err
    return transcript


@pytest.mark.parametrize(
    "graph",
    [
        "[0]asplit[a][b];[b]volume=-1[c];[a][c]join=inputs=2:channel_layout=stereo",
        # From the middle on.
        "[0]asplit[a][b];[b]volume=volume=-1:enable='gte(t,3)'[c];[a][c]join=inputs=2:channel_layout=stereo",
    ],
    ids=["opposite phase", "opposite phase midway"],
)
def test_channels_that_cancel(steno, clip, ffmpeg, tmp_path, wer, graph):
    stereo = tmp_path / "stereo.flac"
    ffmpeg("-i", clip.path, "-filter_complex", graph, stereo)
    assert wer(clip.text, steno.text(stereo)) <= 0.1


def test_speech_on_the_channel_for_low_frequencies(steno, clip, ffmpeg, tmp_path, wer):
    """Recorders with six inputs write six channels whose layout means nothing."""
    six = tmp_path / "six.wav"
    silent = "anullsrc=r=16000:d=7"
    ffmpeg(
        "-i", clip.path, "-f", "lavfi", "-i", silent,
        "-filter_complex",
        "[1]asplit=5[a][b][c][d][e];[a][b][c][0][d][e]amerge=inputs=6",
        "-c:a", "pcm_s16le", six,
    )  # fmt: skip
    # Removes the meaning: a plain header instead of an extensible one has no layout.
    content = bytearray(six.read_bytes())
    if struct.unpack_from("<H", content, 20)[0] == 0xFFFE:
        struct.pack_into("<I", content, 40, 0)
        six.write_bytes(content)
    assert wer(clip.text, steno.text(six)) <= 0.1


@pytest.mark.parametrize("filters", ["volume=-56dB", "volume=-20dB,dcshift=0.05"], ids=["quiet", "offset"])
def test_quiet_speech_and_speech_on_an_offset(steno, clip, ffmpeg, tmp_path, wer, filters):
    quiet = tmp_path / "quiet.flac"
    ffmpeg("-i", clip.path, "-af", f"dynaudnorm=p=1,{filters}", "-sample_fmt", "s32", quiet)
    assert wer(clip.text, steno.text("--model", "base", quiet)) <= 0.15


def test_default_track_and_a_line_about_the_others(steno, speech, ffmpeg, tmp_path):
    first, second = speech["austen-0870.wav"], speech["austen-0930.wav"]
    film = tmp_path / "film.mkv"
    ffmpeg(
        "-i", first.path, "-i", second.path, "-map", "0:a", "-map", "1:a", "-c:a", "flac",
        "-disposition:a:0", "0", "-disposition:a:1", "default",
        "-metadata:s:a:0", "language=spa", "-metadata:s:a:0", "title=Commentary", film,
    )  # fmt: skip
    transcript = warnings_of(steno, film)
    assert "amiable" in transcript["text"]
    (line,) = transcript["warnings"]
    assert "audio track 1" in line and "0 (spa, Commentary)" in line
    chosen = warnings_of(steno, "--audio-track", 0, film)
    assert "Dashwood" in chosen["text"] and chosen["warnings"] == []


def test_audio_behind_the_end_that_the_header_states(steno, speech, ffmpeg, tmp_path, wer):
    """A recorder that was stopped hard has written its header at the start."""
    first, second = speech["austen-0870.wav"], speech["austen-0930.wav"]
    both = tmp_path / "both.wav"
    ffmpeg("-i", first.path, "-i", second.path, "-filter_complex", "concat=n=2:v=0:a=1",
           "-bitexact", "-ar", 16000, "-ac", 1, both)  # fmt: skip
    content = bytearray(both.read_bytes())
    at = content.index(b"data")
    struct.pack_into("<I", content, at + 4, int(first.seconds * 32000))
    both.write_bytes(content)
    transcript = warnings_of(steno, both)
    assert wer(f"{first.text} {second.text}", transcript["text"]) <= 0.15
    assert any("header states" in line for line in transcript["warnings"])


def test_joined_recordings_of_one_format_are_read(steno, speech, tmp_path, wer):
    first, second = speech["austen-0870.wav"], speech["austen-0930.wav"]
    joined = tmp_path / "joined.wav"
    joined.write_bytes(first.path.read_bytes() + second.path.read_bytes())
    assert wer(f"{first.text} {second.text}", warnings_of(steno, joined)["text"]) <= 0.15


def test_a_joined_recording_of_another_format_is_named(steno, speech, ffmpeg, tmp_path):
    first, second = speech["austen-0870.wav"], speech["austen-0930.wav"]
    ffmpeg("-i", second.path, "-ar", 8000, "-c:a", "pcm_mulaw", tmp_path / "second.wav")
    joined = tmp_path / "joined.wav"
    joined.write_bytes(first.path.read_bytes() + (tmp_path / "second.wav").read_bytes())
    transcript = warnings_of(steno, joined)
    assert "Dashwood" in transcript["text"]
    assert any("another recording follows" in line for line in transcript["warnings"])


def test_intact_video_that_is_longer_than_its_sound(steno, clip, ffmpeg, tmp_path):
    video = tmp_path / "video.wmv"
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc=s=64x48:d=12", "-i", clip.path,
        "-map", "0:v", "-map", "1:a", "-c:v", "wmv2", "-c:a", "wmav2", video,
    )  # fmt: skip
    assert warnings_of(steno, video)["warnings"] == []


def test_clips_behind_the_end_are_named(steno, clip):
    transcript = warnings_of(steno, "--clip-timestamps", "0,3,100,110", clip.path)
    (line,) = [line for line in transcript["warnings"] if "the clip from" in line]
    assert "1:40.0" in line


def test_sound_without_words_is_named_with_its_times(steno, clip, ffmpeg, tmp_path):
    """Twenty seconds of tones between two sentences."""
    mixed = tmp_path / "mixed.wav"
    music = "aevalsrc=0.2*sin(2*PI*t*(330+110*floor(mod(t*2\\,4)))):s=16000:d=20"
    ffmpeg("-i", clip.path, "-f", "lavfi", "-i", music, "-filter_complex",
           "[0]asplit[a][b];[a][1][b]concat=n=3:v=0:a=1", "-ar", 16000, mixed)  # fmt: skip
    transcript = warnings_of(steno, "--model", "base", mixed)
    lines = [line for line in transcript["warnings"] if "without words" in line]
    assert len(lines) == 1, transcript["warnings"]
    begin, end = re.search(r"0:(\d+\.\d) to 0:(\d+\.\d)", lines[0]).groups()
    assert float(begin) < 10 and float(end) > 24


def test_ordinary_speech_has_no_such_warning(steno, speech):
    for recording in speech.values():
        assert warnings_of(steno, "--model", "base", recording.path)["warnings"] == []
