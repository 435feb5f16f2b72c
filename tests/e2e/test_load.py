"""Memory that does not grow with the recording, and many files at once."""

import re
import wave

import pytest


def recording(path, sentence, minutes, every):
    """A sentence every so many minutes; the silence between is a hole in the file."""
    with wave.open(str(sentence), "rb") as source:
        rate, frames = source.getframerate(), source.readframes(source.getnframes())
    with open(path, "wb") as raw, wave.open(raw, "wb") as target:
        target.setparams((1, 2, rate, minutes * 60 * rate, "NONE", ""))
        target.writeframes(b"")
        begin = raw.tell()
        for minute in range(0, minutes, every):
            raw.seek(begin + minute * 60 * rate * 2)
            raw.write(frames)
        raw.truncate(begin + minutes * 60 * rate * 2)
        target._datawritten = target._datalength  # the header is right already
    return path


@pytest.mark.parametrize("decoding", ["batched", "sequential"])
def test_memory_does_not_grow_with_the_recording(steno, clip, tmp_path, decoding):
    sizes = {}
    for minutes in (10, 100):
        path = recording(tmp_path / f"{minutes}.wav", clip.path, minutes, 5)
        result = steno("transcribe", "--decoding", decoding, "--timestamps", path)
        assert result.status == 0, result.err
        assert len(re.findall("Dashwood", result.out)) == minutes // 5
        starts = [60 * int(m) + float(s) for m, s in re.findall(r"^\[(?:(?=\d+:\d+\.)|(?:1:))(\d+):(\d+\.\d+) -->", result.out, re.M)]
        assert starts
        sizes[minutes] = result.peak_mb
        path.unlink()
    assert sizes[100] <= 1.2 * sizes[10], sizes


def test_many_files_at_once(steno, speech, tmp_path):
    """Sixty clips in one call: every text is that of the clip alone."""
    names = [name for name in sorted(speech) if name.startswith("austen")]
    alone = {name: steno.text(speech[name].path) for name in names}
    files = []
    for number in range(60):
        name = names[number % len(names)]
        files.append(tmp_path / f"{number:02}-{name}")
        files[-1].symlink_to(speech[name].path)
    result = steno("transcribe", *files)
    assert result.status == 0, result.err
    parts = re.findall(r"^==> \S+/\d\d-(\S+) <==\n(.*\n)", result.out, re.M)
    assert len(parts) == 60
    assert all(text == alone[name] for name, text in parts)
