from __future__ import annotations

import concurrent.futures
from dataclasses import replace

import pyotp
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from gateway.accounts import codes, tries, users
from gateway.accounts.accounts import Accounts, Gone, Refused, Weak
from gateway.accounts.passwords import Passwords, Weakness, weakness
from gateway.accounts.roles import Grant, Role
from gateway.accounts.tries import NEAR, TooManyTries
from gateway.store import schema
from tests.conftest import Clock
from tests.gateway.accounts.conftest import ADDRESS, PASSWORD, Counting, Member, audited, member

# Invitations --------------------------------------------------------------------------------------------------------


def test_who_takes_an_invitation_is_signed_in_with_what_was_granted(accounts: Accounts, amina: Member) -> None:
    signed = accounts.signed(amina.session)
    assert signed is not None
    assert (signed.name, signed.grants) == ("amina", {Grant(Role.FOCAL_POINT, "displaced")})
    assert len(set(amina.recovery)) == codes.RECOVERY_CODES == accounts.recovery_codes_left(signed)


def test_an_invitation_works_once(accounts: Accounts, clock: Clock) -> None:
    with accounts.engine.begin() as connection:
        users.add(connection, "amina", (), "tests", clock())
    amina = Member("amina", accounts, clock)
    token = amina.invited()
    amina.enrol(token)
    with pytest.raises(Gone):
        amina.enrol(token)


def test_an_invitation_ends_after_three_days(accounts: Accounts, amina: Member, clock: Clock) -> None:
    token = amina.invited()
    clock.advance(hours=71, minutes=59)
    assert accounts.invited(token).name == "amina"
    clock.advance(minutes=1)
    with pytest.raises(Gone):
        accounts.invited(token)


def test_a_new_invitation_ends_the_one_before_and_its_taking_ends_what_was(accounts: Accounts, amina: Member) -> None:
    first, second = amina.invited(), amina.invited()
    old = replace(amina)
    amina.sign_in()  # until it is taken all goes on
    with pytest.raises(Gone):
        accounts.invited(first)
    amina.password = "another nine goats"
    amina.enrol(second)
    assert accounts.signed(old.session) is None
    for said in (old.password, amina.password):
        with pytest.raises(Refused):
            old.sign_in(said)
    with pytest.raises(Refused):
        amina.sign_in(code=old.recovery[0])
    assert amina.sign_in()


def test_without_a_code_of_the_offered_authenticator_nobody_enrols(accounts: Accounts, amina: Member) -> None:
    token, offer = amina.invited(), accounts.offer("amina")
    with pytest.raises(Refused):
        accounts.enrol(token, PASSWORD, offer.sealed, pyotp.TOTP(codes.new_secret()).at(accounts.clock()))
    of_another = accounts.offer("somebody")
    with pytest.raises(Refused):
        accounts.enrol(token, PASSWORD, of_another.sealed, pyotp.TOTP(of_another.secret).at(accounts.clock()))
    assert accounts.offer("amina", offer.sealed).secret == offer.secret
    assert accounts.invited(token)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("eleven char", Weakness.SHORT),
        ("x" * 129, Weakness.LONG),
        ("Amina and the boats", Weakness.NAME),
        ("abababababababab", Weakness.PLAIN),
        ("seven small boats", None),
        ("سبعة قوارب صغيرة", None),
    ],
)
def test_what_is_too_weak(accounts: Accounts, password: str, why: Weakness | None) -> None:
    assert weakness(password, "amina") == why


def test_a_weak_password_is_refused_and_uses_nothing_up(accounts: Accounts, amina: Member) -> None:
    token, amina.password = amina.invited(), "short"
    with pytest.raises(Weak):
        amina.enrol(token)
    assert accounts.invited(token)


# Signing in ---------------------------------------------------------------------------------------------------------


def test_name_password_and_code_are_all_needed(accounts: Accounts, amina: Member) -> None:
    for name, password, code in (
        ("nobody", PASSWORD, amina.code()),
        ("amina", "seven small goats", amina.code()),
        ("amina", PASSWORD, "000000"),
        ("amina", PASSWORD, ""),
    ):
        with pytest.raises(Refused):
            accounts.sign_in(name, password, code, ADDRESS)
    assert accounts.signed(accounts.sign_in(" Amina ", PASSWORD, amina.code(), ADDRESS))


