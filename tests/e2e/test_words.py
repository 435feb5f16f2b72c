"""Correct words with plausible times."""

import pytest


def test_austen_word_for_word(steno, speech, wer):
    names = [name for name in sorted(speech) if name.startswith("austen")]
    result = steno("transcribe", "--model", "base", *(speech[name].path for name in names))
    assert result.status == 0, result.err
    parts = result.out.split("==> ")[1:]
    assert len(parts) == len(names)
    expected = " ".join(speech[name].text for name in names)
    said = " ".join(part.split(" <==\n", 1)[1] for part in parts)
    assert wer(expected, said) <= 0.08, said


def test_telephone_talk(steno, speech, wer):
    talk = speech["telephone.wav"]
    transcript = steno.json("--model", "base", talk.path)
    assert wer(talk.text, transcript["text"]) <= 0.25, transcript["text"]
    assert transcript["language"] == "en"
    assert transcript["language_probability"] > 0.8
    assert transcript["duration"] == pytest.approx(talk.seconds, abs=0.05)
    assert 15 < transcript["duration_after_vad"] < 28


def test_sequential_decoding_finds_the_same_words(steno, speech, wer):
    talk = speech["telephone.wav"]
    transcript = steno.json("--model", "base", "--sequential", talk.path)
    assert wer(talk.text, transcript["text"]) <= 0.25, transcript["text"]
    assert len(transcript["segments"]) >= 3


@pytest.mark.parametrize("decoding", ["batched", "sequential"])
def test_word_times(steno, speech, decoding):
    talk = speech["telephone.wav"]
    segments = steno.json("--decoding", decoding, "--word-timestamps", talk.path)["segments"]
    assert segments
    before = 0.0
    for segment in segments:
        assert segment["start"] <= segment["end"] <= talk.seconds
        assert segment["words"]
        assert "".join(word["word"] for word in segment["words"]).strip() == segment["text"].strip()
        for word in segment["words"]:
            assert before <= word["start"] + 1e-6, word
            assert word["start"] <= word["end"]
            assert segment["start"] - 1e-6 <= word["start"] and word["end"] <= segment["end"] + 1e-6
            assert 0 <= word["probability"] <= 1
            before = word["start"]
    # "Hello" is first said at 6.68 s.
    assert segments[0]["words"][0]["start"] == pytest.approx(6.68, abs=0.4)


def test_segments_are_in_order(steno, long_talk):
    segments = steno.json(long_talk)["segments"]
    starts = [segment["start"] for segment in segments]
    assert starts == sorted(starts)
    assert [segment["id"] for segment in segments] == list(range(len(segments)))
    assert segments[-1]["end"] > 120


NOISES = {
    "silence": "anullsrc=r=16000:d=20",
    "white": "anoisesrc=c=white:a=0.3:r=16000:d=20:s=1",
    "pink": "anoisesrc=c=pink:a=0.3:r=16000:d=20:s=2",
    "brown": "anoisesrc=c=brown:a=0.5:r=16000:d=20:s=3",
    "quiet white": "anoisesrc=c=white:a=0.005:r=16000:d=20:s=4",
    "hum 50 Hz": "aevalsrc=0.3*sin(2*PI*50*t)+0.15*sin(2*PI*150*t):s=16000:d=20",
    "hum 60 Hz": "aevalsrc=0.2*sin(2*PI*60*t)+0.1*sin(2*PI*180*t):s=16000:d=20",
    "whistle": "aevalsrc=0.4*sin(2*PI*1000*t):s=16000:d=20",
    "clicks": "aevalsrc=if(lt(mod(t\\,0.7)\\,0.002)\\,0.9\\,0):s=16000:d=20",
    "beeps": "aevalsrc=0.5*sin(2*PI*800*t)*lt(mod(t\\,1)\\,0.2):s=16000:d=20",
    "sweep": "aevalsrc=0.4*sin(2*PI*(200+100*t)*t):s=16000:d=20",
    "chord": "aevalsrc=(sin(2*PI*262*t)+sin(2*PI*330*t)+sin(2*PI*392*t))*0.2*exp(-2*mod(t\\,1)):s=16000:d=20",
    "breathing": "anoisesrc=c=pink:a=0.2:r=16000:d=20:s=5,volume='pow(sin(2*PI*t/4)\\,2)':eval=frame",
    "vibrato": "aevalsrc='0.2*("
    + "+".join(f"sin({k}*(2*PI*180*t+6*sin(2*PI*5*t)))/{k}" for k in range(1, 9))
    + ")':s=16000:d=20",
    "drums": "anoisesrc=c=white:a=0.8:r=16000:d=20:s=6,volume='exp(-20*mod(2*t,1))':eval=frame",
    "clipped": "aevalsrc=if(gt(sin(2*PI*100*t)\\,0)\\,1\\,-1):s=16000:d=20",
}


