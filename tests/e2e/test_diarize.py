"""Diarization on the command line and as a job."""

import base64
import json
import math
import os
import struct
import wave
from pathlib import Path

import pytest
from conftest import ROOT
from service import Service, multipart

TALK = json.loads((ROOT / "tests/speech.json").read_text())["recordings"][0]
SEGMENTS = TALK["segments"]


@pytest.fixture
def own(steno, tmp_path):
    service = Service(steno.path, tmp_path / "data")
    yield service
    service.kill()


def turns_of(rttm: str, recording: str = "telephone") -> list[tuple[float, float, str]]:
    turns = []
    for line in rttm.splitlines():
        kind, name, channel, start, length, _, _, speaker, _, _ = line.split(" ")
        assert (kind, name, channel) == ("SPEAKER", recording, "1")
        turns.append((float(start), float(start) + float(length), speaker))
    return turns


def speaker_at(time: float) -> str | None:
    for segment in SEGMENTS:
        if segment["start"] <= time <= segment["end"]:
            return segment["speaker"]
    return None


def share_right(pieces: list[tuple[float, str]], diane: str, sheila: str) -> float:
    """The fraction of time with the right speaker, where the speaker is known."""
    known = [(speaker_at(time), found) for time, found in pieces]
    known = [(who, found) for who, found in known if who]
    assert len(known) > 40
    return sum(found == {"Diane": diane, "Sheila": sheila}[who] for who, found in known) / len(known)


def test_diarize_writes_rttm_without_a_speech_model(steno, speech, tmp_path):
    run = steno("diarize", speech["telephone.wav"].path)
    assert run.status == 0, run.err
    turns = turns_of(run.out)
    assert turns == sorted(turns) and {speaker for _, _, speaker in turns} == {"SPEAKER_00", "SPEAKER_01"}
    instants = [(start + step / 10, speaker) for start, end, speaker in turns
                for step in range(int(10 * (end - start)))]
    assert share_right(instants, "SPEAKER_00", "SPEAKER_01") > 0.92
    run = steno("diarize", "--format", "rttm,json", "--num-speakers", "1", "--output-dir", tmp_path,
                speech["telephone.wav"].path)
    assert run.status == 0, run.err
    found = json.loads((tmp_path / "telephone.json").read_text())
    assert [speaker["speaker"] for speaker in found["speakers"]] == ["SPEAKER_00"]
    assert {speaker for _, _, speaker in turns_of((tmp_path / "telephone.rttm").read_text())} == {"SPEAKER_00"}


def test_words_get_their_speakers(steno, speech, tmp_path):
    run = steno("transcribe", "--model", "base", "--diarize", "--format", "rttm,json,txt,srt", "--output-dir", tmp_path,
                speech["telephone.wav"].path)
    assert run.status == 0, run.err
    transcript = json.loads((tmp_path / "telephone.json").read_text())
    words = [((word["start"] + word["end"]) / 2, word["speaker"])
             for segment in transcript["segments"] for word in segment["words"]]
    assert share_right(words, "SPEAKER_00", "SPEAKER_01") >= 0.92
    assert sum(speaker["talk_seconds"] for speaker in transcript["speakers"]) == pytest.approx(
        sum(end - start for start, end, _ in turns_of((tmp_path / "telephone.rttm").read_text())), abs=0.1)
    text = (tmp_path / "telephone.txt").read_text()
    assert "[00:00:06] SPEAKER_00: Hello" in text and "SPEAKER_01: " in (tmp_path / "telephone.srt").read_text()


@pytest.fixture
def references(speech, tmp_path):
    """A sample of each voice, cut from the call itself."""
    paths = {}
    with wave.open(str(speech["telephone.wav"].path)) as call:
        for name, start, end in (("Sheila", 24.06, 28.42), ("Diane", 10.78, 14.18)):
            call.setpos(int(start * call.getframerate()))
            paths[name] = tmp_path / f"{name}.wav"
            with wave.open(str(paths[name]), "wb") as clip:
                clip.setparams(call.getparams())
                clip.writeframes(call.readframes(int((end - start) * call.getframerate())))
    return paths


def test_known_speakers_have_their_names(steno, speech, references, tmp_path):
    run = steno("diarize", "--known-speaker", f"Sheila={references['Sheila']}", speech["telephone.wav"].path)
    assert run.status == 0, run.err
    turns = turns_of(run.out)
    assert {speaker for _, _, speaker in turns} == {"SPEAKER_00", "Sheila"}
    run = steno("transcribe", "--model", "tiny.en", "--diarize", "--known-speaker", f"Sheila={references['Sheila']}",
                "--known-speaker", f"Diane={references['Diane']}", speech["telephone.wav"].path)
    assert run.status == 0, run.err
    assert "[00:00:06] Diane: Hello" in run.out and "Sheila: " in run.out and "SPEAKER_" not in run.out


