"""Encodings and hashes over Python objects."""

from __future__ import annotations

import base64
import binascii
import hashlib
from urllib.parse import quote_plus, unquote_plus

from scanner.model.terraform.functions.strings import _text


def tf_base64decode(text: object) -> str:
    """Return the decoded text, which must be UTF-8."""
    try:
        return base64.b64decode(_text(text), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("no base64 of a text") from error


def tf_base64gzip(text: object) -> str:
    """Compressed bytes differ between implementations: always an error for us."""
    raise ValueError("compressed bytes are not worked out")


def tf_csvdecode(text: object) -> list[object]:
    """Return the rows as mappings by the first line's names."""
    import csv
    import io

    rows = list(csv.reader(io.StringIO(_text(text))))
    if not rows:
        raise ValueError("the text has no header line")
    header = rows[0]
    if any(len(row) != len(header) for row in rows[1:] if row):
        raise ValueError("a row has another number of columns than the header")
    return [dict(zip(header, row, strict=True)) for row in rows[1:] if row]


def tf_textdecodebase64(text: object, encoding: object) -> str:
    """Return base64 bytes decoded from an encoding."""
    return base64.b64decode(_text(text)).decode(_codec(encoding))


def tf_textencodebase64(text: object, encoding: object) -> str:
    """Return the text in an encoding as base64."""
    return base64.b64encode(_text(text).encode(_codec(encoding))).decode()


def _codec(encoding: object) -> str:
    name = _text(encoding)
    if name.upper().replace("_", "-") not in (
        "UTF-8", "UTF-16LE", "UTF-16BE", "US-ASCII", "ISO-8859-1", "WINDOWS-1252", "CP1252",
    ):
        raise ValueError(f"the encoding {name} is not worked out")
    return name.lower().replace("us-ascii", "ascii").replace("windows-", "cp")


def tf_urlencode(text: object) -> str:
    """Return the text for a query of an address; a blank is a plus sign."""
    return quote_plus(_text(text), safe="~")


def tf_urldecode(text: object) -> str:
    """Return the text of a query piece."""
    return unquote_plus(_text(text))


def _digest(name: str, text: object) -> bytes:
    return hashlib.new(name, _text(text).encode(), usedforsecurity=False).digest()


def tf_md5(text: object) -> str:
    """Return the MD5 in hexadecimal digits."""
    return _digest("md5", text).hex()


def tf_sha1(text: object) -> str:
    """Return the SHA-1 in hexadecimal digits."""
    return _digest("sha1", text).hex()


def tf_sha256(text: object) -> str:
    """Return the SHA-256 in hexadecimal digits."""
    return _digest("sha256", text).hex()


def tf_sha512(text: object) -> str:
    """Return the SHA-512 in hexadecimal digits."""
    return _digest("sha512", text).hex()


def tf_base64sha256(text: object) -> str:
    """Return the SHA-256 as base64."""
    return base64.b64encode(_digest("sha256", text)).decode()


def tf_base64sha512(text: object) -> str:
    """Return the SHA-512 as base64."""
    return base64.b64encode(_digest("sha512", text)).decode()


def tf_uuidv5(namespace: object, name: object) -> str:
    """Return the name-based UUID."""
    import uuid

    known = {"dns": uuid.NAMESPACE_DNS, "url": uuid.NAMESPACE_URL, "oid": uuid.NAMESPACE_OID,
             "x500": uuid.NAMESPACE_X500}
    space = known.get(_text(namespace)) or uuid.UUID(_text(namespace))
    return str(uuid.uuid5(space, _text(name)))


def tf_yamldecode(text: object) -> object:
    """Return the structure of a YAML text; aliases are taken as long as the result stays small."""
    import yaml

    body = _text(text)
    if len(body) > 200_000:
        raise ValueError("the text is too long")
    try:
        data = yaml.safe_load(body)
        _bounded(data, 20_000)
        return _plain_data(data)
    except yaml.YAMLError as error:
        raise ValueError("the text is no YAML") from error
    except RecursionError as error:
        raise ValueError("the text is nested too deeply") from error


def _bounded(data: object, left: int) -> int:
    """Return how many nodes may still follow; raises ValueError when aliases make too many."""
    if left <= 0:
        raise ValueError("aliases make the structure too large")
    left -= 1
    for child in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        left = _bounded(child, left)
    return left


def _plain_data(data: object) -> object:
    import datetime

    if isinstance(data, dict):
        return {_text(key): _plain_data(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain_data(item) for item in data]
    if isinstance(data, (datetime.date, datetime.datetime)):
        return data.isoformat()
    return data


def yaml_of(data: object) -> str:
    """Return the structure as YAML in Terraform's style: keys sorted and quoted, texts quoted."""
    return "".join(_yaml(data, 0)) if isinstance(data, (dict, list)) and data else _yaml_scalar(data) + "\n"


def _yaml(data: object, depth: int) -> list[str]:
    pad = "  " * depth
    out: list[str] = []
    if isinstance(data, dict):
        for key in sorted(data):
            value = data[key]
            if isinstance(value, (dict, list)) and value:
                out.append(f"{pad}{_yaml_scalar(key)}:\n")
                out += _yaml(value, depth + (1 if isinstance(value, dict) else 0))
            else:
                out.append(f"{pad}{_yaml_scalar(key)}: {_yaml_scalar(value, depth)}\n")
    elif isinstance(data, list):
        for item in data:
            if isinstance(item, (dict, list)) and item:
                inner = _yaml(item, depth + 1)
                out.append(f"{pad}- {inner[0][len(pad) + 2:]}")
                out += inner[1:]
            else:
                out.append(f"{pad}- {_yaml_scalar(item, depth)}\n")
    return out


def _yaml_scalar(value: object, depth: int = 0) -> str:
    import json

    if value is None:
        return "null"
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    if isinstance(value, str):
        if "\n" in value:
            pad = "\n" + "  " * (depth + 1)
            mark = "" if value.endswith("\n") else "-"
            return f"|{mark}{pad}{pad.join(value.rstrip().splitlines())}"
        return json.dumps(value, ensure_ascii=False)
    return _text(value)
