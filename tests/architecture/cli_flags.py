"""The commands of gambol with their arguments and flags, one per line; `cli_flags.txt` holds what was agreed.

Names on the command line are a promise to scripts. After a change that is meant, renew the list and review it:

    .venv/bin/python tests/architecture/cli_flags.py > tests/architecture/cli_flags.txt
"""

from collections.abc import Iterator

import typer


def flags(command, path: str = "gambol") -> Iterator[str]:
    """`gambol train --epochs` and so on, for a command and those below it."""
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            yield f"{path} {parameter.name.upper()}"
        else:
            yield from (f"{path} {name}" for name in (*parameter.opts, *parameter.secondary_opts))
    for name, below in sorted(getattr(command, "commands", {}).items()):
        yield f"{path} {name}"
        yield from flags(below, f"{path} {name}")


def current() -> list[str]:
    """The lines for gambol as it is now."""
    from gambol.cli import app

    return sorted(set(flags(typer.main.get_command(app))))


if __name__ == "__main__":
    print("\n".join(current()))
