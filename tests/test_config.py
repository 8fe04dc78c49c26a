"""Settings that are refused, in the words of whoever wrote them."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError

from gambol.config import Config, refusal


class Bowl(Config):
    """What a pot may be, too."""

    kind: Literal["bowl"] = "bowl"
    width: int = Field(3, ge=1)


class Vase(Config):
    """A pot that stands tall."""

    kind: Literal["vase"] = "vase"
    height: int = Field(9, ge=1)
    glaze: Bowl | None = None


class Kiln(Config):
    """The settings of a firing."""

    pot: Annotated[Bowl | Vase, Field(discriminator="kind")] = Bowl()
    shelf: Bowl = Bowl()
    degrees: float


class TestRefusal:
    @pytest.mark.parametrize(("content", "path", "wrong"), [
        ({"pot": {"kind": "vase", "height": 0}}, "pot.height", "input should be greater than or equal to 1"),
        ({"pot": {"kind": "vase", "hight": 4}}, "pot.hight", "it does not exist; the nearest is 'height'"),
        ({"pot": {"kind": "vase", "glaze": {"widht": 4}}}, "pot.glaze.widht",
         "it does not exist; the nearest is 'width'"),
        ({"pot": {"kind": "bowl", "lid": 1}}, "pot.lid", "it does not exist; there are kind, width"),
        ({"pot": {"kind": "bowle"}}, "pot.kind", "input should be one of 'bowl', 'vase'"),
        ({"pot": "bowl"}, "pot", "it is a group of settings, not one; its kind is one of 'bowl', 'vase'"),
        ({"shelf": 3}, "shelf", "it is a group of settings, not one; there are kind, width"),
        ({"degrees": "hot"}, "degrees", "input should be a valid number, unable to parse string as a number")])
    def test_it_names_the_path_as_it_was_written_and_what_is_wrong(
        self, content: dict[str, Any], path: str, wrong: str
    ):
        with pytest.raises(ValidationError) as error:
            Kiln.model_validate({"degrees": 900} | content)
        assert refusal(Kiln, error.value) == (path, wrong)

    def test_of_a_key_misspelt_and_the_same_one_missing_it_names_the_first(self):
        with pytest.raises(ValidationError) as error:
            Kiln.model_validate({"degree": 900})
        assert refusal(Kiln, error.value) == ("degree", "it does not exist; the nearest is 'degrees'")
        with pytest.raises(ValidationError) as error:
            Kiln.model_validate({})
        assert refusal(Kiln, error.value)[0] == "degrees"


class TestConfig:
    def test_it_cannot_change(self):
        with pytest.raises(ValidationError):
            Bowl().width = 5
