"""Devices and how they agree: keys, membership, pairing, discovery, protocol, peer, hub."""
