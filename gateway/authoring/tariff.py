"""What messages cost and may cost, as delivery reckons: of prices.yaml and the setting `spending`."""

from __future__ import annotations

from gateway.authoring.prices import read_prices
from gateway.delivery.spending import UNIT, Price, Tariff
from gateway.settings import Settings


def tariff(settings: Settings) -> Tariff:
    """Raises SurveyError where prices.yaml is wrong."""
    table = read_prices(settings.config)
    prices = {
        name: tuple(Price(row.currency, int(row.sent * UNIT), row.country) for row in table.of(channel))
        for name, channel in settings.channels.items()
    }
    limits = {currency: int(amount * UNIT) for currency, amount in settings.spending.a_day.items()}
    return Tariff(prices, limits, settings.quiet_hours.timezone)