def test_an_unknown_name_costs_as_much_as_a_wrong_password(accounts: Accounts, amina: Member) -> None:
    """The comparison is what takes the time: there is one in each case."""
    passwords = accounts.passwords
    assert isinstance(passwords, Counting)
    with accounts.engine.begin() as connection:
        users.add(connection, "invited", (), "tests", accounts.clock())
        users.add(connection, "disabled", (), "tests", accounts.clock())
        users.disable(connection, "disabled", "tests", accounts.clock())
    for name in ("amina", "nobody", "invited", "disabled"):
        before = passwords.compared
        with pytest.raises(Refused):
            accounts.sign_in(name, "seven small goats", "123456", ADDRESS)
        assert passwords.compared == before + 1
    with pytest.raises(VerifyMismatchError):  # hashed and compared, where what is no hash is refused at once
        PasswordHasher().verify(passwords._nobodys, PASSWORD)
    assert extract_parameters(passwords._nobodys) == extract_parameters(passwords.hashed(PASSWORD))


def test_a_code_counts_once(amina: Member) -> None:
    code = amina.code()
    amina.sign_in(code=code)
    with pytest.raises(Refused):
        amina.sign_in(code=code)


def test_a_code_of_the_enrolment_does_not_sign_in(accounts: Accounts, amina: Member) -> None:
    offer = accounts.offer("amina")
    code = pyotp.TOTP(offer.secret).at(accounts.clock())
    accounts.enrol(amina.invited(), PASSWORD, offer.sealed, code)
    with pytest.raises(Refused):
        amina.sign_in(code=code)


def test_one_code_twice_at_the_same_moment_signs_in_once(accounts: Accounts, amina: Member) -> None:
    code = amina.code()

    def attempt(_: int) -> bool:
        try:
            return bool(amina.sign_in(code=code))
        except Refused:
            return False

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1


