"""The decoder that several backbones share: up-sampling with SLEAP's parameters. Not a backbone by itself."""
