"""GitHub's line hash: its own test vectors, and some of ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.report.line_hash import line_hashes

GREETINGS = " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End"
WITH_END = [
    "e9496ae3ebfced30:1", "fb7c023a8b9ccb3f:1", "ce8ba1a563dcdaca:1", "e20e36e16fcb0cc8:1", "b3edc88f2938467e:1",
    "c8e28b0b4002a3a0:1", "c129715d7a2bc9a3:1",
]
VECTORS = {
    "empty": ("", ["c129715d7a2bc9a3:1"]),
    "blanks-do-not-count": (
        " a\nb\n  \t\tc\n d", ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]),
    "no-final-line-end": (GREETINGS, [
        "8b7cf3e952e7aeb2:1", "b1ae1287ec4718d9:1", "bff680108adb0fcc:1", "c6805c5e1288b612:1", "b86d3392aea1be30:1",
        "e6ceba753e1a442:1"]),
    "final-line-end": (GREETINGS + "\n", WITH_END),
    "carriage-returns": ((GREETINGS + "\n").replace("\n", "\r"), WITH_END),
    "crlf": ((GREETINGS + "\n").replace("\n", "\r\n"), WITH_END),
    "mixed": (" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\n", WITH_END),
    "repeated": ("Lorem ipsum dolor sit amet.\n" * 10, [
        *(f"a7f2ff13bc495cf2:{count}" for count in range(1, 7)), "a7f2ff1481e87703:1", "a9cf91f7bbf1862b:1",
        "55ec222b86bcae53:1", "cc97dc7b1d7d8f7b:1", "c129715d7a2bc9a3:1"]),
    "code": ("x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n", [
        "e54938cc54b302f1:1", "bb609acbe9138d60:1", "1131fd5871777f34:1", "5c482a0f8b35ea28:1", "54517377da7028d2:1",
        "2c644846cb18d53e:1", "f1b89f20de0d133:1", "c129715d7a2bc9a3:1"]),
    "byte-order-mark": ("\ufeffversion: 0.2\n", ["b27fa6f708e66e58:1", "c129715d7a2bc9a3:1"]),
    "surrogate-pair": ('key = "🔑"\n', ["659f50dfc92d58a5:1", "c129715d7a2bc9a3:1"]),
    "blank-between-cr-and-lf": (
        "a\r \nb\n", ["818c3a85b988abe4:1", "bf4c4d48992e2ca5:1", "ade70578248be16f:1", "c129715d7a2bc9a3:1"]),
}


@pytest.mark.parametrize(("text", "expected"), VECTORS.values(), ids=VECTORS)
def test_vectors(text: str, expected: list[str]) -> None:
    assert line_hashes(text) == expected


def plain(text: str) -> list[str]:
    """The definition, spelled out without rolling."""
    units: list[int] = []
    encoded = text.encode("utf-16-le", "surrogatepass")
    raw = [int.from_bytes(encoded[at:at + 2], "little") for at in range(0, len(encoded), 2)] + [65535]
    starts, fresh, returned = [], True, False
    for unit in raw:
        if unit in (9, 32) or (unit == 10 and returned):
            returned = False
            continue
        returned = unit == 13
        if fresh:
            starts.append(len(units))
        units.append(10 if returned else unit)
        fresh = units[-1] == 10
    padded = units + [0] * 100
    seen: dict[int, int] = {}
    out = []
    for start in starts:
        value = sum(unit * 37 ** (99 - i) for i, unit in enumerate(padded[start:start + 100])) % 2**64
        seen[value] = seen.get(value, 0) + 1
        out.append(f"{value:x}:{seen[value]}")
    return out


@given(st.text(alphabet="ab \t\r\n🔑\x00\uffff", max_size=260))
def test_equals_the_definition(text: str) -> None:
    assert line_hashes(text) == plain(text)
