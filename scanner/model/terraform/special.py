"""Types whose translation is more than names: one block that is several resources, or rules with lists inside."""

from __future__ import annotations

from scanner.model.terraform.drafts import Draft


def special_drafts(draft: Draft) -> list[Draft]:
    """Return the draft, changed or split where its type needs it."""
    from scanner.model.terraform.networks import NETWORKS

    make = NETWORKS.get(draft.provider_type)
    return make(draft) if make is not None else [draft]
