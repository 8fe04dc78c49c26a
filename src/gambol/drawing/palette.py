"""Colours that can be told apart, also by eyes that see fewer of them."""

import colorsys

import numpy as np
from jaxtyping import UInt8

PALETTES: dict[str, tuple[str, ...]] = {
    "bright": ("#ffb000", "#35b6ff", "#ff5fa2", "#4be08a", "#b48cff", "#ff7a45", "#f4ee5a", "#5ef0e6"),
    "standard": ("#0072bd", "#d95319", "#edb120", "#7e2f8e", "#77ac30", "#4dbeee", "#a2142f"),
    "colour-blind": ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"),
}
"""bright: made for grey video · standard: SLEAP's default · colour-blind: Okabe and Ito, jfly.uni-koeln.de/color."""


def colours(palette: str, count: int) -> UInt8[np.ndarray, "count 3"]:
    """`count` RGB colours of a palette, from its beginning again when it ends; "rainbow" has as many as wanted.

    Raises KeyError for a palette that is not in `PALETTES`.
    """
    if palette == "rainbow":
        shades = [colorsys.hsv_to_rgb(0.85 * place / max(count, 1), 0.75, 1.0) for place in range(count)]
        return np.round(255 * np.array(shades).reshape(-1, 3)).astype(np.uint8)
    listed = np.array([list(bytes.fromhex(code[1:])) for code in PALETTES[palette]], np.uint8)
    return listed[np.arange(count) % len(listed)]
