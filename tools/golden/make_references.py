#!/usr/bin/env python3
"""Writes tests/golden/reference/*.json: words with their times, and language probabilities, as
faster-whisper gives them for the recordings that tests/e2e/recordings.py makes.

Needs the package faster-whisper and what set-up installs; the tests need only what this writes.

    python tools/golden/make_references.py
"""

import json
import pathlib
import sys
import tempfile

import faster_whisper

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "golden" / "reference"
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import recordings  # noqa: E402


def transcript(segments, info):
    return {
        "language": info.language,
        "language_probability": round(info.language_probability, 4),
        "duration": round(info.duration, 3),
        "duration_after_vad": round(info.duration_after_vad, 3),
        "segments": [
            {
                "start": round(float(segment.start), 3),
                "end": round(float(segment.end), 3),
                "text": segment.text,
                "words": [
                    [
                        word.word,
                        round(float(word.start), 3),
                        round(float(word.end), 3),
                        round(float(word.probability), 3),
                    ]
                    for word in segment.words
                ],
            }
            for segment in segments
        ],
    }


def write(name, rows):
    """One row a line, so that changes are seen."""
    lines = ",\n".join(
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in rows.items()
    )
    (FOLDER / name).write_text("{\n" + lines + "\n}\n", encoding="utf-8")


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    spoken = [recordings.speech(name) for name in recordings.NAMES]
    with tempfile.TemporaryDirectory() as folder:
        joined = recordings.joined(pathlib.Path(folder) / "joined.wav")
        synthetic = {
            language: recordings.synthetic(language, pathlib.Path(folder))
            for language in recordings.SYNTHETIC
        }
        model = faster_whisper.WhisperModel(
            str(recordings.CACHE / "models" / "base"),
            device="cpu",
            compute_type="int8",
            cpu_threads=2,
        )
        batched = faster_whisper.BatchedInferencePipeline(model)
        calls = {"batched": batched.transcribe, "sequential": model.transcribe}
        for mode, transcribe in calls.items():
            rows = {}
            for path in [*spoken, joined]:
                segments, info = transcribe(str(path), word_timestamps=True, vad_filter=True)
                rows[path.stem] = transcript(segments, info)
            write(f"{mode}.json", rows)
        languages = {}
        for language, path in synthetic.items():
            _, info = batched.transcribe(str(path))
            languages[language] = [
                [code, round(probability, 4)] for code, probability in info.all_language_probs[:3]
            ]
        write("languages.json", languages)


if __name__ == "__main__":
    main()
