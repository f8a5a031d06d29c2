"""A mail program ends its reader's subscription by what a mail says (RFC 8058); the mail, the door, the worker and the
TLS between them are real."""

import re
import ssl
from contextlib import closing
from dataclasses import replace
from email.message import EmailMessage
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infrastructure.registers.subscribers import Subscribers
from tests.doorway import behind_tls, certificate, trusted
from tests.mailroom import mailroom, text
from tests.terminal import Terminal
from tests.web.served import served

URLENCODED = "application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"
MULTIPART = (
    "multipart/form-data; boundary=x",
    b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
)


def one_click(mail: EmailMessage) -> str:
    """The one https link of the mail's headers."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [link] = re.findall(r"<(https://[^>]+)>", mail["List-Unsubscribe"])
    return str(link)


def presses(link: str, kind: str, body: bytes) -> HTTPResponse:
    """As a mail program does: a POST alone, no cookie, nothing followed."""
    where = urlsplit(link)
    trust = ssl.create_default_context()
    with closing(HTTPSConnection(str(where.hostname), where.port, timeout=30, context=trust)) as mail_program:
        mail_program.request("POST", where.path, body, {"Content-Type": kind})
        answer = mail_program.getresponse()
        answer.read()
        return answer


def test_one_click_ends_the_subscription_of_the_mails_reader_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = certificate(trusted(tmp_path, monkeypatch))
    with mailroom() as mails, behind_tls(context) as proxy:
        desk = Terminal(tmp_path, smtp_url=mails.url).at("08:00")
        desk.desk.settings = replace(desk.desk.settings, web_url=proxy.url)
        for name in ("anna", "bo"):
            desk.types(f"subscriber add {name}@example.se --audience staff")
        desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
        with served(desk.settings.database_url, tmp_path, web_url=proxy.url) as door:
            proxy.to = door.host, door.port
            desk.types("worker --once")
            [mail] = mails.to("anna")
            assert f"{proxy.url}/val/" in text(mail)
            for kind, body in (URLENCODED, MULTIPART, URLENCODED):
                answer = presses(one_click(mail), kind, body)
                assert (answer.status, answer.getheader("Location"), answer.getheader("Set-Cookie")) == (
                    200,
                    None,
                    None,
                )
            desk.at("08:30").records("prognosis-received --restored-by 10:00")
            desk.types("worker --once")
            assert presses(one_click(mail), *URLENCODED).status == 200, "also when she is gone"
        assert len(door.said) > 4
        assert one_click(mail).rpartition("/")[2] not in str(door.said)
        assert (len(mails.to("anna")), len(mails.to("bo"))) == (1, 2)
        assert [reader.address for reader, _state in Subscribers(desk.desk.database).all()] == ["bo@example.se"]
        assert desk.types("verify").code == 0
        assert "har slutat själv" in desk.types("log --of subscribers").out
        desk.at("09:00").records("prognosis-received --restored-by 11:00")
        desk.types("worker --once")
        last = mails.to("bo")[-1]
        assert (len(mails.to("bo")), last["List-Unsubscribe-Post"]) == (3, None), "the door is closed, and he is told"
