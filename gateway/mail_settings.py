"""The mail server that takes digests, as settings.yaml names it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from gateway.setting_types import Strict, Within, wanted


class Mail(Strict):
    """The server that takes digests as mails; its password is BARAZA_MAIL_PASSWORD."""

    host: str = Field(default="", description="the mail server; none: no digests by mail")
    port: Annotated[int, Within(1, 65535)] = Field(default=587, description="its port")
    security: Annotated[Literal["starttls", "tls", "none"], wanted("starttls, tls or none")] = Field(
        default="starttls", description="how the connection is secured: starttls, tls, or none on this machine only"
    )
    sender: Annotated[
        str, Field(pattern=r"^[^\s@<>]+@[^\s@<>]+$|^$"), wanted("an address such as polls@example.org")
    ] = Field(default="", description="the address that mails come from")
    user: str = Field(default="", description="whom to sign in as; nobody if not said")

    @model_validator(mode="after")
    def _has_a_sender(self) -> Mail:
        if self.host and not self.sender:
            raise ValueError("`mail.sender` is missing: mails need an address that they come from")
        if self.host and self.security == "none" and self.host not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("`mail.security` may be none only for a server on this machine")
        return self
