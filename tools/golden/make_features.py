#!/usr/bin/env python3
"""Writes tests/golden/features.json: parts of what the reference makes of signals that
tests/unit/pipeline/asr/features_test.cc builds by the same formulas.

Needs the package faster-whisper; the tests need only what this writes.
"""

import json
import math
import pathlib

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

FILE = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "features.json"
RATE = 16000


def noise(count):
    """A linear congruential generator, so that any language makes the same numbers."""
    state = 12345
    samples = np.empty(count)
    for i in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        samples[i] = state / 2**30 - 1
    return samples


def sweep(count):
    """From 50 Hz to 7950 Hz, evenly."""
    t = np.arange(count) / RATE
    length = count / RATE
    return 0.5 * np.sin(2 * math.pi * (50 * t + (7950 - 50) / (2 * length) * t * t))


def voice(count):
    """Harmonics of 120 Hz that come and go five times a second, over faint noise."""
    t = np.arange(count) / RATE
    tone = sum(np.sin(2 * math.pi * 120 * k * t) / k for k in range(1, 20))
    return 0.1 * tone * np.maximum(0, np.sin(2 * math.pi * 2.5 * t)) + 0.001 * noise(count)


SIGNALS = {
    "silence": lambda: np.zeros(16000),
    "sweep": lambda: sweep(32000),
    "noise": lambda: 0.3 * noise(16000),
    "voice": lambda: voice(48000),
    "clipped": lambda: np.clip(10 * voice(8000), -1, 1),
    "odd length": lambda: sweep(5 * 160 + 37),
    "100 samples": lambda: sweep(100),
    "161 samples": lambda: sweep(161),
    "1 sample": lambda: np.array([0.5]),
    "none": lambda: np.zeros(0),
}


def main():
    cases = []
    for mels in (80, 128):
        for name, make in SIGNALS.items():
            samples = make().astype(np.float32)
            features = FeatureExtractor(feature_size=mels)(samples, padding=160)[..., :-1]
            frames = features.shape[1]
            # Every mel band of up to six frames, and each band's mean over all frames.
            kept = sorted({round(i * (frames - 1) / 5) for i in range(6)}) if frames else []
            cases.append(
                {
                    "signal": name,
                    "samples": len(samples),
                    "mels": mels,
                    "frames": frames,
                    "kept": {
                        str(frame): [round(float(v), 5) for v in features[:, frame]]
                        for frame in kept
                    },
                    "means": [round(float(v), 5) for v in features.mean(axis=1)] if frames else [],
                }
            )
    FILE.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
