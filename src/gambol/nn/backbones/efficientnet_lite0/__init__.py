"""EfficientNet-Lite0 (Tan 2019, arXiv:1905.11946, without squeeze and excitation), perhaps pretrained."""
