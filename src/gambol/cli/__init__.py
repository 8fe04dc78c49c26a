"""The command line: one file per verb; each reads its options, calls one function and says what was made.

To add a verb: 1. a file here with a function whose arguments are its options (heavy imports inside it);
2. its line in `VERBS` below; 3. its options in the frozen list of the architecture tests.
"""

import sys
from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any

import typer
from rich.console import Console

from gambol.cli.demo import demo
from gambol.cli.doctor import doctor
from gambol.cli.evaluate import evaluate
from gambol.cli.inspect import inspect
from gambol.cli.merge import merge
from gambol.cli.package import package
from gambol.cli.predict import predict
from gambol.cli.render import render
from gambol.cli.train import train
from gambol.errors import GambolError

VERBS = (demo, train, predict, evaluate, merge, package, render, inspect, doctor)
Debug = Annotated[bool, typer.Option("--debug", help="Show where in the program an error came from.")]


def with_debug(verb: Callable[..., None]) -> Callable[..., None]:
    """The same command, taking --debug too, so that the word may stand before it or behind it."""

    @wraps(verb)
    def command(*words: Any, debug: bool, **options: Any) -> None:
        verb(*words, **options)

    own = signature(verb)
    last = Parameter("debug", Parameter.KEYWORD_ONLY, default=False, annotation=Debug)
    command.__dict__["__signature__"] = own.replace(parameters=[*own.parameters.values(), last])  # typer asks for it
    command.__annotations__ = verb.__annotations__ | {"debug": Debug}
    return command


app = typer.Typer(
    name="gambol", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Find the body parts of any number of animals in video. Begin with `gambol demo`: it needs no data.",
)
for verb in VERBS:
    app.command()(with_debug(verb))


@app.callback()
def gambol(debug: Debug = False) -> None:
    """Take the options that stand before the command."""


def main() -> None:
    """Run the command line. Exit codes: 0 done, 2 refused with a message, 130 stopped by Ctrl-C (as typer has it)."""
    try:
        app()
    except GambolError as error:
        if "--debug" in sys.argv:
            raise
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
