"""Sessions, one's own account, and what operators do with accounts."""

from __future__ import annotations

from collections.abc import Callable

import pyotp
import pytest

from gateway.accounts import users
from gateway.accounts.accounts import Accounts, Gone, Refused, Weak
from gateway.accounts.roles import Access, AccountError, Grant, Role, Signed, grants
from gateway.accounts.tries import TooManyTries
from tests.conftest import Clock
from tests.gateway.accounts.conftest import ADDRESS, PASSWORD, Member, audited, member


def signed_in(amina: Member, token: str = "") -> Signed:
    found = amina.accounts.signed(token or amina.sign_in())
    assert found is not None
    return found


# Sessions -----------------------------------------------------------------------------------------------------------


def test_a_session_ends_when_it_is_not_used(accounts: Accounts, amina: Member, clock: Clock) -> None:
    token = amina.sign_in()
    clock.advance(minutes=29)
    assert accounts.signed(token)  # counts as used
    clock.advance(minutes=29)
    assert accounts.signed(token)
    clock.advance(minutes=30)
    assert accounts.signed(token) is None


def test_a_session_ends_however_much_it_is_used(accounts: Accounts, amina: Member, clock: Clock) -> None:
    token = amina.sign_in()
    for _ in range(29):
        clock.advance(minutes=20)
        assert accounts.signed(token)
    clock.advance(minutes=20)
    assert accounts.signed(token) is None


def test_each_signing_in_starts_a_session_of_its_own(accounts: Accounts, amina: Member) -> None:
    first, second = amina.sign_in(), amina.sign_in()
    assert first != second
    shown = accounts.sessions(signed_in(amina, second))
    assert [one.own for one in shown] == [True, False, False]  # the newest first; the last is the invitation's


def test_signing_out_ends_one_session_and_signing_out_everywhere_all(accounts: Accounts, amina: Member) -> None:
    first, second, third = amina.sign_in(), amina.sign_in(), amina.sign_in()
    accounts.sign_out(signed_in(amina, first))
    assert accounts.signed(first) is None
    accounts.sign_out(signed_in(amina, second), signed_in(amina, third).session)
    assert accounts.signed(third) is None
    accounts.sign_out_everywhere(signed_in(amina, second))
    assert accounts.signed(second) is None
    assert accounts.signed(amina.session) is None


def test_somebody_elses_session_can_not_be_ended(accounts: Accounts, amina: Member, clock: Clock) -> None:
    other = member(accounts, clock, "baraka")
    accounts.sign_out(signed_in(amina), signed_in(other, other.session).session)
    assert accounts.signed(other.session)


@pytest.mark.parametrize("token", ["", "x", "é" * 50])
def test_no_session(accounts: Accounts, amina: Member, token: str) -> None:
    assert accounts.signed(token) is None


# One's own account --------------------------------------------------------------------------------------------------


def test_a_new_password_ends_every_session(accounts: Accounts, amina: Member) -> None:
    token = amina.sign_in()
    fresh = accounts.change_password(signed_in(amina, token), PASSWORD, "nine other boats", ADDRESS)
    assert accounts.signed(token) is None
    assert accounts.signed(amina.session) is None
    assert accounts.signed(fresh)
    with pytest.raises(Refused):
        amina.sign_in(PASSWORD)
    assert amina.sign_in("nine other boats")


def test_another_authenticator(accounts: Accounts, amina: Member, clock: Clock) -> None:
    signed, offer = signed_in(amina), accounts.offer("amina")
    with pytest.raises(Refused):
        accounts.change_authenticator(signed, PASSWORD, offer.sealed, amina.code(), ADDRESS)
    code = pyotp.TOTP(offer.secret).at(clock())
    fresh = accounts.change_authenticator(signed, PASSWORD, offer.sealed, code, ADDRESS)
    assert accounts.signed(amina.session) is None
    assert accounts.signed(fresh)
    with pytest.raises(Refused):
        amina.sign_in()
    amina.secret = offer.secret
    assert amina.sign_in()


def test_new_recovery_codes_end_the_ones_before(accounts: Accounts, amina: Member) -> None:
    fresh = accounts.new_recovery_codes(signed_in(amina), PASSWORD, ADDRESS)
    with pytest.raises(Refused):
        amina.sign_in(code=amina.recovery[0])
    assert amina.sign_in(code=fresh[0])


