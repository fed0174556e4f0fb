"""Which user an image runs as: the last USER of the last stage, unknown where an argument decides."""

from __future__ import annotations

import pytest

from scanner.analysis.images import final_user_is_root
from scanner.core.location import Location
from scanner.core.subject import Resource
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Unknown, Value

AT = Location("Dockerfile", 1, 1, 1, 5)


class Looking:
    """A view of one subject without conditions."""

    def value(self, subject: Resource, path: str) -> Value:
        return subject.get(path)


def dockerfile(*users: tuple[int, str | None], last: int = 0) -> Resource:
    """Return an image with (stage, user) instructions; None is a user that is not known."""
    entries = tuple(
        MapValue({
            "Instruction": Scalar("USER", AT), "Stage": Scalar(stage, AT),
            "User": Unknown("the argument WHO has no default", AT) if user is None else Scalar(user, AT),
        }, AT) for stage, user in users
    )
    return Resource("Dockerfile", "Dockerfile", AT, MapValue({"Instructions": ListValue(entries, AT), "FinalStage": Scalar(last, AT)}, AT))


@pytest.mark.parametrize(("users", "last", "expected"), [
    ([(0, "root")], 0, True),
    ([(0, "0:0")], 0, True),
    ([(0, "web"), (0, "root:root")], 0, True),
    ([(0, "root"), (0, "web")], 0, False),
    ([(0, "root"), (1, "web")], 1, False),
    ([(0, "root")], 1, False),
    ([(0, "rooted")], 0, False),
    ([(0, None)], 0, None),
    ([], 0, False),
])
def test_last_user_of_the_last_stage_decides(users: list[tuple[int, str | None]], last: int, expected: bool | None) -> None:
    assert final_user_is_root(dockerfile(*users, last=last), {}, Looking()).holds is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("users", "expected"), [([], True), ([(0, "web")], False), ([(0, "root")], False)])
def test_unset_is_another_question(users: list[tuple[int, str | None]], expected: bool) -> None:
    assert final_user_is_root(dockerfile(*users), {"unset": True}, Looking()).holds is expected  # type: ignore[arg-type]


def test_unknown_instructions_are_unknown() -> None:
    made = Resource("Dockerfile", "Dockerfile", AT, MapValue({"Instructions": Unknown("too long", AT)}, AT))
    assert final_user_is_root(made, {}, Looking()).holds is None  # type: ignore[arg-type]
    assert isinstance(made.get("FinalStage"), Absent)
