"""The program's word times and language probabilities against the reference's
(tests/golden/reference, made by tools/golden/make_references.py)."""

import difflib
import json
import os
import pathlib
import re
import statistics
import subprocess

import pytest
import recordings

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "reference"
PROGRAM = pathlib.Path(os.environ.get("STENO", ROOT / "build" / "steno"))

# Largest median distance of a word from the reference, in seconds.
LARGEST_MEDIAN = 0.1
# Largest difference of a probability. The program's windows end with the speech, the reference's do not.
LARGEST_DIFFERENCE = 0.1
# Times have three decimals.
ROUNDING = 0.0015


def transcribe(paths, folder, *options):
    """The JSON transcripts of `paths` by the name of each file."""
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM} is not built")
    if not all(path.exists() for path in paths):
        pytest.skip("the recordings are not installed")
    command = [PROGRAM, "transcribe", "--model", "base", "--word-timestamps", *options]
    command += ["--format", "json", "--output-dir", folder, *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return {
        path.stem: json.loads((folder / f"{path.stem}.json").read_text(encoding="utf-8"))
        for path in paths
    }


def golden(name):
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=["batched", "sequential"])
def both(request, tmp_path_factory):
    """The program's result and the reference's result for every recording."""
    folder = tmp_path_factory.mktemp(request.param)
    if not recordings.speech("austen-0870").exists():
        pytest.skip("the recordings are not installed")
    paths = [recordings.speech(name) for name in recordings.NAMES]
    paths.append(recordings.joined(folder / "joined.wav"))
    options = ["--sequential"] if request.param == "sequential" else []
    return transcribe(paths, folder, *options), golden(f"{request.param}.json")


def plain(word):
    return re.sub(r"[^\w']", "", word.lower())


def words_of(transcript):
    return [word for segment in transcript["segments"] for word in segment["words"]]


def paired(transcript, reference):
    """Times of the words that both have, in order: pairs of (start, end)."""
    ours = words_of(transcript)
    theirs = [word for segment in reference["segments"] for word in segment["words"]]
    matcher = difflib.SequenceMatcher(
        None, [plain(word["word"]) for word in ours], [plain(word[0]) for word in theirs], False
    )
    return [
        ((ours[a + i]["start"], ours[a + i]["end"]), (theirs[b + i][1], theirs[b + i][2]))
        for a, b, size in matcher.get_matching_blocks()
        for i in range(size)
    ], len(theirs)


def test_words_are_where_the_reference_has_them(both):
    transcripts, references = both
    distances = []
    for name, reference in references.items():
        pairs, count = paired(transcripts[name], reference)
        assert len(pairs) >= 0.8 * count, f"{name}: only {len(pairs)} of {count} words are the same"
        here = [abs(a - b) for mine, theirs in pairs for a, b in zip(mine, theirs)]
        assert statistics.median(here) <= LARGEST_MEDIAN, name
        distances += here
    assert len(distances) > 400
    assert statistics.median(distances) <= LARGEST_MEDIAN


def test_words_are_in_order_within_their_segments(both):
    transcripts, _ = both
    for name, transcript in transcripts.items():
        last_end = 0.0
        for segment in transcript["segments"]:
            assert segment["words"], name
            assert 0 <= segment["start"] <= segment["end"] <= transcript["duration"] + ROUNDING
            for word in segment["words"]:
                where = f"{name}: {word}"
                assert word["start"] >= last_end - ROUNDING, where
                assert word["end"] >= word["start"], where
                assert word["start"] >= segment["start"] - ROUNDING, where
                assert word["end"] <= segment["end"] + ROUNDING, where
                assert 0 <= word["probability"] <= 1, where
                last_end = word["end"]


def test_words_make_up_their_segments(both):
    transcripts, _ = both
    for transcript in transcripts.values():
        for segment in transcript["segments"]:
            joined = "".join(word["word"] for word in segment["words"])
            assert joined.strip() == segment["text"].strip()


def test_the_language_is_as_probable_as_the_reference_says(both):
    transcripts, references = both
    for name, reference in references.items():
        transcript = transcripts[name]
        assert transcript["language"] == reference["language"], name
        difference = transcript["language_probability"] - reference["language_probability"]
        assert abs(difference) <= LARGEST_DIFFERENCE, name


def test_other_languages_are_as_probable_as_the_reference_says(tmp_path):
    if not recordings.can_synthesise():
        pytest.skip("espeak-ng is not installed")
    paths = [recordings.synthetic(language, tmp_path) for language in recordings.SYNTHETIC]
    transcripts = transcribe(paths, tmp_path)
    for language, probabilities in golden("languages.json").items():
        transcript = transcripts[f"synthetic-{language}"]
        assert transcript["language"] == probabilities[0][0] == language
        difference = transcript["language_probability"] - probabilities[0][1]
        assert abs(difference) <= LARGEST_DIFFERENCE, language
