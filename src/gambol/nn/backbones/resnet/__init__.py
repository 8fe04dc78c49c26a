"""Residual networks (He 2016, arXiv:1512.03385) with an up-sampling decoder, as SLEAP's."""
