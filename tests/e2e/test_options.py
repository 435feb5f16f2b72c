"""Invalid values are refused with their range; valid ones have their effect."""

import os
import subprocess

import pytest

WRONG = [
    ("--beam-size", "0", "1 to 100"),
    ("--beam-size", "five", "whole number"),
    ("--best-of", "-1", "1 to 100"),
    ("--patience", "0", "0.01 to 100"),
    ("--length-penalty", "99", "-10 to 10"),
    ("--repetition-penalty", "0", "0.01 to 100"),
    ("--repetition-penalty", "1e-300", "0.01 to 100"),
    ("--no-repeat-ngram-size", "-1", "0 to 448"),
    ("--temperature", "0,3", "0 or from 0.01 to 2"),
    ("--temperature", "1e-300", "0 or from 0.01 to 2"),
    ("--compression-ratio-threshold", "0", "above 0"),
    ("--log-prob-threshold", "1", "-100 to 0"),
    ("--no-speech-threshold", "1.5", "0 to 1"),
    ("--prompt-reset-on-temperature", "-1", "0 to 2"),
    ("--suppress-tokens", "-2", "-1 to"),
    ("--max-initial-timestamp", "31", "0 to 30"),
    ("--hallucination-silence-threshold", "-1", "0 to"),
    ("--max-new-tokens", "0", "1 to 448"),
    ("--chunk-length", "31", "1 to 30"),
    ("--clip-timestamps", "5,2", "rising order"),
    ("--language-detection-threshold", "2", "0 to 1"),
    ("--language-detection-segments", "0", "1 to"),
    ("--batch-size", "0", "1 to"),
    ("--audio-track", "-1", "0 to"),
    ("--channels", "left", "mix or split"),
    ("--task", "summarise", "transcribe or translate"),
    ("--language", "klingon", "code or English name"),
    ("--vad-threshold", "1.1", "0 to 1"),
    ("--vad-speech-pad-ms", "-1", "0 to"),
    ("--vad-filter=perhaps", None, "true or false"),
    ("--device", "tpu", "auto, cpu or cuda"),
    ("--device-index", "x", "whole numbers"),
    ("--compute-type", "int3", "int8_float16"),
    ("--cpu-threads", "-1", "0 to"),
    ("--num-workers", "-1", "0 to"),
    ("--format", "docx", "srt"),
    ("--max-line-width", "0", "1"),
]


@pytest.mark.parametrize("option,value,range_", WRONG, ids=lambda value: str(value))
def test_wrong_value_names_the_range(steno, clip, option, value, range_):
    result = steno("transcribe", option, *([value] if value is not None else []), clip.path)
    assert result.status == 2
    assert result.out == ""
    name = option.split("=")[0][2:].replace("-", "_")
    assert name in result.errors[0].replace("-", "_")
    assert range_ in result.errors[0]


def test_hints(steno, clip):
    assert "did you mean --beam-size?" in steno("transcribe", "--beemsize", "5", clip.path).err
    assert "did you mean german?" in steno("transcribe", "--language", "germann", clip.path).err


def test_whisper_spelling(steno, clip):
    plain = steno.text("--vad-filter", "--beam-size", 2, clip.path)
    assert steno.text("--vad_filter", "True", "--beam_size", "2", "--output_format", "txt", clip.path) == plain


def test_language_is_taken(steno, clip):
    transcript = steno.json("--model", "base", "--language", "German", clip.path)
    assert (transcript["language"], transcript["language_probability"]) == ("de", 1)


def test_english_only_model_says_that_it_is(steno, clip):
    result = steno("transcribe", "--language", "de", clip.path)
    assert result.status == 0
    assert "Dashwood" in result.out
    assert len(result.errors) == 1 and "tiny.en knows English only" in result.err


def test_initial_prompt_sets_the_spelling(steno, clip):
    assert "JOHN DASHWOOD" in steno.text(
        "--model", "base", "--initial-prompt", "SIR JOHN MIDDLETON AND ELINOR DASHWOOD WENT TO LONDON.", clip.path
    ).upper()
    assert steno.text("--prefix", "And Mr. Jon Dashwood", clip.path).startswith("And Mr. Jon Dashwood")


def test_suppressed_tokens_are_not_written(steno, clip):
    # 13 is the full stop in the vocabulary of the English-only models.
    assert steno.text(clip.path).endswith("for them.\n")
    assert not steno.text("--suppress-tokens", "-1,13", clip.path).endswith("for them.\n")


