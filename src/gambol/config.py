"""The base of every configuration: frozen, and strict about what it is given."""

from pydantic import BaseModel, ConfigDict


class Config(BaseModel):
    """A group of settings that cannot change once read, and that refuses keys it does not know.

    Each component keeps its settings beside itself as a subclass; every field carries a description
    (with its unit), from which the YAML file, the command line and the app take their texts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
