"""A digest as a mail: text, page and PDF; and the way to the mail server."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime

from analysis import render
from analysis.findings import Digest
from analysis.raised import Raised
from analysis.render import agenda
from analysis.render.language import language as speak
from analysis.render.page import ended
from analysis.render.paper import pdf
from gateway.mail_settings import Mail

SECONDS = 30
"""How long a server may take for one step."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes out, still without an address. The same release and order always have the same `number`, so that a
    mail that was taken twice is shown once."""

    digest: Digest
    language: str
    number: str
    raised: Raised | None = None
    """What people raised outside of the poll, at its end."""


@dataclass(frozen=True, slots=True)
class Note:
    """A few words, as a mail."""

    subject: str
    text: str


Post = Callable[[Letter | Note, str], None]
"""Sends a letter to an address. Raises smtplib.SMTPException or OSError, whose texts may hold the address."""


def poster(settings: Mail, password: str) -> Post | None:
    """The way out by these settings; None where no mail server is named."""
    if not settings.host:
        return None

    def send(letter: Letter | Note, to: str) -> None:
        make = compose if isinstance(letter, Letter) else _note
        message = make(letter, settings.sender, to)  # type: ignore[arg-type]  # each takes its own
        context = ssl.create_default_context()
        with _server(settings, context) as server:
            if settings.security == "starttls":
                server.starttls(context=context)
            if settings.user:
                server.login(settings.user, password)
            server.send_message(message)

    return send


def _server(settings: Mail, context: ssl.SSLContext) -> smtplib.SMTP:
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=SECONDS, context=context)
    return smtplib.SMTP(settings.host, settings.port, timeout=SECONDS)


def _note(note: Note, sender: str, to: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = " ".join(note.subject.split())
    message["From"] = sender
    message["To"] = to
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(note.text)
    return message


def compose(letter: Letter, sender: str, to: str) -> EmailMessage:
    """Plain text for whoever sees no pages, the page, and the same to print."""
    digest, language = letter.digest, letter.language
    words = speak(language)
    page, text = render.page(digest, language), render.telegram(digest, language)
    if letter.raised:
        page = ended(page, agenda.section(letter.raised, language))
        text += f"\n\n{agenda.lines(letter.raised, language)}"
    message = EmailMessage()
    title = " ".join(words.text(digest.title, digest.survey).split())  # no line break gets into a header
    message["Subject"] = words.say("mail_subject", title=title, date=words.date(digest.made_at))
    message["From"] = sender
    message["To"] = to
    message["Date"] = format_datetime(digest.made_at)
    message["Message-ID"] = f"<{letter.number}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(page, subtype="html")
    message.add_attachment(pdf(page), maintype="application", subtype="pdf", filename=f"{digest.survey}-digest.pdf")
    return message
