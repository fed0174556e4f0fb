"""GitHub's `primaryLocationLineHash`: identifies a line by what stands on it and after it, blanks aside.

Facts: fingerprints.ts of github/codeql-action. The text is taken as UTF-16 code units. Spaces and tabs are dropped, CR
and CRLF become LF, an end mark of 65535 and then zeros follow. A line's hash is the polynomial, with base 37 modulo
2**64, of the 100 units from its start on; a count tells equal ones apart.
"""

from __future__ import annotations

from array import array

WINDOW = 100
BASE = 37
MASK = (1 << 64) - 1
END_MARK = 65535
_TAB, _LF, _CR, _SPACE = 9, 10, 13, 32
_DROPPED = pow(BASE, WINDOW, 1 << 64)


def line_hashes(text: str) -> list[str]:
    """Return the hash of each line, `hex:count`; one more for the empty line after a final line end."""
    kept, starts = _kept(text)
    size = len(kept)
    kept.extend([0] * WINDOW)
    wanted = set(starts)
    found: dict[int, int] = {}
    value = 0
    for unit in kept[:WINDOW]:
        value = (value * BASE + unit) & MASK
    for place in range(size):
        if place in wanted:
            found[place] = value
        following = kept[place + WINDOW] if place + WINDOW < len(kept) else 0
        value = (value * BASE + following - kept[place] * _DROPPED) & MASK
    counts: dict[int, int] = {}
    hashes = []
    for start in starts:
        value = found[start]
        counts[value] = counts.get(value, 0) + 1
        hashes.append(f"{value:x}:{counts[value]}")
    return hashes


def _kept(text: str) -> tuple[list[int], list[int]]:
    """Return the units that count, and where each line starts among them."""
    units = array("H", text.encode("utf-16-le", "surrogatepass"))
    if units.itemsize != 2:  # the C standard allows more; no platform of ours has it
        raise RuntimeError("unsigned short has not two bytes")
    if array("H", b"\1\0")[0] != 1:
        units.byteswap()
    kept: list[int] = []
    starts: list[int] = []
    fresh = True
    after_return = False
    for unit in (*units, END_MARK):
        if unit in (_SPACE, _TAB):
            after_return = False
            continue
        if unit == _LF and after_return:
            after_return = False
            continue
        after_return = unit == _CR
        if fresh:
            starts.append(len(kept))
        kept.append(_LF if after_return else unit)
        fresh = kept[-1] == _LF
    return kept, starts
