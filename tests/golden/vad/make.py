#!/usr/bin/env python3
"""Writes golden.json with what faster-whisper's VAD says (pip install faster-whisper==1.2.1 numpy).

`rules`: spans for made-up probabilities. `recording`: probabilities and spans for speech.wav put
together by `parts`: (kind, milliseconds) with kind silence or a gain in percent of the clip.
"""

import json
import pathlib
import random
import wave

import numpy as np
from faster_whisper import vad

HERE = pathlib.Path(__file__).parent
OPTIONS = [
    {},
    {"min_silence_duration_ms": 160, "max_speech_duration_s": 30},
    {"min_silence_duration_ms": 160, "max_speech_duration_s": 5},
    {"min_silence_duration_ms": 2000, "max_speech_duration_s": 4, "speech_pad_ms": 30},
    {"min_silence_duration_ms": 100, "speech_pad_ms": 0, "min_speech_duration_ms": 250},
    {"min_silence_duration_ms": 300, "speech_pad_ms": 2000, "min_speech_duration_ms": 1000},
    {"threshold": 0.3, "neg_threshold": 0.1, "min_silence_duration_ms": 500},
    {"threshold": 0.8, "min_silence_duration_ms": 64, "max_speech_duration_s": 3, "speech_pad_ms": 200},
]
PARTS = [("silence", 1000), (100, 0), ("silence", 310), (30, 0), (60, 0), ("silence", 3000), (5, 0)]


def spans(audio, probabilities, options):
    vad.get_vad_model = lambda: lambda padded: probabilities
    return [[s["start"], s["end"]] for s in vad.get_speech_timestamps(audio, vad.VadOptions(**options))]


def walk(rng, count):
    """Probabilities that stay for a while in speech or silence, in hundredths."""
    values, speech = [], False
    for _ in range(count):
        if rng.random() < 0.08:
            speech = not speech
        values.append(min(100, max(0, round(rng.gauss(85 if speech else 12, 22)))))
    return values


def main():
    rng = random.Random(6)
    rules = []
    for index in range(24):
        count = rng.choice([1, 2, 40, 300, 300, 600])
        length = count * 512 - rng.choice([0, 1, 17, 511])
        hundredths = walk(rng, length // 512 + 1)
        probabilities = np.array(hundredths, dtype=np.float32) / np.float32(100)
        audio = np.zeros(length, dtype=np.float32)
        rules.append({
            "length": length,
            "hundredths": hundredths,
            "spans": [spans(audio, probabilities, o) for o in OPTIONS],
        })

    clip = wave.open(str(HERE / "speech.wav"))
    samples = np.frombuffer(clip.readframes(clip.getnframes()), np.int16).astype(np.float32) / 32768
    audio = np.concatenate([
        np.zeros(ms * 16, np.float32) if kind == "silence" else samples * np.float32(kind / 100)
        for kind, ms in PARTS
    ])
    padded = np.pad(audio, (0, 512 - len(audio) % 512))
    probabilities = vad.SileroVADModel(
        str(pathlib.Path(vad.get_assets_path()) / "silero_vad_v6.onnx"))(padded)
    golden = {
        "options": OPTIONS,
        "rules": rules,
        "recording": {
            "parts": PARTS,
            "probabilities": [round(float(p), 5) for p in probabilities],
            "spans": [spans(audio, probabilities, o) for o in OPTIONS],
        },
    }
    lines = json.dumps(golden, separators=(",", ":")).replace('},{"length"', '},\n{"length"')
    (HERE / "golden.json").write_text(lines + "\n")


if __name__ == "__main__":
    main()