def test_max_new_tokens_cuts_the_text(steno, clip):
    assert len(steno.text("--max-new-tokens", 5, clip.path).split()) <= 6


def test_only_clips_are_transcribed(steno, speech):
    talk = speech["telephone.wav"]
    segments = steno.json("--clip-timestamps", "14,20", talk.path)["segments"]
    text = " ".join(segment["text"] for segment in segments)
    assert "Sheila" in text and "Diane" not in text and "Yankee" not in text
    assert all(13.5 <= s["start"] and s["end"] <= 20.5 for s in segments)


def test_voice_activity_options(steno, speech):
    talk = speech["telephone.wav"]
    assert steno.text("--vad-threshold", 1, talk.path) == ""
    filtered = steno.json(talk.path)
    whole = steno.json("--no-vad-filter", talk.path)
    assert whole["duration_after_vad"] == whole["duration"] > filtered["duration_after_vad"]
    padded = steno.json("--vad-speech-pad-ms", 0, talk.path)
    assert padded["duration_after_vad"] < filtered["duration_after_vad"]


def test_timestamps_of_the_model(steno, speech):
    talk = speech["telephone.wav"].path
    without = steno.json(talk)["segments"]
    with_times = steno.json("--no-without-timestamps", talk)["segments"]
    assert len(with_times) > len(without)


def test_chunk_length_makes_windows_short(steno, speech):
    talk = speech["telephone.wav"].path
    short = steno.json("--chunk-length", 5, talk)["segments"]
    assert len(short) >= 4 > len(steno.json(talk)["segments"])


def test_temperature_is_used(steno, clip):
    segment = steno.json("--temperature", "0.4", clip.path)["segments"][0]
    assert segment["extra_data"]["temperature"] == pytest.approx(0.4)


def test_fallback_when_a_threshold_is_missed(steno, clip):
    """No text compresses that badly. Both temperatures are tried, and the more probable text of 0 is kept."""
    call = ["--temperature", "1,0", "--best-of", 1, "--log-prob-threshold", "none", clip.path]
    missed = steno.json("--compression-ratio-threshold", 0.1, *call)
    assert missed["segments"][0]["extra_data"]["temperature"] == 0
    calm = steno.json("--compression-ratio-threshold", "none", *call)
    assert calm["segments"][0]["extra_data"]["temperature"] == 1


def test_model_runs_as_asked(steno, clip):
    def said(*options):
        result = steno("transcribe", "-v", "--device", "cpu", *options, clip.path)
        assert result.status == 0, result.err
        return result.errors[0]

    assert "model tiny.en on cpu, int8, " in said()
    assert " 3 at once," in said("--num-workers", 3)
    assert " on cpu, float32, " in said("--compute-type", "float32", "--num-workers", 1)


def test_cpu_threads(steno):
    """Two calls that wait for their recording differ in the number of model threads."""

    def threads(number):
        call = ["-v", "--device", "cpu", "--num-workers", 1, "--cpu-threads", number, "-"]
        with steno.start("transcribe", *call, stdin=subprocess.PIPE) as process:
            assert b"loaded in" in process.stderr.readline()
            count = len(os.listdir(f"/proc/{process.pid}/task"))
            process.communicate(timeout=60)
        return count

    assert threads(40) - threads(1) > 30


def test_device_index(steno, clip):
    result = steno("transcribe", "--device", "cpu", "--device-index", 1, clip.path)
    assert result.status == 1
    assert result.errors == ["steno: device_index 1: cpu has only index 0"]


def test_text_is_changed_in_every_format(steno, clip, tmp_path):
    rules = tmp_path / "rules"
    rules.write_text("# a name\nMr\\. (\\w+)=>M. \\1\n")
    options = ("--replace-file", rules, "--replace", "power to do=>ability to do", "--redact", "card,number")
    steno.text("-f", "all", "-o", tmp_path, "--word-timestamps", "--paragraphs", *options, clip.path)
    for form in ("txt", "json", "srt", "vtt", "tsv"):
        text = " ".join((tmp_path / f"{clip.path.stem}.{form}").read_text().split())
        assert "M. John" in text and "Mr" not in text
        assert "power" not in text
    told = steno.text("--stream", *options, clip.path)
    assert "M. John" in told and "ability to do for them" in told


def test_wrong_rule_is_refused_with_its_place(steno, clip):
    result = steno("transcribe", "--replace", "a(b=>c", clip.path)
    assert result.status == 2
    assert "replace[0]: pattern: at character 4, missing )" in result.err
