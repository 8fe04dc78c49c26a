"""How far a network sees: the stretch of its input that bears on one cell of its finest map."""

from gambol.nn.backbones import UNetConfig

Span = tuple[int, int]  # first and last cell, both ends included


def receptive_field(backbone: UNetConfig) -> int:
    """The receptive field's side in input pixels, of the cell that sees farthest; decoder and stem included.

    One axis is enough: convolutions, pooling and enlarging treat both alike. A span of cells is followed from the
    output back to the image, as in Araujo 2019 (Computing receptive fields, Distill), with ends instead of lengths.
    """
    cells = range(backbone.max_stride // backbone.output_stride)
    return max(last - first + 1 for first, last in (_seen(backbone, cell) for cell in cells))


def _seen(backbone: UNetConfig, cell: int) -> Span:
    """The pixels that bear on a cell of the finest map."""
    span, reach = (cell, cell), backbone.convs_per_block
    stride: int = backbone.output_stride
    while stride < backbone.max_stride:  # through the decoder down to the deepest level
        span = _enlarged(_wider(span, reach), backbone.up_interpolate)
        stride *= 2
    if backbone.middle_block:
        span = _wider(span, reach)
    while stride > backbone.stem_stride:  # through the encoder up to the stem
        stride //= 2
        span = _wider(_pooled(span, 2), reach)
    if backbone.stem == "patch":
        return _pooled(span, stride)
    while stride > 1:
        stride //= 2
        span = _wider(_pooled(span, 2), 3 * reach)  # convolutions of 7 x 7
    return span


def _wider(span: Span, by: int) -> Span:
    return span[0] - by, span[1] + by


def _pooled(span: Span, factor: int) -> Span:
    return factor * span[0], factor * span[1] + factor - 1


def _enlarged(span: Span, interpolated: bool) -> Span:
    """The coarse cells from which fine ones were made: two neighbours each, or a learned 3 x 3 of stride 2."""
    if interpolated:
        return (span[0] - 1) // 2, (span[1] + 1) // 2
    return (span[0] - 1) // 2, span[1] // 2
