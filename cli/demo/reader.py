"""The demo's last chapter: the day after, by this machine's own clock, a reader subscribes by themselves and leaves."""

from dataclasses import replace
from pathlib import Path
from shlex import quote

import click

from application.publishing.pages import file_of
from cli.demo.browser import can_serve, door, link_in, looks_at, presses
from cli.demo.story import Story, free_port
from cli.terminal.page_lines import page_lines
from wording.door_paths import DoorPage, door_path
from wording.words import Texts

READER = "anna@example.se"
PUBLISHED = "record operating-information-published --as system-owner --channel vardgivare-skane --text"


def play(day: Story, texts: Texts, folder: Path) -> None:
    """A reader comes, is told, leaves and is told no more. Where the libraries of the door are not here, only what
    stands on the page."""
    _ = texts.gettext
    day.chapter(5, _("The day after: a reader"))
    if can_serve():
        day.desk.settings = replace(day.desk.settings, web_url=(address := f"http://127.0.0.1:{free_port()}"))
        with door(folder, day.desk.settings.database_url, address):
            _come_and_go(day, texts, address)
    else:
        day.today(_("Whoever wants mail subscribes on a page. It needs reservrutin[web], which is not installed here."))
    day.today(_("What is published stands on a page, too, which any web server can show:"))
    day.run(f"publish {quote(str(folder / 'page'))}")
    click.echo(page_lines((folder / "page" / file_of("index.html", texts.language)).read_text(encoding="utf-8")))


def _come_and_go(day: Story, texts: Texts, address: str) -> None:
    _, language = texts.gettext, texts.language

    day.today(_("Whoever wants to be told subscribes on a page. reservrutin web serves it, right now:"))
    front = address + door_path(DoorPage.SUBSCRIBE, language)
    looks_at(front)
    day.today(_("Anna writes her address. Whether anybody knew it, the answer does not tell."))
    presses(front, {"address": READER, "language": language})
    day.mail()
    day.today(_("The link in the mail leads to a button, because scanners of mail open every link."))
    confirm = link_in(day.newest_mail(READER), address)
    looks_at(confirm)
    presses(confirm, {})
    day.mail()

    day.today(_("websesam stops. What the system owner publishes reaches Anna as well."))
    day.run("record outage-detected --scope all-users --system websesam")
    down = quote(_("websesam is down. Please wait."))
    day.run(f"{PUBLISHED} {down}")
    day.mail()

    day.today(_("Anna wants no more mail. One press is enough, as a mail program does it (RFC 8058):"))
    token = link_in(day.newest_mail(READER), address).rpartition("/")[2]
    presses(address + door_path(DoorPage.LEAVE, language, token), {"List-Unsubscribe": "One-Click"})
    day.mail()

    day.today(_("websesam runs again. That is published, and Anna is told of it no more."))
    day.run("record service-restored --system websesam")
    runs = quote(_("websesam runs again."))
    day.run(f"{PUBLISHED} {runs}")
    day.mail()
