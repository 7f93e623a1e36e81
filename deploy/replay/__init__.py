"""The replay: the whole loop told on loopback, by the real service, at virtual dates."""