@pytest.mark.parametrize("decoding", ["batched", "sequential"])
def test_noise_has_no_words(steno, ffmpeg, tmp_path, decoding):
    for name, source in NOISES.items():
        ffmpeg("-f", "lavfi", "-i", source, "-ar", 16000, "-ac", 1, tmp_path / f"{name}.wav")
    files = sorted(tmp_path.glob("*.wav"))
    result = steno(
        "transcribe", "--model", "base", "--decoding", decoding, "--output-dir", tmp_path / "out", *files
    )
    assert result.status == 0, result.err
    invented = {file.stem: (tmp_path / "out" / f"{file.stem}.txt").read_text() for file in files}
    assert {name: text for name, text in invented.items() if text} == {}


def test_pauses_change_nothing(steno, clip, ffmpeg, tmp_path, wer):
    """Half a minute of silence on both sides gives the same words at the right times."""
    padded = tmp_path / "padded.wav"
    ffmpeg("-i", clip.path, "-af", "adelay=30000,apad=pad_dur=30", padded)
    transcript = steno.json(padded)
    assert wer(clip.text, transcript["text"]) <= 0.1
    assert transcript["segments"][0]["start"] == pytest.approx(30.1, abs=0.6)
    assert transcript["duration"] == pytest.approx(60 + clip.seconds, abs=0.2)
    assert transcript["duration_after_vad"] < clip.seconds + 3


def test_no_voice_is_passed_over(steno, speech, ffmpeg, tmp_path, wer):
    """Loud and quiet voices in one window: Whisper ends after the first, or skips the second."""
    names = [f"austen-{number}.wav" for number in ("0890", "0870", "0880")] + ["telephone.wav"]
    names += [f"austen-{number}.wav" for number in ("0920", "0930")]
    inputs = [word for name in names for word in ("-i", speech[name].path)]
    mixed = tmp_path / "mixed.wav"
    ffmpeg(*inputs, "-filter_complex", f"concat=n={len(names)}:v=0:a=1", "-ar", 16000, mixed)
    said = " ".join(speech[name].text for name in names)
    assert wer(said, steno.text("--model", "base", mixed)) <= 0.15


@pytest.mark.parametrize(
    ("name", "missing"),
    [("base", "tokenizer.json"), ("base", "vocabulary.json"), ("tiny.en", "tokenizer.json"), ("tiny.en", "vocabulary.txt")],
)
@pytest.mark.parametrize("compute_type", ["int8", "float32"])
def test_a_model_folder_may_lack_a_file(steno, models, clip, tmp_path, name, missing, compute_type):
    assert (models / name / missing).exists()
    for file in (models / name).iterdir():
        if file.name != missing:
            (tmp_path / file.name).symlink_to(file)
    call = ["--device", "cpu", "--compute-type", compute_type, "--word-timestamps", clip.path]
    whole, other = (steno.json("--model", folder, *call)["segments"] for folder in (models / name, tmp_path))
    assert other == whole
