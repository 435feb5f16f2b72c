"""faster-whisper's batched pipeline as a user runs it: the model loaded once, one file after the
other. Prints one JSON line per file, then one with the process's figures."""

import argparse
import json
import resource
import time

parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True)
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--languages", required=True, help="one code per file, joined by commas")
parser.add_argument("--plain", action="store_true", help="the pipeline without batches")
parser.add_argument("files", nargs="+")
args = parser.parse_args()

from faster_whisper import BatchedInferencePipeline, WhisperModel  # noqa: E402

model = WhisperModel(args.model, device="cpu", compute_type="int8", cpu_threads=args.threads)
pipeline = model if args.plain else BatchedInferencePipeline(model)
options = {"beam_size": 5} if args.plain else {"beam_size": 5, "batch_size": 8}
began = time.monotonic()
for path, language in zip(args.files, args.languages.split(",")):
    start = time.monotonic()
    segments, info = pipeline.transcribe(path, language=language, **options)
    text = "".join(segment.text for segment in segments).strip()
    print(json.dumps({"file": path, "seconds": time.monotonic() - start, "text": text}), flush=True)
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"work": time.monotonic() - began, "memory_mb": usage.ru_maxrss / 1024}))
