"""Calls to a language model: settings, endpoint, cache of answers, prompts and the shapes of answers."""
