#!/usr/bin/env python3
"""Checks which folder of src/ includes which. The table below is the architecture.

    check_layers.py [ROOT]

Prints FILE:LINE for every include that the table does not allow, that is in an unknown folder, or
that is another folder's private header. Also prints every call that starts a process in a folder
where that is forbidden. Exit status 1 if there is any.
"""

import re
import sys
from pathlib import Path

# Folder under src/ -> the folders that it may include besides itself. The longest name that matches
# a file is its folder.
STAGE = {"base", "transcript", "models", "options"}
ALLOWED = {
    "base": set(),
    "domain": {"base"},
    "options": {"base", "transcript"},
    "transcript": {"base"},
    "models": {"base", "net"},
    "telemetry": {"base"},
    "notify": {"base"},
    "workers": {"base", "store"},
    "sandbox": {"base"},
    "pipeline/decode": STAGE | {"sandbox"},
    "pipeline/onnx": {"base"},
    "pipeline/vad": STAGE | {"pipeline/onnx"},
    "pipeline/asr": STAGE,
    "pipeline/diarize": STAGE | {"pipeline/onnx"},
    "pipeline/postprocess": STAGE,
    "pipeline": STAGE | {"domain", "pipeline/decode", "pipeline/vad", "pipeline/asr",
                         "pipeline/diarize", "pipeline/postprocess"},
    "http": {"base", "telemetry"},
    "blob": {"base"},
    "net": {"base"},
    "fetch": {"base", "net"},
    "store": {"base", "domain", "telemetry"},
    "queue": {"base", "domain", "store", "notify"},
    "jobs": {"base", "domain", "store", "blob", "queue", "notify", "telemetry"},
    "service": {"base", "domain", "store", "blob", "jobs", "queue", "notify", "telemetry", "models",
                "options", "pipeline"},
    "api": {"base", "domain", "http", "service", "store", "blob", "notify", "transcript",
            "telemetry", "models", "options", "pipeline"},
    "worker": {"base", "domain", "jobs", "workers", "store", "queue", "blob", "notify", "fetch",
               "pipeline", "options", "transcript", "models", "telemetry"},
    "client": {"base", "net", "transcript"},
    "app": {"base", "domain", "transcript", "models", "pipeline", "pipeline/decode", "options",
            "telemetry", "http", "blob", "notify", "net", "fetch", "sandbox", "store", "queue", "jobs",
            "workers", "service", "api", "worker", "client"},
}

# Folders with private headers: other folders may include only these.
PUBLIC = {
    "blob": {"blob/blob.h", "blob/staging.h", "blob/signed_link.h", "blob/file/file_store.h",
             "blob/file/file_staging.h", "blob/memory/memory_store.h"},
    "fetch": {"fetch/fetch.h"},
    "net": {"net/http_client.h", "net/retry.h", "net/address.h"},
    "models": {"models/models.h", "models/model_file.h"},
    "sandbox": {"sandbox/sandbox.h", "sandbox/confine.h"},
    "pipeline/decode": {"pipeline/decode/decode.h"},
    "pipeline/asr": {"pipeline/asr/asr.h"},
    "pipeline/diarize": {"pipeline/diarize/diarize.h", "pipeline/diarize/analyzer.h"},
}

# Folders that work inside this process and must not start programs.
IN_PROCESS = ("pipeline/", "models/")
START = re.compile(r"\b(popen|posix_spawnp?|exec[lv]p?e?|fexecve|v?fork|system)\s*\(")

INCLUDE = re.compile(r'\s*#\s*include\s+"([^"]+)"')


def folder_of(path: str) -> str | None:
    """The table's name for the folder of `path` (relative to src/), or none."""
    fitting = [f for f in ALLOWED if path == f or path.startswith(f + "/")]
    return max(fitting, key=len, default=None)


def complaint(source: str, included: str) -> str | None:
    """The reason why `source` may not include `included` (both relative to src/), or none."""
    own, other = folder_of(source), folder_of(included)
    if own is None:
        return f"the folder of {source} is not in the table of tools/check_layers.py"
    if other is None:
        return f"{included} is in no folder of the table of tools/check_layers.py"
    if own == other:
        return None
    if other not in ALLOWED[own]:
        return f"{own} may not include {other} ({included})"
    if other in PUBLIC and included not in PUBLIC[other]:
        return f"{included} is private to {other}"
    return None


def check(root: Path) -> list[str]:
    """Every violation in the sources under root/src, as FILE:LINE: text."""
    found = []
    src = root / "src"
    for path in sorted(p for p in src.rglob("*") if p.suffix in {".h", ".cc"}):
        source = path.relative_to(src).as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if match and (text := complaint(source, match[1])):
                found.append(f"src/{source}:{number}: {text}")
            start = START.search(line.split("//")[0])
            if start and source.startswith(IN_PROCESS):
                found.append(f"src/{source}:{number}: {start[1]} starts a process; use a library")
    return found


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = check(root)
    print("\n".join(found) if found else "layers: every include is one that the table allows")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
