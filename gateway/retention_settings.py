"""When what is kept is deleted."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.setting_types import Strict, Within


class Retention(Strict):
    """After how many days what is no longer needed is deleted."""

    payload_days: Annotated[int, Within(1, 90)] = Field(default=7, description="contents of messages in and out")
    ussd_session_days: Annotated[int, Within(1, 7)] = Field(default=1, description="where a USSD session stood")
    early_report_days: Annotated[int, Within(1, 30)] = Field(
        default=7, description="delivery reports of messages that nobody knows"
    )
    link_days: Annotated[int, Within(1, 30)] = Field(default=1, description="codes that link two addresses")
    timer_days: Annotated[int, Within(7, 365)] = Field(default=90, description="timers that have fired")
    sign_in_days: Annotated[int, Within(1, 30)] = Field(
        default=1, description="sessions and invitations that expired, and tries to sign in"
    )
    broadcast_days: Annotated[int, Within(30, 3650)] = Field(default=365, description="whom a broadcast went to")
    digest_days: Annotated[int, Within(7, 3650)] = Field(default=90, description="which digests were handed out")
    space_days: Annotated[int, Within(7, 3650)] = Field(default=365, description="what was said in closed spaces")
    signature_days: Annotated[int, Within(7, 3650)] = Field(
        default=365, description="what groups that signed an appeal are called"
    )
    incentive_days: Annotated[int, Within(30, 3650)] = Field(default=90, description="providers' ids of incentives")
