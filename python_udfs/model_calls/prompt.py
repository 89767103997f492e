"""Prompts as versioned files: `prompts/<name>.v<number>.md`, the highest number is the one in use."""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template


@dataclass(frozen=True)
class Prompt:
    """One prompt file. `version` names the file and its content, so an edit without a new number counts as new too."""

    name: str
    version: str
    text: str

    def fill(self, **values: str) -> str:
        """The text with `$name` replaced. Raises KeyError for a name without a value."""
        return Template(self.text).substitute(values)


@cache
def load_prompt(name: str) -> Prompt:
    """The newest version of a prompt. Raises FileNotFoundError when there is none."""
    versions = {}
    for file in files(__package__).joinpath("prompts").iterdir():
        match = re.fullmatch(rf"{re.escape(name)}\.v(\d+)\.md", file.name)
        if match:
            versions[int(match[1])] = file
    if not versions:
        raise FileNotFoundError(f"there is no prompt {name!r}")
    number = max(versions)
    text = versions[number].read_text(encoding="utf-8")
    return Prompt(name, f"v{number}-{hashlib.sha256(text.encode()).hexdigest()[:8]}", text)
