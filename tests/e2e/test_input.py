"""Input of every audio format, and one clear line for files that are not audio."""

import os
import random
import re
import subprocess

import pytest

CODINGS = {
    "mp3": ["-b:a", "64k"],
    "m4a": ["-c:a", "aac"],
    "ogg": ["-c:a", "libvorbis"],
    "opus": ["-c:a", "libopus"],
    "flac": [],
    "aiff": [],
    "wma": [],
    "ac3": [],
    "webm": ["-c:a", "libopus"],
    "mka": ["-c:a", "pcm_s24le"],
    "caf": [],
    "au": [],
    "8k.wav": ["-ar", "8000", "-c:a", "pcm_mulaw"],
    "48k.wav": ["-ar", "48000", "-ac", "2", "-c:a", "pcm_f32le"],
}


def test_every_coding(steno, clip, ffmpeg, tmp_path, wer):
    files = []
    for ending, options in CODINGS.items():
        files.append(tmp_path / f"{ending.replace('.', '-')}.{ending}")
        ffmpeg("-i", clip.path, *options, files[-1])
    result = steno("transcribe", *files)
    assert result.status == 0, result.err
    found = dict(re.findall(r"==> (\S+) <==\n(.*)\n", result.out))
    assert len(found) == len(CODINGS)
    wrong = {name: text for name, text in found.items() if wer(clip.text, text) > 0.15}
    assert wrong == {}


def test_video_and_its_second_track(steno, speech, ffmpeg, tmp_path):
    first, second = speech["austen-0870.wav"], speech["austen-0930.wav"]
    video = tmp_path / "talk.mkv"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc=s=64x48:d=7"), "-i", first.path, "-i", second.path,
        *("-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:v", "mpeg4", "-c:a", "flac"), video,
    )  # fmt: skip
    assert "Dashwood" in steno.text(video)
    assert "amiable" in steno.text("--audio-track", 1, video)
    result = steno("transcribe", "--audio-track", 2, video)
    assert result.status == 1
    assert len(result.errors) == 1 and str(video) in result.err and "2" in result.err


def test_channels_of_a_call(steno, speech, ffmpeg, tmp_path, wer):
    """Two people on two channels, the second one after the first."""
    left, right = speech["austen-0870.wav"], speech["austen-0930.wav"]
    call = tmp_path / "call.wav"
    ffmpeg(
        "-i", left.path, "-i", right.path,
        "-filter_complex", "[0]apad=pad_dur=4[l];[1]adelay=7500[r];[l][r]join=inputs=2:channel_layout=stereo",
        call,
    )  # fmt: skip
    segments = steno.json("--channels", "split", call)["segments"]
    by_channel = {
        channel: " ".join(s["text"] for s in segments if s["channel"] == channel) for channel in (0, 1)
    }
    assert wer(left.text, by_channel[0]) <= 0.15, by_channel
    assert wer(right.text, by_channel[1]) <= 0.3, by_channel
    assert [s["start"] for s in segments] == sorted(s["start"] for s in segments)
    assert min(s["start"] for s in segments if s["channel"] == 1) > 6.5
    mixed = steno.json(call)
    assert "channel" not in mixed["segments"][0]
    assert wer(f"{left.text} {right.text}", mixed["text"]) <= 0.2


def broken_files(clip, ffmpeg, folder):
    """Path -> text that the message must contain."""
    (folder / "empty.wav").write_bytes(b"")
    (folder / "text.wav").write_text("This is not audio, whatever its name says.\n" * 50)
    (folder / "folder").mkdir()
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x48:d=1", "-an", "-c:v", "mpeg4", folder / "silent.mp4")
    ffmpeg(
        "-i", clip.path, "-c:a", "aac", "-encryption_scheme", "cenc-aes-ctr",
        "-encryption_key", "00112233445566778899aabbccddeeff",
        "-encryption_kid", "112233445566778899aabbccddeeff00", folder / "locked.mp4",
    )  # fmt: skip
    return {
        folder / "missing.wav": "no such file",
        folder / "empty.wav": "empty",
        folder / "text.wav": "not audio",
        folder / "folder": "folder",
        folder / "silent.mp4": "no audio",
        folder / "locked.mp4": "encrypted",
    }


