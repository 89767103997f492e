"""Why a call gave no answer: a kind that can be counted, and a short message without secrets."""

import re

MESSAGE_CHARACTERS = 300
# A server that repeats a key often shows its beginning only.
PREFIX_CHARACTERS = 8
# Keys that a server echoes are not always ours: a proxy may name its own.
_SECRETS = re.compile(r"\bsk-[\w*.\-]+|(?i:bearer\s+)[\w.~+/=\-]+|(?<=//)[^/\s@]+@")


class CallError(Exception):
    """A call without a usable answer; the text is `kind: message` on one line, for the row's `error`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class MalformedAnswer(CallError):
    """An answer that arrived and cannot be used; asking once more can help."""


def redact(text: str, *secrets: str) -> str:
    """The text on one bounded line, without the secrets, their beginnings, and anything that looks like a key."""
    # What is shown comes from these characters; a secret that is cut here still has its beginning.
    text = text[: 20 * MESSAGE_CHARACTERS]
    for secret in secrets:
        for length in range(len(secret), min(len(secret), PREFIX_CHARACTERS) - 1, -1):
            if secret:
                text = text.replace(secret[:length], "***")
    return " ".join(_SECRETS.sub("***", text).split())[:MESSAGE_CHARACTERS]
