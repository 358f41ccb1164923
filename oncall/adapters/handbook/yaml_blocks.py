"""Changes one part of a declared file and leaves every other byte of it alone.

A file that people also edit by hand has comments, an order and a way of quoting. The part that changes (one entry of
a list, one key of a mapping) is cut out by its lines, changed by a ruamel round trip, and put back; what stands
around it is never read and written, so it cannot be reformatted. Deliberately not here: what any file means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

Path = Sequence[str | int]
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_REMARK = re.compile(r"\s*(#.*)?$")


def changed(text: str, path: Path, change: Callable[[Any], Any]) -> str:
    """The text after `change` was done to the part at `path`: in place, or to what it returns."""
    lines, start, end, indent = _found(text, path)
    if not isinstance(path[-1], int) and indent < 0:
        return _whole(text, path, change)  # written in one line with its neighbours
    margin = "  " if isinstance(path[-1], int) else ""  # where ruamel writes it: remarks keep their column
    fragment = "".join(margin + line[indent:] if line.strip() else line for line in lines[start:end])
    return _joined(text, [*lines[:start], *_indented(_edited(fragment, path[-1], change), indent), *lines[end:]])


def without(text: str, path: Path) -> str:
    """The text without the entry at `path`; an emptied list stays as []."""
    lines, start, end, indent = _found(text, path)
    if indent < 0 or len(_at(_loaded(text), path[:-1])) == 1:
        return _whole(text, path, None)
    return _joined(text, [*lines[:start], *lines[end:]])


def appended(text: str, key: str, *entries: Any) -> str:
    """The text with more entries at the end of the list `key`, which is made if it is not there."""
    data = _loaded(text) if text.strip() else None
    listed = data.get(key) if data else None
    if data and key in data and not _is_block(listed):
        lines, start, end, _ = _found(text, [key])
        shown = f"{key}:{_remark_of(lines[start])}\n"
        all_lines = [line for item in (*(listed or ()), *entries) for line in _entry_lines(item, 2)]
        return _joined(text, [*lines[:start], shown, *all_lines, *lines[end:]])
    lines = _lines(text)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    if listed is None:
        return _joined(text, [*lines, f"{key}:\n", *(line for entry in entries for line in _entry_lines(entry, 2))])
    _, _, end, indent = _found(text, [key, len(listed) - 1])
    apart = ["\n"] if not lines[end - 1].strip() or _are_apart(text, key, listed) else []
    new = [line for entry in entries for line in (*apart, *_entry_lines(entry, indent))]
    return _joined(text, [*lines[:end], *new, *lines[end:]])


def entry_of(parts: Mapping[str, Any]) -> CommentedMap:
    """A mapping as it will be written: what is empty is left out, days are days, short mappings stay in one line."""
    entry = CommentedMap()
    for name, value in parts.items():
        if value not in (None, "", [], (), {}):
            entry[name] = written(value)
    return entry


def written(value: Any) -> Any:
    """Plain data as ruamel writes it in this house."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return date.fromisoformat(value)
    if isinstance(value, list | tuple):
        items = CommentedSeq([written(item) for item in value])
        if not any(isinstance(item, Mapping) for item in value):
            items.fa.set_flow_style()
        return items
    return value


def in_one_line(parts: Mapping[str, Any]) -> CommentedMap:
    """A mapping written as {gives: ana, from: ...}."""
    entry = entry_of(parts)
    entry.fa.set_flow_style()
    return entry


# --- where a part stands ----------------------------------------------------------------------------------------------


def _found(text: str, path: Path) -> tuple[list[str], int, int, int]:
    """All lines, the first and behind the last line of the part, and how far it is indented (-1: not in own lines).

    Remarks and blank lines at its end belong to what follows.
    """
    data, lines = _loaded(text), _lines(text)
    node = _at(data, path[:-1])
    if not _is_block(node):
        return lines, 0, 0, -1
    keys = list(range(len(node))) if isinstance(node, CommentedSeq) else list(node)
    place = keys.index(path[-1])
    start, indent = _position(node, path[-1])
    after = _position(node, keys[place + 1])[0] if place + 1 < len(keys) else _end_of(lines, start, indent)
    while after > start + 1 and _REMARK.match(lines[after - 1].rstrip("\r\n")):
        after -= 1
    return lines, start, after, indent


def _position(node: Any, key: str | int) -> tuple[int, int]:
    if isinstance(node, CommentedSeq):
        line, column = node.lc.item(key)
        return line, column - 2
    line, column = node.lc.key(key)
    return line, column


def _end_of(lines: Sequence[str], start: int, indent: int) -> int:
    """The first line behind the part that stands further left, or as far left as an entry of another kind."""
    for place in range(start + 1, len(lines)):
        line = lines[place]
        if _REMARK.match(line.rstrip("\r\n")):
            continue
        if len(line) - len(line.lstrip(" ")) <= indent:
            return place
    return len(lines)


def _at(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def _is_block(node: Any) -> bool:
    return isinstance(node, CommentedMap | CommentedSeq) and bool(node) and not node.fa.flow_style()


def _are_apart(text: str, key: str, listed: Sequence[Any]) -> bool:
    """Whether the entries of a list have an empty line between them."""
    lines = _lines(text)
    starts = [_found(text, [key, place])[1] for place in range(1, len(listed))]
    return any(not lines[start - 1].strip() for start in starts) or len(listed) == 1


# --- reading and writing ----------------------------------------------------------------------------------------------


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _loaded(text: str) -> Any:
    return _yaml().load(text)


def _dumped(data: Any) -> str:
    out = StringIO()
    _yaml().dump(data, out)
    return out.getvalue()


def _edited(fragment: str, key: str | int, change: Callable[[Any], Any]) -> list[str]:
    """A part on its own, as a list of one or a mapping of one, changed and written again."""
    data = _loaded(fragment.replace("\r\n", "\n"))
    place: Any = 0 if isinstance(key, int) else key
    result = change(data[place])
    if result is not None:
        data[place] = result
    told = _lines(_dumped(data))
    return [line[2:] if line.startswith("  ") else line for line in told] if isinstance(key, int) else told


def _whole(text: str, path: Path, change: Callable[[Any], Any] | None) -> str:
    """The same for a part without lines of its own: the whole file is written again."""
    data = _loaded(text.replace("\r\n", "\n"))
    node = _at(data, path[:-1])
    if change is None:
        del node[path[-1]]
    elif (result := change(node[path[-1]])) is not None:
        node[path[-1]] = result
    return _joined(text, _lines(_dumped(data)))


def _entry_lines(entry: Any, indent: int) -> list[str]:
    return _indented([line[2:] for line in _lines(_dumped([entry]))], indent)


def _indented(lines: Sequence[str], indent: int) -> list[str]:
    return [" " * indent + line if line.strip() else line for line in lines]


def _remark_of(line: str) -> str:
    _, mark, remark = line.rstrip("\r\n").partition("#")
    return f"  #{remark}" if mark else ""


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _joined(text: str, lines: Sequence[str]) -> str:
    """The lines with the line ends that the text had."""
    if "\r\n" in text:
        return "".join(line.replace("\r\n", "\n").replace("\n", "\r\n") for line in lines)
    return "".join(lines)
