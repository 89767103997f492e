"""A run's settings: `config.toml`, another file over it, and single changes from the command line over both."""

import tomllib
from pathlib import Path
from typing import Any

Settings = dict[str, Any]

DEFAULTS = Path(__file__).with_name("config.toml")


class SettingsError(Exception):
    """A setting that does not exist or has the wrong kind of value; the text names it, on one line."""


def load_settings(path: Path | None, changes: list[str]) -> Settings:
    """The defaults with the file's values over them, then `section.key=value` changes. Raises SettingsError."""
    settings = tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))
    if path is not None:
        try:
            _merge(settings, tomllib.loads(path.read_text(encoding="utf-8")), "")
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"settings file {path} cannot be read: {error}") from error
    for change in changes:
        _merge(settings, _parse(change), "")
    return settings


def _parse(change: str) -> Settings:
    name, equals, value = change.partition("=")
    try:
        return tomllib.loads(f"{name}={value}")
    except tomllib.TOMLDecodeError:
        if not equals:
            raise SettingsError(f"'{change}' is not section.key=value") from None
        return tomllib.loads(f"{name}={_quoted(value)}")


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _merge(settings: Settings, over: Settings, section: str) -> None:
    for key, value in over.items():
        name = f"{section}{key}"
        # An open_clip model has dozens of optional keys: the two towers take any of them, open_clip checks them.
        if key not in settings and not name.startswith(("model.", "preprocess.")):
            raise SettingsError(f"unknown setting '{name}': possible are {', '.join(sorted(settings))}")
        if isinstance(value, dict) and isinstance(settings.get(key), dict):
            _merge(settings[key], value, f"{name}.")
        elif isinstance(settings.get(key), dict):
            raise SettingsError(f"'{name}' is a section, not a value")
        elif key in settings and not name.startswith(("model.", "preprocess.")) and not _fits(value, settings[key]):
            raise SettingsError(f"'{name}' is {value!r}: it takes {_KINDS[type(settings[key])]}")
        else:
            settings[key] = value


_KINDS: dict[type, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def _fits(value: Any, default: Any) -> bool:
    return type(value) is type(default) or (type(default) is float and type(value) is int)
