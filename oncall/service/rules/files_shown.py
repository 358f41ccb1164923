"""A file of the edition as a reader turns its pages: who signed it, where it comes from, and its blocks as written.

Word lists and texts are signed as they stand in their files, so they are shown as they stand, cut where a new heading
begins. Deliberately not here: what a file means (the handbook), and HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

UNSIGNED = "none yet"
_HEAD = re.compile(r"^(signed|source):[ \t]*(.*)$", re.MULTILINE)
_HEADING = re.compile(r"^( {2})?([^\s#:][^\s:]*):")
_LONG = 6000  # letters: a shorter block is not cut at its inner headings


@dataclass(frozen=True, slots=True)
class FileHead:
    """`signed` empty: by nobody yet. `signed` None: this edition does not have the file."""

    signed: str | None
    source: str


@dataclass(frozen=True, slots=True)
class FileBlock:
    """`anchor` is unique within its file. `code`: the heading next to the text."""

    anchor: str
    code: str
    text: str


def head_of(files: Mapping[str, str], name: str) -> FileHead:
    text = files.get(f"rules/{name}.yaml")
    if text is None:
        return FileHead(None, "")
    told = {key: value.strip().strip("\"'{}") for key, value in _HEAD.findall(text)}
    signed = told.get("signed", "").removeprefix("by: ")  # `{by: name, on: day}`
    return FileHead("" if signed == UNSIGNED else signed, told.get("source", ""))


def blocks_of(text: str) -> tuple[FileBlock, ...]:
    """Every heading with what stands under it; a long one by its inner headings. Remarks go with what follows them."""
    return tuple(
        inner
        for outer in _cut(text.splitlines(), inner=False, within="")
        for inner in (_cut(outer.text.splitlines(), True, outer.code) if len(outer.text) > _LONG else (outer,))
    )


def _cut(lines: list[str], inner: bool, within: str) -> Iterator[FileBlock]:
    code, kept, remarks = within, list[str](), list[str]()
    for line in lines:
        heading = _HEADING.match(line)
        if heading and bool(heading[1]) is inner:
            yield from _block(within, code, kept)
            code, kept, remarks = heading[2], [*remarks, line], []
        elif not line.strip() or line.lstrip().startswith("#"):
            remarks.append(line)
        else:
            kept, remarks = [*kept, *remarks, line], []
    yield from _block(within, code, [*kept, *remarks])


def _block(within: str, code: str, lines: list[str]) -> Iterator[FileBlock]:
    text = "\n".join(lines).strip("\n")
    if text.strip():
        anchor = f"{within}.{code}" if within and within != code else code or "beginning"
        yield FileBlock(anchor, code, text)
