"""What somebody who subscribes by themselves may choose. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.refusals import Invalid
from domain.vocabulary import Area, System

LONGEST_PAUSE = timedelta(days=366)
"""Longer than anybody is away; whoever wants no more mail leaves."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The language of the mail, of which systems and areas it tells (none of them is all of them), and until when
    (aware) nothing is told."""

    language: str = "sv"
    systems: tuple[System, ...] = ()
    areas: tuple[Area, ...] = ()
    paused_until: datetime | None = None


def may_subscribe(address: str, domains: Collection[str]) -> bool:
    """Whether the kept address is at one of these domains, of any where none is named."""
    return not domains or address.rpartition("@")[2] in domains


def refuse_pause(until: datetime | None, now: datetime) -> None:
    """Raises Invalid("pause-until") for an end that is past, or further off than anybody is away."""
    if until is not None and not now < until <= now + LONGEST_PAUSE:
        raise Invalid("pause-until")
