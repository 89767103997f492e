"""Why an attempt did not leave."""

from openai import OpenAIError

from python_udfs.model_calls.errors import CallError


class NotSent(OpenAIError):
    """An attempt that did not leave. The openai package passes its own errors on at once, where it would retry others.

    `attempts` counts those of the same call that did leave.
    """

    def __init__(self, error: CallError) -> None:
        super().__init__(str(error))
        self.error = error
        self.attempts = 0