def test_a_job_knows_speakers_by_name(own, steno, speech, references):
    own.start()
    known = json.dumps([{"name": name, "audio_base64": base64.b64encode(path.read_bytes()).decode()}
                        for name, path in references.items()])
    kind, body = multipart({"diarize": "true", "known_speakers": known},
                           [("file", "call.wav", speech["telephone.wav"].path.read_bytes())])
    accepted = own.request("POST", "/api/v1/transcribe", body, {"Content-Type": kind})
    assert accepted.status == 202, accepted.text
    job = accepted.json["job_id"]
    assert own.wait(job)["status"] == "completed" and own.job(job)["warnings"] == []
    assert {speaker["speaker"] for speaker in own.get(f"/api/v1/jobs/{job}/result").json["speakers"]} == {"Diane", "Sheila"}
    refused = own.post_json("/api/v1/transcribe", {"url": "https://example.com/a.mp3", "diarize": True,
                                                     "known_speakers": [{"name": "Ann", "audio_base64": "no"}]})
    assert refused.status == 422 and refused.json["code"] == "invalid_speaker"
    assert refused.json["errors"][0]["path"] == "$.known_speakers[0].audio_base64"
    run = steno("transcribe", "--server", own.url, "--diarize", "--known-speaker", f"Sheila={references['Sheila']}",
                speech["telephone.wav"].path, env={**os.environ, "STENO_API_KEY": own.key})
    assert run.status == 0 and "Sheila: " in run.out, run.err
    assert own.request("DELETE", f"/api/v1/jobs/{job}?purge=true").status == 204
    assert not [path for path in (own.folder / "blobs").rglob("*") if path.is_file() and job in str(path)]


def test_a_tone_and_silence_have_no_speaker(steno, tmp_path):
    for name, amplitude in (("silence", 0), ("tone", 9000)):
        with wave.open(str(tmp_path / f"{name}.wav"), "wb") as out:
            out.setparams((1, 2, 16000, 0, "NONE", ""))
            out.writeframes(b"".join(struct.pack("<h", int(amplitude * math.sin(i / 5))) for i in range(16000 * 12)))
        run = steno("diarize", tmp_path / f"{name}.wav")
        assert (run.status, run.out) == (0, ""), (name, run.out, run.err)


@pytest.mark.parametrize("words,complaint", [
    (["diarize", "--num-speakers", "0", "x.wav"], "num_speakers must be a whole number from 1 to 100"),
    (["diarize", "--min-speakers", "3", "--max-speakers", "2", "x.wav"], "min_speakers and max_speakers"),
    (["diarize", "--format", "srt", "x.wav"], "format must be rttm or json"),
    (["transcribe", "--num-speakers", "2", "x.wav"], "num_speakers has no effect without diarize"),
    (["transcribe", "--format", "rttm", "x.wav"], "needs --diarize"),
    (["diarize", "--known-speaker", "Ann", "x.wav"], "known_speaker must be NAME=FILE"),
    (["diarize", "--known-speaker", "Ann=/no/such.wav", "x.wav"], "/no/such.wav cannot be read"),
    (["diarize", "--known-speaker", f"SPEAKER_01={__file__}", "x.wav"], "must not begin with SPEAKER_"),
    (["transcribe", "--known-speaker", f"Ann={__file__}", "x.wav"], "known_speakers has no effect without diarize"),
    (["transcribe", "--diarize", "--max-speakers", "2", "--channels", "split", "x.wav"], "no effect with channels split")])
def test_contradictory_options_are_refused(steno, words, complaint):
    run = steno(*words)
    assert run.status == 2 and complaint in run.err


def test_bad_files_fail_by_name(steno, tmp_path):
    (tmp_path / "notes.wav").write_text("not audio at all")
    run = steno("diarize", tmp_path / "notes.wav")
    assert run.status == 1 and "notes.wav" in run.err and run.out == ""


def test_a_job_reports_speakers(own, speech):
    own.start()
    job = own.submit(speech["telephone.wav"].path, diarize="true", num_speakers="2", paragraphs="true")
    assert own.wait(job)["status"] == "completed"
    assert own.job(job)["warnings"] == []
    rttm = own.get(f"/api/v1/jobs/{job}/result?format=rttm").text
    assert {speaker for _, _, speaker in turns_of(rttm, job)} == {"SPEAKER_00", "SPEAKER_01"}
    result = own.get(f"/api/v1/jobs/{job}/result").json
    assert {paragraph["speaker"] for paragraph in result["paragraphs"]} == {"SPEAKER_00", "SPEAKER_01"}
    plain = own.submit(speech["telephone.wav"].path)
    assert own.wait(plain)["status"] == "completed"
    refused = own.get(f"/api/v1/jobs/{plain}/result?format=rttm")
    assert refused.status == 409 and refused.json["code"] == "no_speakers"


def test_speakers_that_cannot_be_found_cost_no_transcript(own, models, speech, tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("tiny.en", "silero_vad_v6.onnx"):
        (folder / name).symlink_to(models / name)
    (folder / "diarization").mkdir()
    for name in ("segmentation.onnx", "embedding.onnx"):
        (folder / "diarization" / name).write_bytes(b"no network")
    own.environment["STENO_MODELS"] = str(folder)
    own.start()
    job = own.submit(speech["telephone.wav"].path, diarize="true")
    shown = own.wait(job)
    assert shown["status"] == "completed"
    [warning] = shown["warnings"]
    assert "speakers cannot be found" in warning and str(Path(folder)) not in warning
    assert "Chicago" in own.text_of(job)
    required = own.submit(speech["telephone.wav"].path, diarize="true", require="diarize")
    failed = own.wait(required)
    assert failed["status"] == "failed" and "speakers cannot be found" in failed["error"]["message"]
