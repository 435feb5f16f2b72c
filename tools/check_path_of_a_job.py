#!/usr/bin/env python3
"""Finds files and functions that docs/path-of-a-job.md names and that do not exist.

    check_path_of_a_job.py [ROOT]

In the document, every `path/with.ext` is a file of the repository, and every `name()` or
`Type::name()` after it is a function in this file. Exit status 1 if one does not exist.
"""

import re
import sys
from pathlib import Path

DOCUMENT = "docs/path-of-a-job.md"
NAMED = re.compile(r"`([\w./-]+/[\w.-]+\.\w+)`|`([\w:~]+)\(\)`")


def holds(text: str, function: str) -> bool:
    """Whether a source declares, defines or calls `function`, with or without its type's name."""
    return re.search(rf"(?<!\w){re.escape(function.split('::')[-1])}\s*\(", text) is not None


def check(root: Path) -> list[str]:
    """Every missing file or function, as DOCUMENT:LINE: text."""
    found = []
    lines = (root / DOCUMENT).read_text(encoding="utf-8").splitlines()
    source, text = None, ""
    for number, line in enumerate(lines, 1):
        for path, function in NAMED.findall(line):
            where = f"{DOCUMENT}:{number}: "
            if path:
                source, file = path, root / path
                text = file.read_text(encoding="utf-8") if file.is_file() else ""
                if not file.is_file():
                    found.append(f"{where}there is no file {path}")
            elif source is None:
                found.append(f"{where}{function}() has no file before it")
            elif text and not holds(text, function):
                found.append(f"{where}{source} holds no function {function}()")
    return found


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = check(root)
    print("\n".join(found) if found else f"{DOCUMENT}: all that it names is there")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