Change = Callable[[Accounts, Signed, str], object]
CHANGES: dict[str, Change] = {
    "password": lambda of, who, password: of.change_password(who, password, "nine other boats", ADDRESS),
    "authenticator": lambda of, who, password: of.change_authenticator(
        who, password, of.offer(who.name).sealed, "000000", ADDRESS
    ),
    "recovery codes": lambda of, who, password: of.new_recovery_codes(who, password, ADDRESS),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_who_finds_an_open_session_changes_nothing_without_the_password(
    accounts: Accounts, amina: Member, change: Change
) -> None:
    signed = signed_in(amina)
    for _ in range(5):
        with pytest.raises(Refused):
            change(accounts, signed, "seven small goats")
    with pytest.raises(TooManyTries):
        change(accounts, signed, PASSWORD)
    assert ("amina", "password refused") in audited(accounts)


def test_a_weak_new_password_is_refused_before_anything(accounts: Accounts, amina: Member) -> None:
    with pytest.raises(Weak):
        accounts.change_password(signed_in(amina), PASSWORD, "amina1234567", ADDRESS)


# Grants -------------------------------------------------------------------------------------------------------------


def test_a_grant_holds_from_the_next_page_and_so_does_its_end(accounts: Accounts, amina: Member, clock: Clock) -> None:
    token = amina.sign_in()
    with accounts.engine.begin() as connection:
        users.grant(connection, "amina", grants(Role.CODER, ["ussd_pulse"]), "tests", clock())
        users.grant(connection, "amina", grants(Role.CODER, ["ussd_pulse"]), "tests", clock())  # again: nothing new
    assert signed_in(amina, token).may(Role.CODER, "ussd_pulse")
    with accounts.engine.begin() as connection:
        assert users.revoke(connection, "amina", Role.CODER, [], "tests", clock()) == (Grant(Role.CODER, "ussd_pulse"),)
    assert not signed_in(amina, token).has(Role.CODER)
    assert [what for _, what in audited(accounts)].count("grant") == 2


def test_a_role_for_one_survey_is_not_one_for_another() -> None:
    signed = Signed(1, 1, "amina", frozenset({Grant(Role.FOCAL_POINT, "displaced"), Grant(Role.CODER)}))
    assert signed.may(Role.FOCAL_POINT, "displaced")
    assert not signed.may(Role.FOCAL_POINT, "other")
    assert not signed.may(Role.FOCAL_POINT, "")
    assert signed.has(Role.FOCAL_POINT)
    assert signed.may(Role.CODER, "other")
    assert not signed.has(Role.OPERATOR)


@pytest.mark.parametrize("role", Role)
def test_a_page_admits_its_roles_and_no_other(role: Role) -> None:
    held = Signed(1, 1, "amina", frozenset({Grant(role)}))
    for other in Role:
        assert Access((other,)).admits(held) is (other is role)
        assert Access((other,), by_survey=True).admits(held, "displaced") is (other is role)
    assert Access().admits(held)
    assert Access(tuple(Role)).admits(held)


@pytest.mark.parametrize(
    ("role", "surveys", "named"),
    [
        (Role.FOCAL_POINT, [], "--survey"),
        (Role.OPERATOR, ["displaced"], "--survey"),
        (Role.CODER, ["Not a name"], "Not a name"),
    ],
)
def test_a_grant_that_can_not_be(role: Role, surveys: list[str], named: str) -> None:
    with pytest.raises(AccountError, match=named):
        grants(role, surveys)


@pytest.mark.parametrize("name", ["", "a", "Amina", "x" * 33, "amina@example.org", "a b", "1st", "اسم"])
def test_a_name_that_can_not_be(accounts: Accounts, name: str) -> None:
    with accounts.engine.begin() as connection, pytest.raises(AccountError, match="user's name"):
        users.add(connection, name, (), "tests", accounts.clock())


def test_what_is_asked_of_users_who_are_not_there(accounts: Accounts, amina: Member, clock: Clock) -> None:
    with accounts.engine.begin() as connection:
        with pytest.raises(AccountError, match="already"):
            users.add(connection, "amina", (), "tests", clock())
        with pytest.raises(AccountError, match="does not hold"):
            users.revoke(connection, "amina", Role.CODER, [], "tests", clock())
        for ask in (users.disable, users.enable):
            with pytest.raises(AccountError, match="no user"):
                ask(connection, "nobody", "tests", clock())
        users.disable(connection, "amina", "tests", clock())
        with pytest.raises(AccountError, match="disabled"):
            users.invite(connection, accounts.vault, "amina", "tests", clock())


def test_disabling_takes_an_open_invitation_back(accounts: Accounts, amina: Member, clock: Clock) -> None:
    token = amina.invited()
    with accounts.engine.begin() as connection:
        users.disable(connection, "amina", "tests", clock())
        users.enable(connection, "amina", "tests", clock())
    with pytest.raises(Gone):
        accounts.invited(token)


def test_users_are_listed_with_what_they_hold(accounts: Accounts, amina: Member, clock: Clock) -> None:
    with accounts.engine.begin() as connection:
        users.add(connection, "baraka", grants(Role.MEDIATOR, []), "tests", clock())
        users.add(connection, "chausiku", grants(Role.OPERATOR, []), "tests", clock())
        users.disable(connection, "chausiku", "tests", clock())
    assert [(one.name, one.state, [str(grant) for grant in one.grants]) for one in users.listed(accounts.engine)] == [
        ("amina", "active", ["focal-point for displaced"]),
        ("baraka", "invited", ["mediator"]),
        ("chausiku", "disabled", ["operator"]),
    ]
