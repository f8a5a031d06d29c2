"""How each setting is written, for whoever wrote it otherwise."""

from domain.texts import N_

_SMTP_URL = N_("write it as smtp://USER:PASSWORD@HOST:587?tls=starttls")

RIGHT = {
    "text": N_("write it between quotation marks"),
    "lang": N_("write sv or en"),
    "database-url": N_("write sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"),
    "web-address": N_("write a whole web address that starts with https://"),
    "contact": N_("write a mail address, or a whole web address that starts with https://"),
    "assessed": N_("write when, how far and how, like 2026-11-20 partly egen granskning; or fully, or not"),
    "faults-of-none": N_(
        "accessibility_assessed says that the pages fully comply: leave the faults out, or write partly"
    ),
    "web-listen": N_("write HOST:PORT or unix:/PATH, like 127.0.0.1:8020 or unix:/run/reservrutin/web.sock"),
    "web-address-ascii": N_("it stands in headers of mail: write å as %C3%A5, and in the name of a host as xn--…"),
    "door": N_("write the address that the pages stand under, without ? and #, like https://besked.example.se"),
    "on-or-off": N_("write on or off"),
    "smtp-url-malformed": _SMTP_URL,
    "smtp-url-tls": N_("tls is starttls, implicit or none, and smtps is always implicit"),
    "smtp-url-no-user": N_("a password goes with a user, smtp://USER:PASSWORD@HOST:587"),
    "smtp-url-password-without-tls": N_("a password never goes unencrypted over the net: leave tls=none out"),
    "smtp-url-two-passwords": N_("the password stands in a file too: leave it out here"),
    "ehlo-name": N_("write a host's name or its address in brackets, like sesam.example.se or [192.0.2.7]"),
    "whole-number": N_("write a whole number from 1 to {most}"),
    "points": N_("write a number above 0, like 2 or 1.5"),
    "duration": N_("write a duration like 20s, 15 min or 4 h"),
    "throttle": N_("write how many mails in how long, like 6/15 min, or off"),
    "retry": N_("write at most twenty waits, each up to 7 d, like 10s 30s 2 min ambiguous=5m jitter=20%"),
    "expiry": N_("write how long a fact is told, up to 7 d, and other times by the fact's name: 6h note-added=30m"),
    "sender": N_("write an address, or Name <address>, such as Reservrutin <reservrutin@example.se>"),
    "return-path": N_("write an address with at most {most} characters before its @, such as bounces@example.se"),
    "return-secret": N_("write at least {least} characters"),
    "return-secret-missing": N_("return paths are signed, so set mail_return_secret too"),
    "channel": N_("write one of: {known}"),
    "domains": N_("write domains with spaces between, such as example.se sjukhus.example.se"),
    "notice-folder-missing": N_("notices go into a folder, so set notice_folder too"),
    "header-name": N_("write a header's name, such as X-Remote-User"),
    "log-origin": N_("write a name without spaces and +, such as driftlogg.example.se/sesam"),
    "verifier-keys": N_("write public keys as reservrutin keys show prints them, with spaces between"),
}
"""Ends the sentence about a setting that is wrong, by what is wrong with it."""
