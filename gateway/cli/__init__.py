"""The command line. `baraza --help` imports click and nothing else: a command's module is loaded when it is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "demo": "Run a gateway with sample polls and simulated people on this machine.",
    "serve": "Answer the providers' hooks and the pages.",
    "worker": "Send what waits in the outbox.",
    "outbox": "List what did not arrive, and send it again.",
    "doctor": "Say what is ready to run, and what is not.",
    "db": "Bring the database to this version's schema.",
    "survey": "Check, preview, rehearse and list polls.",
    "broadcast": "Send to many: invite to polls, tell results, write messages.",
    "campaign": "Check campaigns, put them out and take them back.",
    "representatives": "Take in who represents whom.",
    "people": "Import, export and forget those who may be written to.",
    "digest": "Print what a poll has found.",
    "agenda": "Draft an agenda from what a poll has found.",
    "outcomes": "Say what came of a poll.",
    "orders": "Say who gets a poll's digests, where, and how often.",
    "export": "Write a poll's results for other organisations.",
    "coding": "Code open answers, and measure how well that goes.",
    "tally": "Count answers with and without weights, say who is missing, and what changed between waves.",
    "ground": "Find what crosses opinion groups, and what sets them apart.",
    "actors": "Bring in, measure and take out the map of actors.",
    "incentives": "Say what people were given for finishing polls, and settle what is in doubt.",
    "users": "Invite, list and disable those who may sign in; give and take their roles.",
    "spaces": "Make closed spaces, invite into them, and close them.",
    "keys": "Make and rotate the keys that seal what people send.",
    "wipe": "Destroy the keys, so that nobody can open what people sent.",
}
"""Every command, by name: gateway/cli/<name>.py holds it, under the same name."""


class Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"gateway.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[Any, Any, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"There is no command {args[0]!r}. `baraza --help` lists them.")
        return super().resolve_command(ctx, args)


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="baraza", message="baraza %(version)s")
def baraza() -> None:
    """Polls by SMS, USSD, Telegram and web, for peace mediation."""


def main() -> None:
    """Run the command line: errors are one line on stderr and exit status 1, or 2 for wrong usage."""
    try:
        status = baraza.main(standalone_mode=False)
    except click.UsageError as error:
        error.show()
        status = 2
    except click.ClickException as error:
        error.show()
        status = 1
    except (click.Abort, KeyboardInterrupt):
        status = 130
    except BrokenPipeError:  # whoever read us has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141
    except Exception as error:  # noqa: BLE001 - the last place where a traceback can be turned into a sentence
        errors = import_module("gateway.cli.errors")
        click.echo(f"Error: {errors.sentence(error)}", err=True)
        status = 1
    sys.exit(status)