@pytest.mark.parametrize(("late", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_off(amina: Member, late: int, taken: bool) -> None:
    amina.clock.advance(minutes=5)
    code = pyotp.TOTP(amina.secret).at(amina.clock().timestamp() - late)
    if taken:
        assert amina.sign_in(code=code)
    else:
        with pytest.raises(Refused):
            amina.sign_in(code=code)


@pytest.mark.parametrize(("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """Appendix B, SHA-1, the last six of its eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert codes.step(secret, code, seconds, after=0) == seconds // 30
    assert codes.step(secret, code, seconds, after=seconds // 30) is None


def test_codes_are_taken_as_people_type_them(amina: Member) -> None:
    code = amina.code()
    eastern = code.translate({ord("0") + digit: 0x0660 + digit for digit in range(10)})
    assert amina.sign_in(code=f" {eastern[:3]} {eastern[3:]}")
    assert amina.sign_in(code=amina.recovery[0].replace("-", " "))


def test_a_recovery_code_counts_once(accounts: Accounts, amina: Member) -> None:
    signed = accounts.signed(amina.sign_in(code=amina.recovery[3]))
    assert signed is not None
    assert accounts.recovery_codes_left(signed) == codes.RECOVERY_CODES - 1
    with pytest.raises(Refused):
        amina.sign_in(code=amina.recovery[3])


def test_somebody_elses_recovery_code_is_none(accounts: Accounts, amina: Member, clock: Clock) -> None:
    other = member(accounts, clock, "baraka")
    with pytest.raises(Refused):
        amina.sign_in(code=other.recovery[0])


def test_a_disabled_user_is_out_at_once_and_may_come_back(accounts: Accounts, amina: Member, clock: Clock) -> None:
    with accounts.engine.begin() as connection:
        users.disable(connection, "amina", "tests", clock())
    assert accounts.signed(amina.session) is None
    with pytest.raises(Refused):
        amina.sign_in()
    with accounts.engine.begin() as connection:
        users.enable(connection, "amina", "tests", clock())
    assert amina.sign_in()


def test_a_password_is_hashed_anew_when_the_parameters_have_changed(accounts: Accounts, amina: Member) -> None:
    stronger = replace(accounts, passwords=Passwords(rounds=2, memory=16))

    def hashed() -> str:
        with accounts.engine.connect() as connection:
            return str(connection.scalar(sa.select(schema.users.c.password)))

    before = hashed()
    assert "m=8,t=1,p=1" in before
    stronger.sign_in("amina", PASSWORD, amina.code(), ADDRESS)
    assert "m=16,t=2,p=1" in hashed()
    stronger.sign_in("amina", PASSWORD, amina.code(), ADDRESS)
    assert hashed().startswith("$argon2id$")


# Guessing -----------------------------------------------------------------------------------------------------------


def guess(accounts: Accounts, name: str, address: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(Refused):
            accounts.sign_in(name, "seven small goats", "123456", address)


@pytest.mark.parametrize("name", ["amina", "nobody"])
def test_the_sixth_guess_from_one_address_is_not_looked_at(accounts: Accounts, amina: Member, name: str) -> None:
    passwords = accounts.passwords
    assert isinstance(passwords, Counting)
    guess(accounts, name, ADDRESS, 5)
    before = passwords.compared
    for _ in range(3):
        with pytest.raises(TooManyTries):
            accounts.sign_in(name, PASSWORD, amina.code(), ADDRESS)
    assert passwords.compared == before
    amina.clock.advance(minutes=15)
    if name == "amina":
        assert amina.sign_in()


def test_who_guesses_elsewhere_does_not_lock_the_owner_out(accounts: Accounts, amina: Member) -> None:
    guess(accounts, "amina", "198.51.100.1", 5)
    assert amina.sign_in()


def test_many_names_from_one_address(accounts: Accounts, amina: Member) -> None:
    for number in range(30):
        guess(accounts, f"name{number}", "2001:db8:1:2::1", 1)
    with pytest.raises(TooManyTries):
        accounts.sign_in("name30", "x", "1", "2001:db8:1:2:3::4")  # the same customer of a provider
    assert amina.sign_in(address="2001:db8:1:3::1")


def test_one_name_from_many_addresses(accounts: Accounts, amina: Member) -> None:
    for number in range(50):
        guess(accounts, "amina", f"198.51.100.{number}", 1)
    with pytest.raises(TooManyTries):
        amina.sign_in()


def test_guesses_at_the_same_moment_are_counted_all(accounts: Accounts, amina: Member) -> None:
    def attempt(_: int) -> str:
        try:
            return accounts.sign_in("amina", "seven small goats", "123456", ADDRESS)
        except (Refused, TooManyTries) as error:
            return type(error).__name__

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(16)))
    assert set(outcomes) <= {"Refused", "TooManyTries"}
    assert outcomes.count("Refused") <= 5


def test_success_forgives_ones_own_failures(accounts: Accounts, amina: Member) -> None:
    for _ in range(3):
        guess(accounts, "amina", ADDRESS, 4)
        assert amina.sign_in()


def test_codes_can_not_be_guessed_by_who_knows_the_password(accounts: Accounts, amina: Member) -> None:
    """After ten wrong codes in a day no code is right, and nothing else is said."""
    for number in range(NEAR):
        with pytest.raises(Refused):
            amina.sign_in(code="000000", address=f"198.51.100.{number}")
    with pytest.raises(Refused):
        amina.sign_in()
    amina.clock.advance(hours=24)
    assert amina.sign_in()


def test_a_try_that_is_refused_unseen_lengthens_nothing(accounts: Accounts, amina: Member) -> None:
    guess(accounts, "amina", ADDRESS, 5)
    amina.clock.advance(minutes=14)
    with pytest.raises(TooManyTries):
        accounts.sign_in("amina", "x", "1", ADDRESS)
    amina.clock.advance(minutes=1)
    assert amina.sign_in()


def test_where_it_came_from_is_grouped_as_providers_give_it_out() -> None:
    assert tries.place("192.0.2.7") == "192.0.2.7"
    assert tries.place("2001:db8::1") == "2001:db8::/64"
    assert tries.place("unix:") == ""


# What is written down -----------------------------------------------------------------------------------------------


def test_what_happens_is_in_the_audit_log_and_a_name_that_nobody_has_is_not(accounts: Accounts, amina: Member) -> None:
    with pytest.raises(Refused):
        amina.sign_in(password="seven small goats")
    with pytest.raises(Refused):
        accounts.sign_in(PASSWORD, "typed in the wrong field", "1", ADDRESS)
    signed = accounts.signed(amina.sign_in())
    assert signed is not None
    accounts.sign_out(signed)
    assert audited(accounts) == [
        ("tests", "add user"),
        ("tests", "grant"),
        ("tests", "invite user"),
        ("amina", "take invitation"),
        ("amina", "sign-in refused"),
        ("unknown", "sign-in refused"),
        ("amina", "sign in"),
        ("amina", "sign out"),
    ]


def test_nothing_that_opens_an_account_lies_readable(accounts: Accounts, amina: Member) -> None:
    token = amina.invited()
    session = amina.sign_in()
    with pytest.raises(Refused):
        accounts.sign_in("wrong horse", PASSWORD, "1", ADDRESS)
    with accounts.engine.connect() as connection:
        written = [
            str(bytes(value) if isinstance(value, (bytes, memoryview)) else value)
            for table in schema.metadata.sorted_tables
            for row in connection.execute(sa.select(table))
            for value in row
        ]
    assert len(written) > 60
    secrets = (token, session, amina.session, amina.secret, PASSWORD, ADDRESS, "wrong horse", *amina.recovery)
    assert [each for each in written for secret in secrets if secret in each] == []
