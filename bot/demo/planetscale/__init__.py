"""A small PlanetScale: the workflow API over HTTP, with a world behind it that lives in simulated time.

A stand-in to try and test the bot. It knows nothing of the bot's own client and models on purpose: both were
written from the public API reference, so that each checks the other.
"""