def test_each_broken_file_gives_one_clear_line(steno, clip, ffmpeg, tmp_path):
    broken = broken_files(clip, ffmpeg, tmp_path)
    result = steno("transcribe", *broken, clip.path)
    assert result.status == 1
    assert len(result.errors) == len(broken), result.err
    for path, cause in broken.items():
        line = next(line for line in result.errors if str(path) in line)
        assert line.startswith("steno: ") and cause in line, line
    assert "Dashwood" in result.out


def test_file_without_permission(steno, clip, tmp_path):
    path = tmp_path / "private.wav"
    path.write_bytes(clip.path.read_bytes())
    path.chmod(0)
    command = steno.command("transcribe", path)
    if os.geteuid() == 0:  # root can read everything without this
        command = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *command]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"steno: {path}: no permission to read it\n"


def test_cut_off_recording_says_up_to_where(steno, clip, ffmpeg, tmp_path):
    whole = tmp_path / "whole.flac"
    ffmpeg("-i", clip.path, whole)
    cut = tmp_path / "cut.flac"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    result = steno("transcribe", cut)
    assert result.status == 0
    assert "Dashwood" in result.out
    assert len(result.errors) == 1 and str(cut) in result.err and re.search(r"\d", result.err)
    assert steno("transcribe", "--quiet", cut).err == ""


def damaged(original: bytes, way: int, chance: random.Random) -> bytes:
    data = bytearray(original)
    if way == 0:  # cut
        return bytes(data[: chance.randrange(len(data))])
    if way == 1:  # bits flipped anywhere
        for _ in range(chance.randrange(1, 200)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif way == 2:  # a wrong header
        for _ in range(chance.randrange(1, 16)):
            data[chance.randrange(min(256, len(data)))] = chance.randrange(256)
    elif way == 3:  # a piece missing
        start = chance.randrange(len(data))
        del data[start : start + chance.randrange(1, len(data))]
    else:  # a piece of something else
        start = chance.randrange(len(data))
        data[start : start + 500] = chance.randbytes(500)
    return bytes(data)


@pytest.mark.usefixtures("no_core_dumps")
def test_two_hundred_damaged_files(steno, speech, ffmpeg, tmp_path):
    """Text or a clear error; never a crash, a hang or memory that grows."""
    source = speech["austen-0880.wav"].path
    wholes = []
    for ending in ("wav", "mp3", "m4a", "ogg", "opus", "flac", "webm", "mka", "wma", "aiff"):
        wholes.append(tmp_path / f"whole.{ending}")
        ffmpeg("-i", source, wholes[-1])
    chance = random.Random(20240607)
    files = []
    for number in range(200):
        whole = wholes[number % len(wholes)]
        files.append(tmp_path / f"damaged-{number:03}{whole.suffix}")
        files[-1].write_bytes(damaged(whole.read_bytes(), number // 10 % 5, chance))
    one = steno("transcribe", source)
    result = steno("transcribe", "--output-dir", tmp_path / "out", *files, timeout=500)
    assert result.status in (0, 1), result.err[-2000:]
    assert result.peak_mb < one.peak_mb * 1.5 + 60
    done = {path.stem for path in (tmp_path / "out").iterdir()}
    for file in files:
        said = [line for line in result.errors if file.name in line]
        assert file.stem in done or said, file
        assert all(line.startswith("steno: ") and len(line) < 500 for line in said)
    assert not any(path.suffix != ".txt" for path in (tmp_path / "out").iterdir())
    assert len(done) > 40


def test_names_that_are_hard_to_say(steno, clip, tmp_path):
    for name in ("with space.wav", "-dash.wav", "שיחה.wav", "a'b\"c;$(x).wav", "100%.wav"):
        path = tmp_path / name
        path.write_bytes(clip.path.read_bytes())
    result = steno("transcribe", "--output-dir", "out", "--", *sorted(os.listdir(tmp_path)), cwd=tmp_path)
    assert result.status == 0, result.err
    assert len(list((tmp_path / "out").iterdir())) == 5
