"""What people see in their list of mails, and how each mail is laid out, for everybody in both languages."""

import re
from collections import Counter
from email.message import EmailMessage
from html import unescape

import pytest

from domain.audience import acting
from domain.routine_document import builtin
from domain.vocabulary import Audience
from notifiers.content import contents
from tests.mailroom import text
from tests.notifiers.every_mail import LISTED, Mail, as_listed, every_mail, in_english, outages
from tests.notifiers.outage import DRIFTINFO, INTERN, INTERNAL
from wording.words import catalogue

LANGUAGES = ("sv", "en")
ALL = [mail for language in LANGUAGES for mail in every_mail(language)]


def each(mails: list[Mail]) -> pytest.MarkDecorator:
    names = [f"{mail.notice.subscriber.language}-{mail.audience}-{mail.about}" for mail in mails]
    return pytest.mark.parametrize("mail", mails, ids=names)


TO_DO = {"sv": "Gör så här nu:", "en": "What to do now:"}
HAPPENED = {
    "sv": ("Det här har hänt", "Det här har publicerats"),
    "en": ("This has happened", "This has been published"),
}


def preheader(mail: EmailMessage) -> str:
    found = re.search(r'<div style="display:none[^>]*>(.*?)</div>', text(mail, "html"), re.DOTALL)
    assert found
    return found[1]


def test_the_list_of_mails_is_as_it_was_looked_at() -> None:
    """Written anew by `python -m tests.notifiers.every_mail`, and then read as somebody with three minutes would."""
    assert "\n\n\n".join(map(as_listed, LANGUAGES)) + "\n" == LISTED.read_text(encoding="utf-8")


@each(ALL)
def test_a_subject_has_sixty_characters_at_most_and_never_the_incidents_long_number(mail: Mail) -> None:
    subject = str(mail.written()["Subject"])
    assert len(subject) <= 60
    assert subject.startswith("[7] ") == (mail.audience is not Audience.PUBLIC)
    assert "2026-0007" not in subject


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("length", [40, 60])
@pytest.mark.parametrize("outage", list(outages()))
def test_no_two_mails_of_an_outage_that_mean_different_things_look_alike(
    outage: str, length: int, language: str
) -> None:
    mails = outages()[outage] if language == "sv" else [in_english(mail) for mail in outages()[outage]]
    seen = Counter((mail.audience, str(mail.written()["Subject"])[:length]) for mail in mails)
    assert [alike for alike, count in seen.items() if count > 1] == []


@each(ALL)
def test_what_to_do_comes_first_then_what_has_happened_then_how_it_stands_and_each_once(mail: Mail) -> None:
    written, language = mail.written(), mail.notice.subscriber.language
    plain, page = text(written), text(written, "html")
    for part in (plain, page.partition("<h1")[2]):
        places = [part.index(TO_DO[language])] + [part.index(said) for said in HAPPENED[language] if said in part]
        assert places == sorted(places)
        assert len(places) == 2
        assert part.count(TO_DO[language]) == 1
        label = INTERN if language == "sv" else INTERNAL
        assert part.count(label) == (mail.audience is not Audience.PUBLIC)
    assert plain.count(DRIFTINFO) == 1
    assert page.count(f'href="{DRIFTINFO}"') == 1
    assert all(len(line) <= 72 for line in plain.splitlines())


@each(ALL)
def test_the_first_line_is_what_a_list_of_mails_shows_beside_the_subject(mail: Mail) -> None:
    written = mail.written()
    first = " ".join(text(written).partition("\n\n")[0].replace("\n- ", "\n").split())
    assert unescape(preheader(written)) == first
    assert text(written, "html").index(preheader(written)) < text(written, "html").index("<h1")


@each(ALL)
def test_the_label_stands_below_the_headline_of_what_is_internal_and_never_above_what_was_published(mail: Mail) -> None:
    page, language = text(mail.written(), "html"), mail.notice.subscriber.language
    label = INTERN if language == "sv" else INTERNAL
    if mail.audience is Audience.PUBLIC:
        assert label not in page
    else:
        assert page.index("</h1>") < page.index(label) < page.index(f">{TO_DO[language]}</h2>")


@each([mail for mail in ALL if mail.audience is Audience.PUBLIC])
def test_a_prescriber_reads_no_entry_no_function_of_the_clock_and_no_word_of_the_other_language(mail: Mail) -> None:
    plain = text(mail.written()).partition("\n-- \n")[0]
    if mail.notice.subscriber.language == "sv":
        assert not re.search(r"\b(the|entry|post \d|klockan|moment|outage|incident)\b", plain.replace("https", ""))
    assert not re.search(r"\bCES?T\b|\d{4}-\d\d-\d\d", plain)


@each(ALL)
def test_swedish_that_is_quoted_in_an_english_mail_is_marked_as_swedish(mail: Mail) -> None:
    written = mail.written()
    quotes = mail.about.startswith(("publicerat", "begäran")) and mail.notice.subscriber.language == "en"
    assert ("What is quoted is in Swedish." in text(written)) >= quotes
    assert ('lang="sv"' in text(written, "html").partition("<body")[2]) == ("is in Swedish." in text(written))


@each([mail for mail in every_mail() if mail.audience is not Audience.PUBLIC])
def test_q18_a_reader_is_asked_for_their_own_duties_alone_and_for_none_that_is_done(mail: Mail) -> None:
    content = contents(mail.notice, catalogue("sv"), mail.notice.recorded.recorded_at, driftinfo_url=DRIFTINFO)
    asked = " ".join(content.asked)
    for verdict in mail.notice.verdicts:
        if verdict.duty.text.sv in asked:
            assert verdict.to_do or verdict.duty.forbids
            assert mail.audience in acting(verdict.duty, builtin())
    assert ("papper" in asked) <= (mail.notice.incident.received > 0 or mail.notice.incident.active)


def test_a_reviewer_is_asked_to_review_what_was_closed_also_with_a_deviation() -> None:
    closed = [mail for mail in every_mail() if mail.about == "stängt med avvikelse"]
    [mail] = (mail for mail in closed if mail.audience is Audience.COMPLIANCE)
    assert preheader(mail.written()).startswith("Bedömning: ")
    assert "Avvikelse: partnern ringdes två gånger" in text(mail.written())


@each(ALL)
def test_what_is_hidden_is_small_too_and_the_frame_says_its_own_letters(mail: Mail) -> None:
    """For engines like Outlook's, which know no `display:none` and take no letters into a table."""
    page = text(mail.written(), "html")
    assert "display:none;max-height:0;overflow:hidden;mso-hide:all;font-size:1px" in page
    assert re.search(r'<td class="do" style="[^"]*font-family:[^"]*font-size:16px', page)
    assert 'role="presentation"' in page
