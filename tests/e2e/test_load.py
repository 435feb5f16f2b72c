"""Constant memory for long recordings, and many files at the same time."""

import re
import wave

import pytest


def recording(path, sentences, minutes):
    """A sentence every minute. The silence between them is a hole in the file."""
    rate = 16000
    with open(path, "wb") as raw, wave.open(raw, "wb") as target:
        target.setparams((1, 2, rate, minutes * 60 * rate, "NONE", ""))
        target.writeframes(b"")
        begin = raw.tell()
        for minute in range(minutes):
            with wave.open(str(sentences[minute % len(sentences)]), "rb") as source:
                assert source.getframerate() == rate
                raw.seek(begin + minute * 60 * rate * 2)
                raw.write(source.readframes(source.getnframes()))
        raw.truncate(begin + minutes * 60 * rate * 2)
        target._datawritten = target._datalength  # the header is already correct
    return path


def seconds(clock):
    parts = [float(part) for part in clock.split(":")]
    return sum(part * 60**place for place, part in enumerate(reversed(parts)))


@pytest.mark.parametrize("decoding", ["batched", "sequential"])
def test_memory_does_not_grow_with_the_recording(steno, speech, tmp_path, decoding):
    sentences = [speech[name].path for name in sorted(speech) if name.startswith("austen")]
    peak = {}
    for minutes in (10, 60):
        path = recording(tmp_path / f"{minutes}.wav", sentences, minutes)
        result = steno("transcribe", "--decoding", decoding, "--timestamps", path, timeout=600)
        assert result.status == 0, result.err
        found = len(re.findall("Dashwood", result.out))
        assert found >= 0.8 * minutes / len(sentences), result.out
        last = re.findall(r"^\[(\S+) -->", result.out, re.M)[-1]
        assert seconds(last) > 60 * (minutes - 2)
        peak[minutes] = result.peak_mb
        path.unlink()
    assert peak[60] <= 1.2 * peak[10], peak


def test_many_files_at_once(steno, speech, tmp_path):
    """Thirty clips in one call have the same texts as each clip alone."""
    names = [name for name in sorted(speech) if name.startswith("austen")]
    alone = {name: steno.text(speech[name].path) for name in names}
    files = []
    for number in range(30):
        name = names[number % len(names)]
        files.append(tmp_path / f"{number:02}-{name}")
        files[-1].symlink_to(speech[name].path)
    result = steno("transcribe", *files)
    assert result.status == 0, result.err
    parts = re.findall(r"^==> \S+/\d\d-(\S+) <==\n(.*\n)", result.out, re.M)
    assert len(parts) == 30
    assert all(text == alone[name] for name, text in parts)
