"""The recordings that the tests in this folder transcribe: those of set-up, and others
made of them. tools/golden/make_references.py gives the reference the same ones."""

import os
import pathlib
import shutil
import subprocess
import wave


def _cache():
    if "STENO_CACHE" in os.environ:
        return pathlib.Path(os.environ["STENO_CACHE"])
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "steno"


CACHE = _cache()
RATE = 16000

NAMES = [
    "telephone",
    "austen-0870",
    "austen-0880",
    "austen-0890",
    "austen-0920",
    "austen-0930",
]

# Two sentences of everyday speech for a synthetic voice, in languages whose synthetic voices the
# reference is sure of.
SYNTHETIC = {
    "de": "Guten Morgen, meine Damen und Herren. Heute sprechen wir über das Wetter und die Arbeit.",
    "es": "Buenos días, señoras y señores. Hoy vamos a hablar del tiempo y del trabajo de mañana.",
    "it": "Buongiorno signore e signori. Oggi parliamo del tempo e del lavoro di domani.",
}


def speech(name):
    """A recording of set-up."""
    return CACHE / "speech" / f"{name}.wav"


def joined(path):
    """All recordings of one voice with pauses of growing length, twice: over a minute, so that it
    takes several windows. Returns `path`."""
    parts = []
    for turn in range(2):
        for number, name in enumerate(NAMES[1:]):
            with wave.open(str(speech(name))) as recording:
                assert recording.getframerate() == RATE and recording.getnchannels() == 1
                parts.append(recording.readframes(recording.getnframes()))
            parts.append(bytes(2 * int(RATE * (0.5 + 0.7 * number + turn))))
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(b"".join(parts))
    return path


def can_synthesise():
    return shutil.which("espeak-ng") is not None


def synthetic(language, folder):
    """A synthetic voice that speaks SYNTHETIC[language]; needs espeak-ng."""
    path = pathlib.Path(folder) / f"synthetic-{language}.wav"
    subprocess.run(
        ["espeak-ng", "-v", language, "-s", "140", "-w", str(path), SYNTHETIC[language]], check=True
    )
    return path
