"""A U-Net (Ronneberger 2015, arXiv:1505.04597) with SLEAP's parameters."""
