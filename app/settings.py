"""Settings: defaults < system file < user file < COMMONHOLD_* < command line, each with its origin.

It owns what settings there are, what they may hold, and how a file of them is read and changed.
A setting exists only if something reads it.

1. An unknown or bad value is an error that names the file and the line, never a silent default.
2. Changing one setting keeps every other line of the person's file, comments included.
"""

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from app.errors import HomeNotWrittenError, SettingError, did_you_mean, quoted

# Variables of the same prefix that are no settings: where, which and with what secret.
NOT_SETTINGS: Final = frozenset(
    {"HOME", "WORKSPACE", "PASSPHRASE", "PASSPHRASE_FILE", "NEW_PASSPHRASE", "RECOVERY_CODE"}
)

Value = str | int | bool


class Rule(NamedTuple):
    """What a setting may hold: how it is said, and how it is read (ValueError if it is not)."""

    says: str
    read: Callable[[object], Value]


def one_of(*words: str) -> Rule:
    """Accept one of these words."""

    def read(value: object) -> Value:
        if value not in words:
            raise ValueError
        return str(value)

    return Rule(" or ".join((", ".join(words[:-1]), words[-1])), read)


def whole_number(least: int, most: int) -> Rule:
    """Accept a whole number within bounds, also as text."""

    def read(value: object) -> Value:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError  # noqa: TRY004 - one kind of refusal for every rule
        number = int(value)
        if not least <= number <= most:
            raise ValueError
        return number

    return Rule(f"a whole number from {least} to {most}", read)


def _read_switch(value: object) -> Value:
    if isinstance(value, bool):
        return value
    words: dict[object, bool] = {"true": True, "false": False, "yes": True, "no": False}
    if value not in words:
        raise ValueError
    return words[value]


def _read_colour(value: object) -> Value:
    if not isinstance(value, str) or not re.fullmatch("#[0-9a-fA-F]{6}", value):
        raise ValueError
    return value.lower()


def _read_encoding(value: object) -> Value:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - one kind of refusal for every rule
    if value != "guess":
        try:
            "".encode(value)
        except (LookupError, ValueError):
            raise ValueError from None
    return value


SWITCH: Final = Rule("true or false", _read_switch)
COLOUR: Final = Rule("a colour like #2f6f5e", _read_colour)
ENCODING: Final = Rule("guess, or an encoding like utf-8 or cp1252", _read_encoding)


def _setting(default: Value, rule: Rule, about: str) -> Any:
    return field(default=default, metadata={"rule": rule, "about": about})


@dataclass(frozen=True)
class Appearance:
    """How the window looks and feels."""

    theme: str = _setting(
        "system", one_of("system", "light", "dark"), "light or dark, or as the system is"
    )
    density: str = _setting(
        "normal", one_of("compact", "normal", "touch"), "how much room rows and buttons take"
    )
    text_size: int = _setting(100, whole_number(80, 200), "size of all text, in per cent")
    reduced_motion: bool = _setting(
        default=False, rule=SWITCH, about="show changes at once instead of moving them"
    )
    seed: str = _setting("#2f6f5e", COLOUR, "the colour that all others are made from")


@dataclass(frozen=True)
class Import:
    """How files are read when the command line does not say."""

    encoding: str = _setting("guess", ENCODING, "encoding of CSV files that do not tell it")


@dataclass(frozen=True)
class Lock:
    """When an open window locks itself; what is unprotected has nothing to lock."""

    after_minutes: int = _setting(
        15,
        whole_number(0, 1440),
        "minutes without a touch or a key until the window locks; 0: never",
    )
    on_suspend: bool = _setting(
        default=True, rule=SWITCH, about="lock the window when the computer goes to sleep"
    )


@dataclass(frozen=True)
class Log:
    """What the program writes down about itself."""

    level: str = _setting(
        "info", one_of("debug", "info", "warning", "error"), "the least that goes into the log"
    )


class Origin(NamedTuple):
    """Where a value came from: which layer, and the file, line or variable in it."""

    layer: str
    where: str = ""


class Spec(NamedTuple):
    """One setting: its key, what it may hold, its default and what it is for."""

    key: str
    rule: Rule
    default: Value
    about: str


