#!/usr/bin/env python3
"""Writes manual pages and shell completions from the help of the program, so that they cannot differ from it.

    packaging/command_docs.py PROGRAM SHARE

Writes SHARE/man/man1/*.1.gz, and the completions of bash, zsh and fish at the places below SHARE where these look."""

import dataclasses
import gzip
import pathlib
import re
import subprocess
import sys


@dataclasses.dataclass
class Entry:
    """An option, an argument or a sub-command."""

    name: str
    text: str

    def flags(self) -> list[str]:
        """All spellings of an option."""
        flags = []
        for word in re.split(r"[, ]+", self.name):
            if word.startswith("--[no-]"):
                flags += ["--" + word[7:], "--no-" + word[7:]]
            elif word.startswith("-"):
                flags.append(word)
        return flags

    def value(self) -> str:
        """The placeholder of the option's value; empty for a flag."""
        last = self.name.split(" ")[-1]
        return "" if last.startswith("-") else last


@dataclasses.dataclass
class Command:
    words: list[str]
    about: list[str]
    usage: str = ""
    sections: dict[str, list[Entry]] = dataclasses.field(default_factory=dict)

    def options(self) -> list[Entry]:
        return [entry for title, entries in self.sections.items() if title not in ("Positionals", "Subcommands")
                for entry in entries]

    def subcommands(self) -> list[Entry]:
        return self.sections.get("Subcommands", [])


def read_command(program: str, words: list[str]) -> Command:
    """Parses `PROGRAM WORDS --help`: the description, the usage, and sections of names with their texts."""
    text = subprocess.run([program, *words[1:], "--help"], check=True, capture_output=True, text=True).stdout
    head, _, body = text.partition("Usage: ")
    command = Command(words, head.strip().splitlines())
    command.usage, _, body = body.partition("\n")
    entries: list[Entry] = []
    for line in body.splitlines():
        if heading := re.fullmatch(r"(\S.*):", line):
            entries = command.sections.setdefault(heading[1], [])
        elif name := re.fullmatch(r"  (\S+(?: \S+)*)(?:  +(.*))?", line):
            entries.append(Entry(name[1], name[2] or ""))
        elif line.strip():
            entries[-1].text = f"{entries[-1].text} {line.strip()}".strip()
    if not command.about or not command.sections:
        sys.exit(f"the help of {' '.join(words)} is in a form that this script does not know")
    return command


def read_all(program: str, words: list[str]) -> list[Command]:
    """A command and all below it."""
    command = read_command(program, words)
    return [command, *(each for sub in command.subcommands() for each in read_all(program, [*words, sub.name]))]


def escaped(text: str) -> str:
    """Text for roff."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def manual(command: Command, version: str, commands: list[Command]) -> str:
    """The manual page of a command of the first or second level, with its sub-commands."""
    name = "-".join(command.words)
    lines = [f'.TH {name.upper()} 1 "" "steno {version}" "Steno"', ".SH NAME",
             f"{escaped(name)} \\- {escaped(command.about[0].rstrip('.'))}", ".SH SYNOPSIS", escaped(command.usage),
             ".SH DESCRIPTION", escaped("\n".join(command.about))]

    def add(titles: str, each: Command) -> None:
        for title, entries in each.sections.items():
            lines.append(f'.{titles} "{escaped(title if titles == "SH" else " ".join(each.words) + ": " + title)}"')
            for entry in entries:
                lines.extend([".TP", f".B {escaped(entry.name)}", escaped(entry.text) or "\\&"])

    add("SH", command)
    if len(command.words) > 1:
        for below in commands:
            if below.words[: len(command.words)] == command.words and below is not command:
                add("SS", below)
    lines += [".SH SEE ALSO", ", ".join(
        f"\\fB{escaped('-'.join(each.words))}\\fR(1)" for each in commands
        if len(each.words) <= 2 and each is not command)]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def bash(commands: list[Command]) -> str:
    """The words that may follow each command; files elsewhere."""
    cases = [f"    {quoted(' '.join(each.words))}) words={quoted(' '.join([*(sub.name for sub in each.subcommands()), *flags(each)]))} ;;"
             for each in commands]
    return f"""# bash completion of steno; made by packaging/command_docs.py
_steno() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} path=steno word words=
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$path $word" in
{chr(10).join(f'      {quoted(" ".join(each.words))}) path="$path $word" ;;' for each in commands[1:])}
    esac
  done
  case "$path" in
{chr(10).join(cases)}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -o default -F _steno steno
"""


def flags(command: Command) -> list[str]:
    return [flag for option in command.options() for flag in option.flags()]


def zsh(bash_path: str) -> str:
    return f"""#compdef steno
# zsh completion of steno: that of bash
autoload -U +X bashcompinit && bashcompinit
source {bash_path}
"""


def fish(commands: list[Command]) -> str:
    lines = ["# fish completion of steno; made by packaging/command_docs.py"]
    for each in commands:
        below = " ".join(sub.name for sub in each.subcommands())
        seen = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in each.words[1:])
        condition = seen or "__fish_use_subcommand"
        for sub in each.subcommands():
            only = f"{condition}; and not __fish_seen_subcommand_from {below}" if seen else condition
            lines.append(f"complete -c steno -f -n {quoted(only)} -a {quoted(sub.name)} -d {quoted(sub.text)}")
        for option in each.options():
            names = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags())
            takes = " -r" if option.value() else ""
            lines.append(f"complete -c steno -n {quoted(condition)} {names}{takes} -d {quoted(option.text[:100])}")
    return "\n".join(lines) + "\n"


def main() -> None:
    program, share = sys.argv[1], pathlib.Path(sys.argv[2])
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    commands = read_all(program, ["steno"])

    def write(path: str, content: bytes) -> None:
        file = share / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    for command in commands:
        if len(command.words) <= 2:
            page = manual(command, version, commands).encode()
            write(f"man/man1/{'-'.join(command.words)}.1.gz", gzip.compress(page, mtime=0))
    write("bash-completion/completions/steno", bash(commands).encode())
    write("zsh/vendor-completions/_steno", zsh("${${(%):-%x}:A:h}/../../bash-completion/completions/steno").encode())
    write("fish/vendor_completions.d/steno.fish", fish(commands).encode())


if __name__ == "__main__":
    main()
