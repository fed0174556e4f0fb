"""Date functions over RFC 3339 texts; nothing here reads the clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from scanner.model.terraform.functions.strings import _text

_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_WORDS = re.compile(r"'((?:[^']|'')*)'|(Y+|M+|D+|E+|h+|H+|A+|a+|m+|s+|Z+)|([^A-Za-z]+|[A-Za-z])")


def _moment(text: object) -> datetime:
    word = _text(text)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", word):
        raise ValueError(f'"{word[:40]}" is no RFC 3339 time')
    return datetime.fromisoformat(word.upper().replace("Z", "+00:00"))


def _rendered(moment: datetime) -> str:
    text = moment.isoformat(timespec="seconds")
    return text.replace("+00:00", "Z")


def tf_timeadd(text: object, duration: object) -> str:
    """Return the time moved by a Go duration (`-1h30m`)."""
    word = _text(duration)
    sign = -1 if word.startswith("-") else 1
    body = word.lstrip("+-")
    if body != "0" and not re.fullmatch(rf"(?:{_DURATION.pattern})+", body):
        raise ValueError("no duration")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(body))
    return _rendered(_moment(text) + timedelta(seconds=sign * seconds))


def tf_timecmp(first: object, second: object) -> int:
    """Return -1, 0 or 1."""
    left, right = _moment(first), _moment(second)
    return (left > right) - (left < right)


def tf_formatdate(pattern: object, text: object) -> str:
    """Return the time in Terraform's own pattern language."""
    moment = _moment(text)
    out = []
    for match in _WORDS.finditer(_text(pattern)):
        quoted, letters, other = match.groups()
        if quoted is not None:
            out.append(quoted.replace("''", "'"))
        elif letters is not None:
            out.append(_field(letters, moment))
        elif other.isalpha():
            raise ValueError(f'"{other}" is no date field')
        else:
            out.append(other)
    return "".join(out)


def _field(letters: str, moment: datetime) -> str:
    hour = moment.hour % 12 or 12
    fields = {
        "YYYY": f"{moment.year:04d}", "YY": f"{moment.year % 100:02d}", "MMMM": moment.strftime("%B"),
        "MMM": moment.strftime("%b"), "MM": f"{moment.month:02d}", "M": str(moment.month), "DD": f"{moment.day:02d}",
        "D": str(moment.day), "EEEE": moment.strftime("%A"), "EEE": moment.strftime("%a"), "hh": f"{moment.hour:02d}",
        "h": str(moment.hour), "HH": f"{hour:02d}", "H": str(hour), "AA": "AM" if moment.hour < 12 else "PM",
        "aa": "am" if moment.hour < 12 else "pm", "mm": f"{moment.minute:02d}", "m": str(moment.minute),
        "ss": f"{moment.second:02d}", "s": str(moment.second),
    }
    if letters[0] == "Z":
        return _zone(letters, moment)
    if letters not in fields:
        raise ValueError(f'"{letters}" is no date field')
    return fields[letters]


def _zone(letters: str, moment: datetime) -> str:
    offset = moment.utcoffset() or UTC.utcoffset(None)
    minutes = int(offset.total_seconds() // 60)
    sign, size = ("-" if minutes < 0 else "+"), abs(minutes)
    clock = f"{sign}{size // 60:02d}{size % 60:02d}"
    choices = {
        "Z": "Z" if minutes == 0 else f"{clock[:3]}:{clock[3:]}", "ZZZ": "UTC" if minutes == 0 else clock,
        "ZZZZ": clock, "ZZZZZ": f"{clock[:3]}:{clock[3:]}",
    }
    if letters not in choices:
        raise ValueError(f'"{letters}" is no date field')
    return choices[letters]
