"""How many tokens a request takes, before a model has counted them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# A tokenizer that works on bytes makes at most one token of a byte; English text has about four bytes a token.
BYTES_PER_TOKEN = 4
# What a chat format adds to the texts.
FORMAT_TOKENS = 100
# Before the JSON schema in the prompt, where an endpoint takes it nowhere else.
SCHEMA_WORDS = "Answer with one JSON object, and nothing else, that fits this JSON schema:"
# A picture of 1024 pixels a side: the most that a model known to us counts (2,833, and 5,667 for each of four tiles),
# and what many count (85, and 170 a tile).
MOST_PICTURE_TOKENS = 26_000
# Of any size, behind a link: endpoints scale it to eight tiles at most.
MOST_LINKED_PICTURE_TOKENS = 48_200
PICTURE_TOKENS = 765
# A usual answer.
ANSWER_TOKENS = 200


@dataclass(frozen=True)
class Size:
    """Bytes of text and number of pictures of a request, those in it and those that it links to."""

    text: int
    pictures: int
    links: int = 0

    @property
    def most(self) -> int:
        """Tokens that the request cannot exceed."""
        pictures = self.pictures * MOST_PICTURE_TOKENS + self.links * MOST_LINKED_PICTURE_TOKENS
        return self.text + len(SCHEMA_WORDS) + FORMAT_TOKENS + pictures

    @property
    def likely(self) -> int:
        """Tokens as a rule of thumb."""
        return self.text // BYTES_PER_TOKEN + FORMAT_TOKENS + (self.pictures + self.links) * PICTURE_TOKENS


def size_of(messages: Sequence[Mapping[str, Any]], response_format: Mapping[str, Any]) -> Size:
    """The size of a request of chat completions."""
    parts = [part for message in messages for part in _parts(message["content"])]
    texts = [json.dumps(response_format), *(part["text"] for part in parts if part["type"] == "text")]
    text = sum(len(each.encode("utf-8", "surrogatepass")) for each in texts)
    pictures = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    links = sum(url.startswith(("http://", "https://")) for url in pictures)
    return Size(text, len(pictures) - links, links)


def _parts(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
