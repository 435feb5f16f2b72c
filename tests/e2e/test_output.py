"""Output: content, destination and format."""

import json
import re
import subprocess
import time

FORMATS = ("txt", "json", "srt", "vtt", "tsv")


def test_all_formats_say_the_same(steno, clip, tmp_path):
    result = steno("transcribe", "--format", "all", "--output-dir", tmp_path / "a" / "b", clip.path)
    assert (result.status, result.out, result.err) == (0, "", "")
    written = {form: (tmp_path / "a" / "b" / f"austen-0870.{form}").read_text() for form in FORMATS}
    assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == sorted(
        f"austen-0870.{form}" for form in FORMATS
    )
    text = json.loads(written["json"])["text"].strip()
    assert "Dashwood" in text
    assert written["txt"].strip() == text
    assert re.match(r"1\n00:00:\d\d,\d{3} --> 00:00:\d\d,\d{3}\n", written["srt"])
    assert written["vtt"].startswith("WEBVTT\n\n00:")
    assert re.search(r"\n\d+\t\d+\t", written["tsv"])
    assert text in written["tsv"]
    for form in ("srt", "vtt"):
        lines = [line for line in written[form].splitlines() if not re.match(r"\d+$|.* --> |WEBVTT|$", line)]
        assert len(lines) > 1 and " ".join(lines) == text


def test_json_has_every_field(steno, clip):
    transcript = steno.json("--word-timestamps", clip.path)
    for field in ("text", "language", "language_probability", "duration", "duration_after_vad", "model"):
        assert field in transcript
    segment = transcript["segments"][0]
    for field in ("id", "start", "end", "text", "speaker", "speakers", "words"):
        assert field in segment
    for field in ("avg_logprob", "compression_ratio", "no_speech_prob", "temperature", "tokens"):
        assert field in segment["extra_data"]
    assert -1 < segment["extra_data"]["avg_logprob"] < 0
    assert transcript["model"] == "tiny.en"


def test_formats_on_standard_output(steno, clip):
    for form, start in (("txt", "And "), ("json", "{"), ("srt", "1\n"), ("vtt", "WEBVTT"), ("tsv", "start\t")):
        assert steno.text("--format", form, clip.path).startswith(start)


def test_timestamps(steno, clip):
    assert re.match(r"\[00:0\d\.\d{3} --> 00:0\d\.\d{3}\] And ", steno.text("--timestamps", clip.path))


def test_subtitle_options(steno, clip):
    lines = steno.text("--format", "srt", "--max-line-width", 20, "--max-line-count", 2, clip.path)
    cues = [cue.splitlines()[2:] for cue in lines.strip().split("\n\n")]
    assert len(cues) > 2
    assert all(len(cue) <= 2 and all(len(line) <= 20 for line in cue) for cue in cues)
    few = steno.text("--format", "srt", "--max-words-per-line", 3, clip.path)
    assert all(len(cue.splitlines()[2].split()) <= 3 for cue in few.strip().split("\n\n"))
    assert "<u>" in steno.text("--format", "vtt", "--highlight-words", clip.path)


def test_standard_input_is_called_stdin(steno, clip, tmp_path):
    with open(clip.path, "rb") as audio:
        result = steno("transcribe", "--output-dir", tmp_path, "-", stdin=audio)
    assert result.status == 0, result.err
    assert "Dashwood" in (tmp_path / "stdin.txt").read_text()


def test_standard_input_as_a_pipe(steno, clip):
    piped = subprocess.run(
        steno.command("transcribe", "-"), input=clip.path.read_bytes(), capture_output=True, timeout=120
    )
    assert piped.returncode == 0, piped.stderr
    assert b"Dashwood" in piped.stdout


def test_several_files_in_their_order(steno, speech, long_talk):
    """The first input takes longest and is still printed first."""
    names = ["austen-0930.wav", "austen-0880.wav", "austen-0870.wav"]
    files = [long_talk] + [speech[name].path for name in names]
    result = steno("transcribe", *files)
    assert result.status == 0, result.err
    assert re.findall(r"^==> (.*) <==$", result.out, re.M) == [str(file) for file in files]
    assert "amiable" in result.out and "Dashwood" in result.out
    alone = steno.text(files[3])
    assert result.out.endswith(f"==> {files[3]} <==\n{alone}")


def test_short_file_is_not_held_up_by_a_long_one(steno, clip, long_talk, tmp_path):
    process = steno.start("transcribe", "--output-dir", tmp_path, long_talk, clip.path)
    ready = None
    while process.poll() is None:
        if ready is None and (tmp_path / "austen-0870.txt").exists():
            ready = not (tmp_path / "long.txt").exists()
        time.sleep(0.02)
    assert process.returncode == 0, process.stderr.read()
    assert ready, "the short file was written after the long one"


def test_same_name_twice_is_refused(steno, clip, tmp_path):
    (tmp_path / "other").mkdir()
    copy = tmp_path / "other" / clip.path.name
    copy.write_bytes(clip.path.read_bytes())
    result = steno("transcribe", "--output-dir", tmp_path / "out", clip.path, copy)
    assert result.status == 2
    assert str(clip.path) in result.err and str(copy) in result.err
    assert not (tmp_path / "out").exists()


def test_stream_gives_segments_as_they_come(steno, long_talk):
    process = steno.start("transcribe", "--stream", "--timestamps", long_talk, text=True)
    arrived = [(time.monotonic(), line) for line in process.stdout]
    ended = time.monotonic()
    assert process.wait() == 0, process.stderr.read()
    times = [re.match(r"\[(\d+):(\d+\.\d+) -->", line).groups() for _, line in arrived]
    starts = [int(minutes) * 60 + float(seconds) for minutes, seconds in times]
    assert starts == sorted(starts) and len(starts) >= 5
    # The first one appears long before the last one.
    assert ended - arrived[0][0] > 5 * (ended - arrived[-1][0])
    assert ended - arrived[0][0] > 0.3


def test_stream_as_json_lines(steno, long_talk):
    lines = steno.text("--stream", "--format", "json", long_talk).splitlines()
    starts = [json.loads(line)["start"] for line in lines]
    assert len(starts) > 3 and starts == sorted(starts)


def test_empty_transcript(steno, ffmpeg, tmp_path):
    quiet = tmp_path / "quiet.wav"
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=16000:d=3", quiet)
    assert steno.text(quiet) == ""
    transcript = steno.json(quiet)
    assert transcript["text"] == "" and transcript["segments"] == []
    assert transcript["duration_after_vad"] == 0
    assert steno.text("--format", "vtt", quiet).startswith("WEBVTT")


def test_verbose_and_quiet(steno, clip):
    loud = steno("transcribe", "-v", clip.path)
    assert "tiny.en" in loud.err and "cpu" in loud.err and "s of audio" in loud.err
    assert steno("transcribe", clip.path).err == ""
    assert steno("transcribe", "-q", clip.path).out == loud.out
