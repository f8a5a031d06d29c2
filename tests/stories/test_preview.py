"""Whoever publishes sees the public's mail before it goes out, as it then goes out."""

import re

from tests.mailroom import Mailroom, text
from tests.terminal import Terminal

PUBLISHED = "operating-information-published --as system-owner --channel vardgivare-skane"
DOWN = f'{PUBLISHED} --text "Nere. Avvakta." --link https://vardgivare.example.se/ot'
WORKS = f'{PUBLISHED} --situation works-again --text "Fungerar igen."'


def test_what_a_dry_run_shows_is_what_goes_out(desk: Terminal, mails: Mailroom) -> None:
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.types("subscriber add annan@example.se --audience public --system visma-websesam")
    before = desk.facts()
    shown = desk.at("08:30").types(f"record {DOWN} --dry-run --json").json["mail"]
    said = desk.types(f"record {DOWN} --dry-run").out
    assert desk.facts() == before, "nothing is written, and nobody is mailed"
    assert mails.mails == []
    desk.records(DOWN)
    desk.types("worker --once")
    [mail] = mails.to("forskrivare")
    assert (shown["audience"], shown["language"], shown["readers"]) == ("public", "sv", 1)
    assert shown["subject"] == mail["Subject"]
    assert shown["text"] == re.sub("avsluta [a-z2-7]{26}", "avsluta …", text(mail)).replace("\r\n", "\n").rstrip()
    assert mail["Subject"] in said
    assert all(line.rstrip() in said for line in shown["text"].splitlines())
    assert "1 läsare får det som mejl (förskrivare och beställande enheter)" in " ".join(said.split())
    assert "forskrivare@" not in said + str(shown), "of nobody is it said who they are"


def test_a_dry_run_shows_what_was_published_before_as_the_mail_does(desk: Terminal, mails: Mailroom) -> None:
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:30").records(DOWN)
    desk.types("worker --once")
    shown = desk.at("08:40").types(f"record {WORKS} --dry-run --json").json["mail"]
    desk.records(WORKS)
    desk.types("worker --once")
    assert "Tidigare publicerat" in shown["text"]
    sent = re.sub("avsluta [a-z2-7]{26}", "avsluta …", text(mails.to("forskrivare")[-1]))
    assert shown["text"] == sent.replace("\r\n", "\n").rstrip()


def test_that_it_works_again_is_said_to_reach_nobody_who_was_not_told_that_it_was_down(desk: Terminal) -> None:
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    said = desk.at("08:30").types(f"record {WORKS} --dry-run").out
    assert "Ingen får det som mejl" in said
    desk.records(DOWN)
    desk.types("worker --once")
    assert desk.types(f"record {WORKS} --dry-run --json").json["mail"]["readers"] == 1


def test_no_other_fact_shows_a_mail(desk: Terminal) -> None:
    reply = desk.at("08:05").types("record outage-detected --scope all-users --system sesam-s2 --dry-run --json")
    assert "mail" not in reply.json
