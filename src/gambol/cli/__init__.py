"""The command line: one file per verb; each reads its options, calls one function and says what was made.

To add a verb: 1. a file here with a function whose arguments are its options (heavy imports inside it);
2. its line in `VERBS` below; 3. its options in the frozen list of the architecture tests.
"""

import sys

import typer
from rich.console import Console

from gambol.cli.demo import demo
from gambol.cli.evaluate import evaluate
from gambol.cli.inspect import inspect
from gambol.cli.predict import predict
from gambol.cli.render import render
from gambol.cli.train import train
from gambol.errors import GambolError

VERBS = (demo, train, predict, evaluate, render, inspect)

app = typer.Typer(
    name="gambol", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Find the body parts of any number of animals in video. Begin with `gambol demo`: it needs no data.",
    epilog="Any command takes --debug, which shows where in the program an error came from.",
)
for verb in VERBS:
    app.command()(verb)


def main() -> None:
    """Run the command line. Exit codes: 0 done, 2 refused with a message, 130 stopped by Ctrl-C (as typer has it)."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    try:
        app(arguments)
    except GambolError as error:
        if debug:
            raise
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
