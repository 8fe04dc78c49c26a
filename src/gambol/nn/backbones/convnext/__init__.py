"""ConvNeXt (Liu 2022, arXiv:2201.03545) with an up-sampling decoder."""
