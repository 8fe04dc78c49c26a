"""Engines: each runs one network, inputs (batch, h, w, channel) uint8 to maps by head."""
