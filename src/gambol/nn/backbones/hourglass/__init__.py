"""Stacked hourglasses (Newell 2016, arXiv:1603.06937) with SLEAP's parameters."""
