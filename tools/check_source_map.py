#!/usr/bin/env python3
"""Checks that src/README.md describes src/: its folders, its files, and what is named alike.

    check_source_map.py [ROOT]

Every folder below src/ that holds sources must have a row that starts with `folder/`. Every
`folder/`, every `path/file.ext` and every `name()` after a file must exist. Paths are relative to
src/. Two folders have files of the same name only if one holds an interface and the others, below
it, its backends. Exit status 1 if anything is missing or ambiguous.
"""

import re
import sys
from pathlib import Path

DOCUMENT = "src/README.md"
SOURCES = {".h", ".cc"}
ROW = re.compile(r"^\| `([\w/-]+)/` \|")
NAMED = re.compile(r"`([\w./-]+/)`|`([\w./-]+\.(?:h|cc))`|`([\w:~]+)\(\)`")


def folders(src: Path) -> set[str]:
    """The folders below `src` that directly hold a source file."""
    return {path.parent.relative_to(src).as_posix()
            for path in src.rglob("*") if path.suffix in SOURCES and path.parent != src}


def holds(text: str, function: str) -> bool:
    """Whether a source declares, defines or calls `function`."""
    return re.search(rf"(?<!\w){re.escape(function.split('::')[-1])}\s*\(", text) is not None


def missing(src: Path, line: str) -> list[str]:
    """The names in one line of the document that do not exist."""
    found, source = [], None
    for folder, file, function in NAMED.findall(line):
        if folder and not (src / folder).is_dir():
            found.append(f"there is no folder src/{folder}")
        elif file:
            source = src / file
            if not source.is_file():
                found.append(f"there is no file src/{file}")
                source = None
        elif function and source and not holds(source.read_text(encoding="utf-8"), function):
            found.append(f"{source.relative_to(src.parent)} has no function {function}()")
    return found


def ambiguous(src: Path) -> list[str]:
    """The file names, without extension, that stand for different things."""
    homes: dict[str, set[Path]] = {}
    for path in src.rglob("*"):
        if path.suffix in SOURCES:
            homes.setdefault(path.stem, set()).add(path.parent.relative_to(src))
    found = []
    for name, places in sorted(homes.items()):
        interface = min(places, key=lambda place: len(place.parts))
        if any(place.parent != interface for place in places - {interface}):
            folders = " and ".join(sorted(f"src/{place.as_posix()}/" for place in places))
            found.append(f"{folders} have a file called {name}: rename one")
    return found


def check(root: Path) -> list[str]:
    """Every problem, as DOCUMENT:LINE: text, or as text alone."""
    found, described = [], set()
    lines = (root / DOCUMENT).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if row := ROW.match(line):
            described.add(row[1])
        found += [f"{DOCUMENT}:{number}: {text}" for text in missing(root / "src", line)]
    undescribed = sorted(folders(root / "src") - described)
    found += [f"{DOCUMENT}: src/{folder}/ has no row" for folder in undescribed]
    return found + ambiguous(root / "src")


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = check(root)
    print("\n".join(found) if found else f"{DOCUMENT}: describes every folder of src/; no file name is ambiguous")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
