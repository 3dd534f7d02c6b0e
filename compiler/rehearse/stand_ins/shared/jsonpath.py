"""kubectl's `-o jsonpath=` in small: fields, indexes, `[*]`, equality filters, text, and one level of `range`.

Models kubernetes/client-go util/jsonpath: a field that is missing prints nothing (of a map a key, where `maps_are_strict`), values of one expression stand behind one another
with blanks. What it does not know it refuses.
"""

import json
import re

PIECE = re.compile(r"\{(?:[^{}\"']|\"(?:\\.|[^\"])*\"|'[^']*')*\}|[^{}]+")
STEP = re.compile(r"""\.?\['((?:[^'])*)'\]|\[\?\(@\.([\w.]+)\s*==\s*["']([^"']*)["']\)\]|\[(\*|-?\d+)\]|\.((?:\\.|[^.\[\\])+)""")


# kubectl before 1.5.2 failed where a key of such a map is not there (kubernetes#37991); a field of an object printed nothing.
MAPS = ("selector", "labels", "annotations")
maps_are_strict = False


class BadPath(ValueError):
    pass


def found(item, path):
    """Every value at a path, in order."""
    values, at, before = [item], 0, None
    while at < len(path):
        step = STEP.match(path, at)
        if not step:
            raise BadPath(f"the stand-in for kubectl does not know the jsonpath {path!r}")
        at = step.end()
        quoted, key, wanted, index, plain = step.groups()
        if plain is not None or quoted is not None:
            name = quoted if quoted is not None else re.sub(r"\\(.)", r"\1", plain)
            if maps_are_strict and before in MAPS and any(name not in value for value in values):
                raise BadPath(f'error: error executing jsonpath "{{{path}}}": {name} is not found')
            values = [value[name] for value in values if isinstance(value, dict) and name in value]
            before = name
        elif index == "*":
            values = [each for value in values for each in (value.values() if isinstance(value, dict) else value or [])]
        elif index is not None:
            values = [value[int(index)] for value in values if isinstance(value, list) and -len(value) <= int(index) < len(value)]
        else:
            values = [each for value in values for each in value or [] if wanted in map(text, found(each, "." + key))]
    return values


def text(value):
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def printed(item, template):
    """The template with every expression replaced."""
    pieces = PIECE.findall(template)
    if "".join(pieces) != template:
        raise BadPath(f"error parsing jsonpath {template}")
    result, scopes = "", [item]
    index = 0
    while index < len(pieces):
        piece = pieces[index]
        index += 1
        inner = piece[1:-1].strip() if piece.startswith("{") else None
        if inner is None:
            result += piece
        elif inner[:1] == '"':
            result += json.loads(inner)
        elif inner.startswith("range "):
            end = next(place for place in range(index, len(pieces)) if pieces[place].strip("{} ") == "end")
            body = "".join(pieces[index:end])
            result += "".join(printed(each, body) for each in found(scopes[-1], rooted(inner[6:])))
            index = end + 1
        else:
            result += " ".join(map(text, found(scopes[-1], rooted(inner))))
    return result


def rooted(path):
    path = path.strip().removeprefix("$").removeprefix("@")
    if path and path[0] not in ".[":
        path = "." + path
    return "" if path == "." else path
