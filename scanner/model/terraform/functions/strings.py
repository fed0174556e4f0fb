"""String functions over Python strings."""

from __future__ import annotations

import re

from scanner.model.terraform.operators import number_text


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_text(value)
    if not isinstance(value, str):
        raise ValueError("a text is required")
    return value


def clusters(text: str) -> list[str]:
    """Return the characters as a reader counts them: marks, joiners and modifiers stay with their letter."""
    if text.isascii() and "\r\n" not in text:
        return list(text)
    import unicodedata

    found: list[str] = []
    for character in text:
        flags = found and _regional(character) and len(found[-1]) == 1 and _regional(found[-1])
        if found and (unicodedata.category(character) in ("Mn", "Me", "Mc") or character in "\u200d\ufe0f"
                      or "\U0001f3fb" <= character <= "\U0001f3ff" or found[-1][-1] == "\u200d" or flags
                      or (character == "\n" and found[-1] == "\r")):
            found[-1] += character
        else:
            found.append(character)
    return found


def _regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def tf_chomp(text: object) -> str:
    """Remove line ends at the end."""
    return _text(text).rstrip("\r\n")


def tf_endswith(text: object, end: object) -> bool:
    """Tell whether the text ends so."""
    return _text(text).endswith(_text(end))


def tf_startswith(text: object, start: object) -> bool:
    """Tell whether the text starts so."""
    return _text(text).startswith(_text(start))


def tf_strcontains(text: object, part: object) -> bool:
    """Tell whether the part occurs."""
    return _text(part) in _text(text)


def tf_indent(spaces: object, text: object) -> str:
    """Indent all lines but the first."""
    if not isinstance(spaces, int) or spaces > 1000:
        raise ValueError("the indentation must be a small whole number")
    return _text(text).replace("\n", "\n" + " " * spaces)


def tf_lower(text: object) -> str:
    """Return lower-case letters."""
    return _text(text).lower()


def tf_upper(text: object) -> str:
    """Return upper-case letters."""
    return _text(text).upper()


def tf_title(text: object) -> str:
    """Return each word with an upper-case first letter."""
    return re.sub(r"(^|[^\w])(\w)", lambda match: match[1] + match[2].upper(), _text(text))


def tf_split(separator: object, text: object) -> list[str]:
    """Return the pieces between separators."""
    mark, body = _text(separator), _text(text)
    return list(body) if mark == "" else body.split(mark)


def tf_strrev(text: object) -> str:
    """Return the characters in reverse order."""
    return "".join(reversed(clusters(_text(text))))


def tf_substr(text: object, offset: object, length: object) -> str:
    """Return a piece; a negative offset counts from the end, length -1 means the rest."""
    body = clusters(_text(text))
    if not isinstance(offset, int) or not isinstance(length, int):
        raise ValueError("offset and length must be whole numbers")
    start = offset if offset >= 0 else max(0, len(body) + offset)
    return "".join(body[start:] if length == -1 else body[start : start + max(0, length)])


def tf_trim(text: object, characters: object) -> str:
    """Remove characters at both ends."""
    return _text(text).strip(_text(characters)) if _text(characters) else _text(text)


def tf_trimprefix(text: object, prefix: object) -> str:
    """Remove a prefix."""
    return _text(text).removeprefix(_text(prefix))


def tf_trimsuffix(text: object, suffix: object) -> str:
    """Remove a suffix."""
    return _text(text).removesuffix(_text(suffix))


def tf_trimspace(text: object) -> str:
    """Remove blanks at both ends."""
    return _text(text).strip()


def format_known(template: str, values: list[object]) -> str:
    """Return `format(template, values...)`: Go's verbs %s %d %f %e %g %q %v %t %x %X %o %b %%, flags and widths."""
    position = 0

    def fill(match: re.Match[str]) -> str:
        nonlocal position
        flags, width, precision, index, verb = match.groups()
        if verb == "%":
            return "%"
        if index:
            position = int(index[1:-1]) - 1
        if position >= len(values):
            raise ValueError("not enough arguments for the format")
        value = values[position]
        position += 1
        size = int(width) if width else 0
        if size > 10_000:
            raise ValueError("the width is too large")
        return _padded(_formatted(verb, value, flags, precision), flags, size)

    result = VERB.sub(fill, template)
    if position < len(values) and not re.search(r"%[-+ #0]*\d*(?:\.\d+)?\[", template):
        raise ValueError("too many arguments for the format")
    return result


VERB = re.compile(r"%([-+ #0]*)(\d*)(?:\.(\d+))?(\[\d+\])?([%a-zA-Z])")


def _padded(text: str, flags: str, width: int) -> str:
    missing = " " * (width - len(clusters(text)))
    if "-" in flags:
        return text + missing
    return text.zfill(width) if "0" in flags else missing + text


def _formatted(verb: str, value: object, flags: str, precision: str | None) -> str:
    import json

    if verb == "v":
        return _plainly(value, flags)
    if verb in "sq":
        text = _text(value) if value is not None else ""
        if value is None:
            raise ValueError("null cannot be formatted as a text")
        text = text[: int(precision)] if precision else text
        return json.dumps(text, ensure_ascii=False) if verb == "q" else text
    if verb == "t":
        if not isinstance(value, bool) and value not in ("true", "false"):
            raise ValueError("a boolean is required")
        return _text(value)
    from scanner.model.terraform.functions.numbers import _number

    number = _number(value)
    sign = "+" if "+" in flags else " " if " " in flags else ""
    if verb == "d":
        return format(int(number), f"{sign}d")
    if verb in "boxX":
        return format(int(number), f"{'#' if '#' in flags else ''}{verb}")
    if verb in "gG" and not precision:
        return number_text(number)
    if verb in "eEfFgG":
        return format(float(number), f"{sign}.{precision or 6}{verb}")
    raise ValueError(f"%{verb} is no verb")


def _plainly(value: object, flags: str) -> str:
    import json

    if value is None:
        return "null"
    if isinstance(value, (list, dict)):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if isinstance(value, str) and "#" in flags:
        return json.dumps(value, ensure_ascii=False)
    return _text(value)
