"""The docs are held to the code: what can be set, run or opened has its place in them."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path

import click
import pytest
from prometheus_client import REGISTRY
from pydantic import BaseModel

from channels import registry
from channels.adapter import Medium
from gateway import settings
from gateway.assembly import assemble
from gateway.cli import COMMANDS, baraza
from gateway.settings import ChannelEntry, SettingsFile
from gateway.store import migrate
from gateway.store.database import connect
from gateway.web.app import create_app

ROOT = Path(__file__).resolve().parent.parent
OPERATOR = ROOT / "docs" / "operator"
# The numbers that Twilio publishes for trying things out; they belong to nobody.
NOBODYS = ("15005550006", "14155238886")


def headings(*pages: Path) -> set[str]:
    found = {
        line.lstrip("#").strip().strip("`")
        for page in pages
        for line in page.read_text().splitlines()
        if line.startswith("#")
    }
    assert found, f"no heading in {pages}"
    return found


def documents() -> list[Path]:
    found = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]
    assert len(found) > 15
    return found


def fields(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from fields(field.annotation, f"{prefix}{name}.")
        else:
            yield prefix + name


def commands(group: click.Group, prefix: str) -> Iterator[str]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None, f"{prefix} lists {name}, which is not there"
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


def test_settings_have_headings() -> None:
    known = list(fields(SettingsFile))
    assert len(known) > 10
    assert set(known) <= headings(OPERATOR / "settings.md")


def test_what_a_channel_takes_has_headings() -> None:
    known = list(fields(ChannelEntry))
    assert len(known) > 5
    assert set(known) <= headings(OPERATOR / "channels.md")


def test_variables_of_the_environment_have_headings() -> None:
    source = Path(settings.__file__).read_text()
    known = set(re.findall(r'environ(?:\.get\(|, )"([A-Z_]+)"', source))
    assert known >= {"BARAZA_CONFIG", "DATABASE_URL", "REDIS_URL", "PUBLIC_BASE_URL", "BARAZA_KEYS"}
    assert known <= headings(OPERATOR / "settings.md")


def test_commands_have_headings_and_no_heading_is_left_of_a_command_that_is_gone() -> None:
    known = set(commands(baraza, "baraza"))
    assert len(known) > 8
    assert {name for name in headings(OPERATOR / "running.md") if name.startswith("baraza ")} == known


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_described_alike_in_both_places(name: str) -> None:
    command = getattr(import_module(f"gateway.cli.{name}"), name)
    assert (command.help or "").splitlines()[0].split(". ")[0].rstrip(".").startswith(COMMANDS[name].rstrip(".")[:12])


def test_adapters_have_pages_that_name_their_secrets() -> None:
    known = registry.names()
    assert len(known) >= 5
    for name in known:
        page = (ROOT / "docs" / "channels" / f"{name}.md").read_text()
        for secret in registry.capabilities(name).secrets:
            assert secret in page.lower(), f"docs/channels/{name}.md does not name the secret {secret}"
        assert f"`{name}`" in (OPERATOR / "channels.md").read_text()
    assert all(f"`{medium}`" in (OPERATOR / "channels.md").read_text() for medium in Medium)


def test_pages_are_named(tmp_path: Path, wrapping_key: str) -> None:
    """Every page of the demonstration, which has all that there are."""
    (tmp_path / "surveys").mkdir()
    (tmp_path / "settings.yaml").write_text("languages: [en]\ncountry: KE\ndemo: true\n")
    (tmp_path / "channels.yaml").write_text("channels: {phone-sms: {adapter: phone, medium: sms}}\n")
    environ = {
        "BARAZA_CONFIG": str(tmp_path),
        "BARAZA_KEYS": wrapping_key,
        "BARAZA_KEY_FILE": str(tmp_path / "keys.json"),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'baraza.db'}",
        "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
        "BARAZA_PHONE_SMS_HOOK_TOKEN": "token",
    }
    engine = connect(environ["DATABASE_URL"])
    migrate.upgrade(engine)
    engine.dispose()
    assembly = assemble(settings.load(environ), wake=lambda _: None)
    try:
        rules = [rule.rule for rule in create_app(assembly).url_map.iter_rules()]
    finally:
        assembly.close()
    # The hooks are answered in front of the framework, and so are no rule of it.
    first = {"/hooks", *("/" + rule.split("/")[1] for rule in rules)}
    assert first >= {"/s", "/healthz", "/readyz", "/phone", "/metrics"}
    text = (OPERATOR / "running.md").read_text()
    assert [page for page in sorted(first) if f"`{page}" not in text] == []


def test_metrics_have_a_line() -> None:
    import_module("gateway.delivery.metrics")
    known = {metric.name for metric in REGISTRY.collect() if metric.name.startswith("baraza_")}
    assert known
    text = (OPERATOR / "running.md").read_text()
    assert [name for name in sorted(known) if f"`{name}`" not in text] == []


def test_every_promise_names_tests_that_are_there() -> None:
    text = (ROOT / "docs" / "promises.md").read_text()
    promises = [line for line in text.splitlines() if re.match(r"\d+\. ", line)]
    named = re.findall(r"`(tests/[\w/]+\.py)::([\w:]+)`", text)
    assert len(promises) > 5
    assert len(named) >= len(promises)
    for file, name in named:
        assert name.rsplit("::", 1)[-1] in _tests_in(ROOT / file), f"{file} has no {name}"
    # Each promise, up to the next one, names at least one.
    for part in re.split(r"^\d+\. ", text, flags=re.MULTILINE)[1:]:
        assert "::test_" in part, f"no test keeps: {part[:80]}"


def _tests_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_dependency_has_a_reason_and_every_reason_a_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    assert len(needed) > 20
    rows = re.findall(
        r"^\| ([\w.\[\]-]+) \| .{10,} \|$", (ROOT / "docs/decisions/0003-dependencies.md").read_text(), re.MULTILINE
    )
    assert sorted(rows, key=str.lower) == sorted(needed, key=str.lower)


def test_links_lead_somewhere() -> None:
    links = [(page, link) for page in documents() for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())]
    assert len(links) > 20
    broken = [f"{page.name}: {link}" for page, link in links if "://" not in link and not (page.parent / link).exists()]
    assert broken == []


def test_no_number_that_could_be_somebodys() -> None:
    numbers = [
        (page.name, number)
        for page in documents()
        for number in re.findall(r"(?<![\w.-])\+?(\d{9,15})(?![\w-])", page.read_text())
    ]
    assert [found for found in numbers if found[1] not in NOBODYS] == []


def test_no_package_index_is_named() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / line for line in listed.splitlines()]
    assert len(files) > 100
    hosts = [name + "." + end for name, end in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))]
    naming = [
        str(file.relative_to(ROOT))
        for file in files
        if file.is_file() and any(host.encode() in file.read_bytes() for host in hosts)
    ]
    assert naming == []
