"""The page that a package carries: what to do with it on the other machine, and what to bring back."""

from gambol.training.job import TrainingJob

PAGE = """# {name}

This package holds everything that a training with gambol needs: {labels}with the images of the labelled frames, and
the job. It was made of `{project}`; no video is needed.

## Train

Install gambol {version} (its page on installing says how), then run

    gambol train {name}

The package is unpacked beside itself into the folder `{folder}/`, and the run goes into `{folder}/models/`. The same
command goes on with a training that was interrupted. `--device cuda`, `--minutes 30` or `--out RUN` may be added;
`gambol train --help` lists the rest.

## Bring it home

Bring back the run, the folder in `{folder}/models/`. It is the model: at home

    gambol predict VIDEO -m RUN

{predict}
"""
PREDICT = """Or predict here, on the images of the package{suggested}:

    gambol predict {folder}/labels.pkg.slp -m {folder}/models/RUN{on} -o {folder}/predictions.slp

bring `predictions.slp` back, and at home put the predictions into the project:

    gambol merge {project} predictions.slp"""


def readme(name: str, job: TrainingJob, suggested: bool) -> str:
    """The text for a package called `name`; suggested: whether it holds images of suggested frames."""
    from importlib.metadata import version

    folder, project = name[: -len(".zip")], job.labels.name
    predict = PREDICT.format(
        folder=folder, project=project, on=" --on suggested" if suggested else "",
        suggested=", which has those of the suggested frames as well" if suggested else "")
    labels = "the labels " if job.validation is None else "the labels and those to validate on, "
    return PAGE.format(name=name, labels=labels, project=project, version=version("gambol"), folder=folder,
                       predict=predict)
