"""Makes the golden files of this folder with faster-whisper's decode_audio (pip: faster-whisper).

The inputs are what noise() in tests/unit/pipeline/decode/decode_test.cc makes.
"""

import pathlib
import subprocess
import tempfile
import wave

import numpy as np
from faster_whisper.audio import decode_audio

HERE = pathlib.Path(__file__).parent


def noise(path, samples, channels, rate):
    state, values = 1, []
    for _ in range(samples * channels):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state >> 16)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.array(values, np.uint16).tobytes())


def write(name, path):
    (HERE / name).write_bytes((decode_audio(str(path)) * 32768).astype(np.int16).tobytes())


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    noise(folder / "stereo.wav", 22050, 2, 44100)
    write("stereo_44100.s16", folder / "stereo.wav")
    noise(folder / "six.wav", 16000, 6, 48000)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-channel_layout", "5.1", "-i", folder / "six.wav",
         "-c:a", "flac", folder / "six.flac"],
        check=True,
    )
    write("surround_48000.s16", folder / "six.flac")
