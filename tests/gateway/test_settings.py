from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from channels import registry
from channels.adapter import Medium
from gateway.settings import ChannelsFile, Settings, SettingsError, SettingsFile, load, require_secrets, schemas

CONFIG = Path(__file__).parents[2] / "config"
ENVIRONMENT = {"PUBLIC_BASE_URL": "https://polls.example.org/", "BARAZA_KEYS": "a wrapping key"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    for name in ("settings.yaml", "channels.yaml"):
        shutil.copy(CONFIG / name, folder)
    return folder


Loaded = Callable[..., Settings]


@pytest.fixture
def loaded(config: Path) -> Loaded:
    """load() with what every gateway needs, and more."""
    return lambda **more: load({**ENVIRONMENT, "BARAZA_CONFIG": str(config), **more})


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


# What is shipped ----------------------------------------------------------------------------------------------------


def test_the_shipped_files_load(loaded: Loaded) -> None:
    settings = loaded()
    assert settings.languages == ("en", "sw", "ar")
    assert settings.country in settings.countries
    assert (settings.quiet_hours.start, settings.quiet_hours.end) == (time(21), time(7))
    assert settings.quiet_hours.timezone == ZoneInfo("Africa/Nairobi")
    assert settings.public_base_url == "https://polls.example.org"
    assert settings.database_url == f"sqlite:///{Path('var/baraza.db').absolute()}"
    assert settings.redis_url is None
    assert settings.key_file == Path("var/keys.json").absolute()
    assert (settings.phones, settings.demo, settings.minimum_cell) == (False, False, 5)
    assert list(settings.channels) == ["web"]


def test_the_simulated_phones_exist_only_where_they_are_allowed(loaded: Loaded, config: Path) -> None:
    phones = {"phone-sms", "phone-ussd", "phone-chat"}
    assert not phones & set(loaded().channels)
    assert phones < set(loaded(BARAZA_DEMO="1").channels)
    text = (config / "settings.yaml").read_text().replace("phones: false", "phones: true")
    write(config, "settings.yaml", text)
    assert phones < set(loaded().channels)
    assert not loaded().demo


def test_every_example_in_the_shipped_files_is_right_once_enabled(loaded: Loaded, config: Path) -> None:
    write(config, "channels.yaml", (config / "channels.yaml").read_text().replace("enabled: false", "enabled: true"))
    channels = loaded(BARAZA_DEMO="1").channels
    assert {(channel.adapter, channel.medium) for channel in channels.values()} == {
        ("phone", Medium.SMS),
        ("phone", Medium.USSD),
        ("phone", Medium.CHAT),
        ("web", Medium.WEB),
        ("africastalking", Medium.SMS),
        ("africastalking", Medium.USSD),
        ("twilio", Medium.SMS),
        ("twilio", Medium.CHAT),
        ("telegram", Medium.CHAT),
        ("smsgate", Medium.SMS),
        ("kannel", Medium.SMS),
    }
    assert channels["at-ussd"].sender == "*384*22#"
    assert channels["at-ussd"].hook == "https://polls.example.org/hooks/at-ussd"


def test_the_shipped_file_names_every_secret_that_an_adapter_needs() -> None:
    text = (CONFIG / "channels.yaml").read_text()
    assert len(registry.names()) >= 5
    for name in registry.names():
        for secret in registry.capabilities(name).secrets:
            assert re.search(rf"BARAZA_[A-Z_]+_{secret.upper()}\b", text), f"{name} {secret}"


def test_the_schemas_for_editors_are_current() -> None:
    assert len(schemas()) == 2
    for name, text in schemas().items():
        assert (CONFIG / name).read_text() == text, "make them anew: python -m gateway.settings"
        yaml_name = name.replace(".schema.json", ".yaml")
        assert (CONFIG / yaml_name).read_text().startswith(f"# yaml-language-server: $schema={name}\n")


OF_THE_PLACE = {"languages", "country", "countries", "quiet_hours", "coordination"}


def test_what_settings_yaml_says_is_what_the_code_would_assume() -> None:
    """Somebody who deletes a line gets what it said, but for what depends on the place."""
    shipped = SettingsFile.model_validate(yaml.safe_load((CONFIG / "settings.yaml").read_text()))
    bare = SettingsFile(languages=("en",), country="KE")
    assert shipped.model_dump(exclude=OF_THE_PLACE) == bare.model_dump(exclude=OF_THE_PLACE)
    assert set(SettingsFile.model_fields) == set(yaml.safe_load((CONFIG / "settings.yaml").read_text()))


# What is missing or wrong -------------------------------------------------------------------------------------------

NAMES = "languages: [en]\ncountry: KE\n"
CHANNEL = "channels:\n  sms:\n    adapter: twilio\n    medium: sms\n"

WRONG_ENVIRONMENT = [
    ({"PUBLIC_BASE_URL": ""}, "PUBLIC_BASE_URL is missing"),
    ({"PUBLIC_BASE_URL": "polls.example.org"}, "PUBLIC_BASE_URL must be an address such as"),
    ({"PUBLIC_BASE_URL": "https://me:canary@polls.example.org"}, "PUBLIC_BASE_URL must be an address such as"),
    ({"PUBLIC_BASE_URL": "https://polls.example.org/?a=b"}, "PUBLIC_BASE_URL must be an address such as"),
    ({"BARAZA_KEYS": ""}, "BARAZA_KEYS is missing: `baraza keys create` prints"),
    ({"BARAZA_KEYS_FILE": "/nowhere"}, "BARAZA_KEYS and BARAZA_KEYS_FILE are both set"),
    ({"BARAZA_KEYS": "", "BARAZA_KEYS_FILE": "/nowhere"}, "BARAZA_KEYS_FILE names a file that can't be read"),
    ({"BARAZA_CONFIG": "/nowhere"}, "BARAZA_CONFIG names /nowhere, which is no folder"),
    ({"BARAZA_CONFIG": "/"}, "settings.yaml can't be read: BARAZA_CONFIG must name a folder like config/"),
    (
        {"BARAZA_WEB_KEY": "canary", "BARAZA_WEB_KEY_FILE": "/nowhere"},
        "BARAZA_WEB_KEY and BARAZA_WEB_KEY_FILE are both",
    ),
]

WRONG_SETTINGS = [
    ("", ":1:1: the file is empty"),
    ("country: KE\n", "`languages` is missing: the languages of this gateway"),
    ("languages: [en]\n", "`country` is missing: the country of numbers"),
    (NAMES + "quiet_hour:\n  start: x\n", ":3:1: there is no `quiet_hour` here; did you mean 'quiet_hours'?"),
    (NAMES + "quiet_hours:\n  begin: x\n", ":4:3: there is no `begin` here"),
    (NAMES + "quiet_hours:\n  start: nine\n", ':4:10: `start` must be a time of day such as "21:00"'),
    (NAMES + "quiet_hours:\n  timezone: Nairobi\n", "`timezone` must be a time zone such as Africa/Nairobi"),
    ("languages: [english]\ncountry: KE\n", ":1:12: `languages` must be language codes such as [en, sw]"),
    ("languages: []\ncountry: KE\n", ":1:12: `languages` must be language codes such as [en, sw]"),
    ("languages: [en]\ncountry: Kenya\n", ":2:10: `country` must be two capital letters"),
    ("languages: [en]\ncountry: UK\n", ":2:10: `country` must be two capital letters"),
    (NAMES + "countries: [KE, XX]\n", ":3:17: `countries` must be two capital letters"),
    (NAMES + "phones: perhaps\n", ":3:9: `phones` must be true or false"),
    (NAMES + "minimum_cell: 1\n", ":3:15: `minimum_cell` must be a whole number, 2 to 100"),
    (NAMES + "minimum_cell: few\n", ":3:15: `minimum_cell` must be a whole number, 2 to 100"),
    (NAMES + "retention:\n  payload_days: 1.5\n", "`payload_days` must be a whole number, 1 to 90"),
    (NAMES + "retention: 7\n", "`retention` must be a map"),
    (
        NAMES + "incentives:\n  pulse: {amount: 20 KES, budget: KES 50, channel: at}\n",
        ":4:19: `amount` must be an amount such as KES 20",
    ),
    (
        NAMES + "incentives:\n  pulse: {amount: KES 20, budget: USD 50, channel: at}\n",
        "`amount` and `budget` must be of one currency",
    ),
    (NAMES + "incentives:\n  pulse: {amount: KES 0, budget: KES 50, channel: at}\n", "`amount` must be above 0"),
    (NAMES + "country: UG\n", ":3:1: `country` is here twice (first in line 2)"),
    ("languages: &a [en]\ncountry: *a\n", "anchors and aliases are not read"),
    (NAMES + "database_url: sqlite:///x\n", ":3:1: there is no `database_url` here"),
]

WRONG_CHANNELS = [
    ("{}\n", "`channels` is missing"),
    ("channels:\n  sms:\n    medium: sms\n", "`adapter` is missing"),
    ("channels:\n  sms:\n    adapter: twilio\n", "`medium` is missing"),
    ("channels:\n  sms:\n    adapter: twilio\n    medium: fax\n", ":4:13: `medium` must be sms, ussd, chat or web"),
    (
        CHANNEL.replace("twilio", "twillio"),
        ":3:14: `adapter` must be one of africastalking, jasmin, kannel, phone, smsgate, telegram, twilio, web",
    ),
    (CHANNEL + "    rate: 0\n", "`rate` must be a number of messages a second, above 0"),
    (CHANNEL + "    screen: 30\n", "`screen` must be a whole number, 60 to 182"),
    (CHANNEL + "    colour: red\n", ":5:5: there is no `colour` here"),
    (CHANNEL.replace("sms:", "My_SMS:", 1), "named in lower-case letters, digits and hyphens"),
    (
        CHANNEL + "    auth_token: canary\n",
        "`auth_token` is a secret: take it out, and set BARAZA_<CHANNEL>_AUTH_TOKEN",
    ),
    (CHANNEL + "    options:\n      api_key: canary\n", "`api_key` is a secret: take it out"),
    (CHANNEL + "    options:\n      apiKey: canary\n", "`apiKey` is a secret: take it out"),
    (CHANNEL + "    base_url: https://me:canary@host\n", "`base_url` holds a secret"),
    (CHANNEL + "    base_url: http://192.168.1.20:8080\n", "say `private: true` if that is meant"),
    (CHANNEL + "    base_url: http://169.254.169.254\n", "say `private: true` if that is meant"),
    (CHANNEL + "    base_url: http://[fd00::1]:80\n", "say `private: true` if that is meant"),
]


@pytest.mark.parametrize(("environment", "said"), WRONG_ENVIRONMENT)
def test_a_wrong_environment_is_told_in_one_sentence(loaded: Loaded, environment: dict[str, str], said: str) -> None:
    told(lambda: loaded(**environment), said)


@pytest.mark.parametrize(("text", "said"), WRONG_SETTINGS)
def test_a_mistake_in_settings_yaml_is_told_in_one_sentence(loaded: Loaded, config: Path, text: str, said: str) -> None:
    write(config, "settings.yaml", text)
    told(loaded, said, f"{config}/settings.yaml:")


@pytest.mark.parametrize(("text", "said"), WRONG_CHANNELS)
def test_a_mistake_in_channels_yaml_is_told_in_one_sentence(loaded: Loaded, config: Path, text: str, said: str) -> None:
    write(config, "channels.yaml", text)
    told(loaded, said, f"{config}/channels.yaml:")


def test_airtime_is_paid_by_a_channel_that_can(loaded: Loaded, config: Path) -> None:
    write(config, "settings.yaml", NAMES + "incentives:\n  pulse: {amount: KES 20, budget: KES 50, channel: web}\n")
    told(loaded, "`incentives.pulse.channel` is web: it must name an enabled channel that sends airtime")


def told(start: Callable[[], object], said: str, begins: str = "") -> None:
    with pytest.raises(SettingsError) as refused:
        start()
    text = str(refused.value)
    assert said in text
    assert text.startswith(begins)
    assert "\n" not in text
    assert "canary" not in text
    assert len(text) < 400


def test_several_mistakes_are_counted(loaded: Loaded, config: Path) -> None:
    write(config, "settings.yaml", NAMES + "colour: red\nshape: round\n")
    told(loaded, "there is no `colour` here", f"{config}/settings.yaml:3:1:")
    with pytest.raises(SettingsError, match=re.escape("(and 1 more)")):
        loaded()


# Secrets ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def two_channels(config: Path) -> None:
    write(config, "channels.yaml", CHANNEL + "  sms-two:\n    adapter: twilio\n    medium: sms\n")


@pytest.mark.usefixtures("two_channels")
def test_secrets_come_from_the_environment_newest_first(loaded: Loaded) -> None:
    channels = loaded(BARAZA_SMS_AUTH_TOKEN="newest, older", BARAZA_SMS_TWO_AUTH_TOKEN="other").channels
    assert channels["sms"].secrets == {"auth_token": ("newest", "older")}
    assert channels["sms-two"].secrets == {"auth_token": ("other",)}


@pytest.mark.usefixtures("two_channels")
def test_secrets_come_from_files(loaded: Loaded, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("newest,older\n")
    channels = loaded(BARAZA_SMS_AUTH_TOKEN_FILE=str(tmp_path / "secret")).channels
    assert channels["sms"].secrets == {"auth_token": ("newest", "older")}
    told(
        lambda: loaded(BARAZA_SMS_AUTH_TOKEN_FILE="/nowhere"),
        "BARAZA_SMS_AUTH_TOKEN_FILE names a file that can't be read",
    )


@pytest.mark.usefixtures("two_channels")
def test_a_missing_secret_is_named(loaded: Loaded) -> None:
    channel = loaded(BARAZA_SMS_TWO_AUTH_TOKEN="x").channels["sms-two"]
    require_secrets(channel, ("auth_token",))
    told(lambda: require_secrets(channel, ("auth_token", "account_sid")), "BARAZA_SMS_TWO_ACCOUNT_SID is missing")


def test_the_wrapping_keys_may_lie_in_a_file(loaded: Loaded, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("from a file\n")
    assert loaded(BARAZA_KEYS="", BARAZA_KEYS_FILE=str(tmp_path / "keys")).wrapping_keys == "from a file"


def test_settings_can_be_printed_without_giving_secrets_away(loaded: Loaded) -> None:
    settings = loaded(
        BARAZA_KEYS="canary",
        BARAZA_WEB_SIGNING="canary",
        DATABASE_URL="postgresql://me:canary@host/db",
        REDIS_URL="redis://:canary@host",
    )
    assert settings.channels["web"].secrets == {"signing": ("canary",)}
    assert "canary" not in repr(settings)
    assert "canary" not in str(settings)


def test_the_files_are_frozen_and_strict() -> None:
    for model in (SettingsFile, ChannelsFile, Settings):
        assert model.model_config["frozen"]
        assert model.model_config["extra"] == "forbid"
