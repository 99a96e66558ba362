"""The settings that guard money and people: what sending may cost, what is taken in, what is given away, and what one
person is spared."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from gateway.setting_types import Strict, Within, Worth, wanted

Amount = Annotated[float, Field(gt=0, le=1e9), wanted("an amount above 0")]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$"), wanted("three capital letters, such as KES")]


class Spending(Strict):
    """What sending may cost. Prices are in prices.yaml."""

    a_day: dict[Currency, Amount] = Field(
        default_factory=dict, description="by currency, what may be spent in a day before sending stops"
    )


class Limits(Strict):
    """What is taken in of one number, and of one block of numbers, in a day; each web process counts for itself."""

    number_a_day: Annotated[int, Within(10, 100_000)] = Field(
        default=300, description="messages of one number that are taken in a day"
    )
    block_a_day: Annotated[int, Within(0, 10_000_000)] = Field(
        default=0, description="messages of the ten thousand numbers that differ in their last four digits; 0: any"
    )


class Pacing(Strict):
    """What one person is spared."""

    seconds_between: Annotated[int, Within(0, 3600)] = Field(
        default=2, description="seconds between two messages to one person"
    )
    messages_a_day: Annotated[int, Within(1, 1000)] = Field(
        default=40, description="messages that one person did not ask for, in 24 hours"
    )


class Incentive(Strict):
    """Airtime for whoever completes a poll: once for each person, until the budget is used up."""

    amount: Worth = Field(description="what each person is given", examples=["KES 20"])
    budget: Worth = Field(description="what all of them are given at most", examples=["KES 5000"])
    channel: str = Field(description="the channel whose account pays", examples=["at-sms"])

    @model_validator(mode="after")
    def _of_one_currency(self) -> Incentive:
        if self.amount.currency != self.budget.currency:
            raise ValueError("`amount` and `budget` must be of one currency")
        if not self.amount.millionths:
            raise ValueError("`amount` must be above 0")
        return self
