"""`gambol doctor`: whether this machine has what gambol needs, and how fast it is."""

from typing import Annotated

from typer import Exit, Option

MARKS = {"ok": ("ok", "green"), "warning": ("!", "yellow"), "refusal": ("no", "red")}


def doctor(
    json: Annotated[bool, Option("--json", help="Print all of it as JSON, for programs and bug reports.")] = False,
) -> None:
    """Look whether devices, codecs, engines and folders work here, and say what to do where they do not."""
    from rich.console import Console
    from rich.table import Table

    from gambol.inference.checkup import checkup

    findings = []
    console = Console(stderr=json)
    with console.status("looking"):
        for finding in checkup():
            findings.append(finding)
    if json:
        from json import dumps

        print(dumps([finding.as_json() for finding in findings], indent=1))
    else:
        table = Table(box=None, show_header=False, padding=(0, 1))
        table.add_column(justify="right")
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for finding in findings:
            mark, colour = MARKS[finding.level]
            told = f"{finding.text}\n-> {finding.remedy}" if finding.remedy else finding.text
            table.add_row(f"[{colour}]{mark}[/{colour}]", finding.name, told.replace("[", "\\["))
        console.print(table)
        broken = sum(finding.level == "refusal" for finding in findings)
        things = "thing has" if broken == 1 else "things have"
        console.print(f"\n{broken} {things} to be mended." if broken else "\nAll that gambol needs is here.")
        console.print("For a bug report: gambol doctor --json")
    if any(finding.level == "refusal" for finding in findings):
        raise Exit(2)
