"""Path patterns in gitignore's language as regular expressions that no pattern makes slow.

Every `*` and `**` but the last takes the first place that fits and never tries another (atomic groups): that is enough,
because an earlier place leaves more of the path to the rest. Source: gitignore(5).
"""

from __future__ import annotations

import re


def expression(glob: str) -> str:
    """Return the text of an expression for paths, without anchors; raises re.error, when compiled, for `[z-a]`.

    `*` and `?` stop at a slash, a `**` between slashes does not, `[...]` is a character, a backslash takes the next
    character as it is. A slash before or behind the pattern says something about it and must be gone.
    """
    runs: list[list[str]] = [[]]
    segments = glob.split("/")
    for index, segment in enumerate(segments):
        if len(segment) < 2 or segment.strip("*"):
            runs[-1].append(_segment(segment))
        elif index == len(segments) - 1:
            runs[-1].append(".*")
        elif index == 0 or runs[-1]:
            runs.append([])
    first, *others = ("/".join(run) for run in runs)
    if not others:
        return first
    passed = "".join(f"(?>(?:[^/]*/)*?{run}/)" for run in others[:-1])
    return f"{first}{'/' if first else ''}{passed}(?:[^/]*/)*{others[-1]}"


def _segment(glob: str) -> str:
    """Return the expression for a name: the pieces between the stars."""
    pieces = [""]
    index = 0
    while index < len(glob):
        character = glob[index]
        end = glob.find("]", index + 2) if character == "[" else -1
        if character == "*":
            pieces.append("")
        elif end > 0:
            inside = glob[index + 1:end].replace("\\", "\\\\").replace("[", "\\[")
            pieces[-1] += f"(?!/)[^{inside[1:]}]" if inside[0] in "!^" else f"[{inside}]"
            index = end
        elif character == "\\" and index + 1 < len(glob):
            index += 1
            pieces[-1] += re.escape(glob[index])
        else:
            pieces[-1] += "[^/]" if character == "?" else re.escape(character)
        index += 1
    if len(pieces) == 1:
        return pieces[0]
    first, *middle, last = pieces
    return first + "".join(f"(?>[^/]*?{piece})" for piece in middle if piece) + "[^/]*" + last
