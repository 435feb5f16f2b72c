#!/usr/bin/env python3
"""Finds words that the documentation and the comments of the code must not use.

    check_words.py [ROOT]

The table below gives the standard term for each of them. Checked are Markdown files, and comments
in C++ and Python sources. Prints FILE:LINE for each finding. Exit status 1 if there is any.
"""

import io
import re
import sys
import tokenize
from pathlib import Path

TERMS = [
    (r"(?:over)?hear(?:s|d|ing)?", "transcribe, recognise or decode"),
    (r"told(?: of)?", "reported"),
    (r"tells? of", "report"),
    (r"door ?bells?|bells?|rung", "notifier or notify"),
    (r"(?:a|the|same|every|each|last|next) beats?", "heartbeat"),
    (r"ears?", "listener"),
    (r"whoever|who(?= (?:asks|waits|comes|wants|has|gets|holds|watches|looks)\b)", "the caller"),
    (r"nobody|nobody's", "no caller, no user or none"),
    (r"is of no use|are of no use", "is useless or is meaningless"),
    (r"so (?:many|much|long) as|as long as it takes", "a plain condition"),
    (r"what becomes of|whatever becomes of", "the result of"),
    (r"what is wrong(?: with)?", "the error or the errors"),
    (r"for ever", "without limit or until it is deleted"),
    (r"taken for dead", "considered dead"),
    (r"(?<=/ )(?:what|who)", "a noun at the start of the comment"),
]
BANNED = [(re.compile(rf"\b(?:{words})\b", re.IGNORECASE), term) for words, term in TERMS]
CODE = re.compile(r"`[^`]*`")
CPP_COMMENT = re.compile(r'(?:^|[^:"])(//.*)$')
FOLDERS = ("src", "tests", "tools", "bench", "docs")
# Words that are quoted or are data, not prose.
SKIPPED = {"tools/check_words.py", "tools/test_check_words.py", "docs/glossary.md"}


def prose(path: Path, text: str) -> list[tuple[int, str]]:
    """The numbered lines of a file's prose: all of Markdown, comments of code."""
    lines = text.splitlines()
    if path.suffix == ".md":
        return [(number, CODE.sub("", line)) for number, line in enumerate(lines, 1)]
    if path.suffix == ".py":
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        return [(t.start[0], t.string) for t in tokens if t.type == tokenize.COMMENT]
    found = ((number, CPP_COMMENT.search(line)) for number, line in enumerate(lines, 1))
    return [(number, CODE.sub("", match[1])) for number, match in found if match]


def files(root: Path) -> list[Path]:
    """The checked files below `root`."""
    found = [path for folder in FOLDERS for path in (root / folder).rglob("*")
             if path.suffix in {".h", ".cc", ".py", ".md"} and "node_modules" not in path.parts]
    return sorted([*found, *root.glob("*.md")])


def check(root: Path) -> list[str]:
    """Every finding, as FILE:LINE: text."""
    found = []
    for path in files(root):
        name = path.relative_to(root).as_posix()
        if name in SKIPPED:
            continue
        for number, line in prose(path, path.read_text(encoding="utf-8")):
            for pattern, term in BANNED:
                if match := pattern.search(line):
                    found.append(f'{name}:{number}: write {term} instead of "{match[0]}"')
    return found


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = check(root)
    print("\n".join(found) if found else "words: no banned word in comments and documentation")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
