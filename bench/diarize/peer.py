"""sherpa-onnx as a program like `steno diarize`: peer.py MODELS OUT THRESHOLD WAV… writes OUT/NAME.rttm.

It uses Steno's networks, with the metadata that sherpa-onnx needs added."""

import os
import pathlib
import sys
import tempfile

import onnx
import sherpa_onnx
import soundfile

NOTES = {
    "segmentation": {"num_speakers": 3, "powerset_max_classes": 2, "num_classes": 7, "sample_rate": 16000,
                     "window_size": 160000, "receptive_field_size": 991, "receptive_field_shift": 270},
    "embedding": {"framework": "3d-speaker", "language": "English", "url": "", "comment": "", "sample_rate": 16000,
                  "output_dim": 192, "normalize_samples": 1, "feature_normalize_type": "global-mean"},
}


def with_notes(models, folder, name):
    model = onnx.load(models / f"{name}.onnx")
    for key, value in NOTES[name].items():
        note = model.metadata_props.add()
        note.key, note.value = key, str(value)
    onnx.save(model, folder / f"{name}.onnx")
    return str(folder / f"{name}.onnx")


def main():
    models, out, threshold = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), float(sys.argv[3])
    out.mkdir(exist_ok=True)
    threads = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        segmentation = sherpa_onnx.OfflineSpeakerSegmentationModelConfig(
            pyannote=sherpa_onnx.OfflineSpeakerSegmentationPyannoteModelConfig(
                model=with_notes(models, folder, "segmentation")), num_threads=threads)
        embedding = sherpa_onnx.SpeakerEmbeddingExtractorConfig(
            model=with_notes(models, folder, "embedding"), num_threads=threads)
        diarizer = sherpa_onnx.OfflineSpeakerDiarization(sherpa_onnx.OfflineSpeakerDiarizationConfig(
            segmentation=segmentation, embedding=embedding,
            clustering=sherpa_onnx.FastClusteringConfig(num_clusters=-1, threshold=threshold)))
    for path in map(pathlib.Path, sys.argv[4:]):
        samples, rate = soundfile.read(path, dtype="float32")
        assert rate == diarizer.sample_rate
        turns = diarizer.process(samples).sort_by_start_time()
        (out / f"{path.stem}.rttm").write_text("".join(
            f"SPEAKER {path.stem} 1 {t.start:.3f} {t.end - t.start:.3f} <NA> <NA> SPEAKER_{t.speaker:02} <NA> <NA>\n"
            for t in turns))


if __name__ == "__main__":
    main()