@dataclass(frozen=True)
class Settings:
    """All settings as they hold now; `origins` says where each came from."""

    appearance: Appearance = Appearance()
    importing: Import = Import()
    lock: Lock = Lock()
    log: Log = Log()
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def value(self, key: str) -> Value:
        """Return one setting by its key, such as `appearance.theme`."""
        section, name = spec(key, "the command line").key.split(".")
        found: Value = getattr(getattr(self, _ATTRIBUTES[section]), name)
        return found

    def origin(self, key: str) -> Origin:
        """Return where the value of one setting came from."""
        return self.origins.get(key, Origin("default"))

    def having(self, key: str, value: object, origin: Origin) -> "Settings":
        """Return these settings with one of them set; SettingError if it may not hold that."""
        known = spec(key, origin.where or origin.layer)
        section, name = known.key.split(".")
        attribute = _ATTRIBUTES[section]
        read = _read(known, value, origin.where or origin.layer)
        changed = replace(getattr(self, attribute), **{name: read})
        return replace(self, **{attribute: changed}, origins={**self.origins, known.key: origin})


_ATTRIBUTES: Final = {
    "appearance": "appearance",
    "import": "importing",
    "lock": "lock",
    "log": "log",
}


def specs() -> Iterator[Spec]:
    """All settings there are, in the order they are shown."""
    plain = Settings()
    for section, attribute in _ATTRIBUTES.items():
        of = getattr(plain, attribute)
        for each in fields(of):
            rule, about = each.metadata["rule"], each.metadata["about"]
            yield Spec(f"{section}.{each.name}", rule, getattr(of, each.name), about)


def spec(key: str, where: str) -> Spec:
    """Return what is known of one setting; SettingError names the place if there is none."""
    found = {each.key: each for each in specs()}
    if key not in found:
        hint = did_you_mean(key, found) or "'commonhold config show' lists those there are."
        raise SettingError(key, where, f"there is no setting {quoted(key)}.", hint=hint)
    return found[key]


def load(
    system: Path,
    user: Path,
    environment: Mapping[str, str],
    command_line: Mapping[str, str] = MappingProxyType({}),
) -> Settings:
    """Read all layers, the later over the earlier; SettingError at the first bad value."""
    settings = Settings()
    for layer, path in (("system", system), ("user", user)):
        for key, value, line in _in_file(path):
            settings = settings.having(key, value, Origin(layer, f"{path}, line {line}"))
    for key, value, variable in _in_environment(environment):
        settings = settings.having(key, value, Origin("environment", variable))
    for key, value in command_line.items():
        settings = settings.having(key, value, Origin("command line", "--set"))
    return settings


def unknown_variables(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Name the COMMONHOLD_* variables that mean nothing here: they may be somebody else's, or a slip."""
    known = {_variable(each.key) for each in specs()} | {
        f"COMMONHOLD_{name}" for name in NOT_SETTINGS
    }
    return tuple(
        sorted(name for name in environment if name.startswith("COMMONHOLD_") and name not in known)
    )


def write(user: Path, key: str, value: str) -> Value:
    """Set one value in the person's file and return it; everything else in it stays as it is."""
    known = spec(key, "the command line")
    read = _read(known, value, "the command line")
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    from sync.durable import alone, make_private_folder, write_durably

    section, name = known.key.split(".")
    try:
        make_private_folder(user.parent)
        with alone(user.with_suffix(".lock")):
            document = tomlkit.parse(user.read_text("utf-8") if user.exists() else "")
            document.setdefault(section, tomlkit.table())[name] = read
            place = Path(os.path.realpath(user))  # through a link the file that it names is written
            write_durably(place, tomlkit.dumps(document).encode("utf-8"))
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise SettingError(key, str(user), f"it cannot be read: {error}") from None
    except OSError as error:
        raise HomeNotWrittenError(user, error.strerror or str(error)) from error
    return read


def _read(known: Spec, value: object, where: str) -> Value:
    try:
        return known.rule.read(value)
    except ValueError:
        reason = f"{known.key} cannot be {quoted(str(value))}; it is {known.rule.says}."
        raise SettingError(known.key, where, reason) from None


def _in_file(path: Path) -> Iterator[tuple[str, object, int]]:
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not in UTF-8"
        raise SettingError("", str(path), f"it cannot be read: {reason}.") from None
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError("", str(path), f"this is not TOML: {error}.") from None
    for section, values in content.items():
        if not isinstance(values, dict):
            yield section, values, _line(text, "", section)
            continue
        for name, value in values.items():
            yield f"{section}.{name}", value, _line(text, section, name)


def _line(text: str, section: str, name: str) -> int:
    """Find the line of a key, by the plain way that people write these files; 1 when in doubt."""
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([^\]]+?)\s*\]", line):
            inside = header[1].strip("\"'")
        key = line.partition("=")[0].strip().replace('"', "").replace("'", "")
        if (inside == section and key == name) or (not inside and key == f"{section}.{name}"):
            return number
    return 1


def _in_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for each in specs():
        variable = _variable(each.key)
        if variable in environment:
            yield each.key, environment[variable], variable


def _variable(key: str) -> str:
    return "COMMONHOLD_" + key.replace(".", "_").upper()
