"""Times and counts as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
DAYS_SAID = 7  # older than this, a day has its date


def spoken_time(at_ms: int, now: datetime) -> str:
    """A moment as people say it: the time when it was today, else the day."""
    at = datetime.fromtimestamp(at_ms / 1000, tz=now.tzinfo)
    if at.date() == now.date():
        return f"{at:%H:%M}"
    return f"{at.day} {at:%b}" if at.year == now.year else f"{at.day} {at:%b} {at.year}"


def spoken_ago(at_ms: int, now: datetime) -> str:
    """How long ago a moment was; one that is far off, or that another computer's clock puts ahead, by its day."""
    at = datetime.fromtimestamp(at_ms / 1000, tz=now.tzinfo)
    seconds = (now - at).total_seconds()
    days = (now.date() - at.date()).days
    if -MINUTE_S <= seconds < MINUTE_S:
        return "just now"
    if seconds < 0 or days > DAYS_SAID:
        return spoken_time(at_ms, now)
    if seconds < HOUR_S:
        return f"{counted(int(seconds // MINUTE_S), 'minute')} ago"
    if days == 0 or seconds < HOUR_S * 6:
        return f"{counted(int(seconds // HOUR_S), 'hour')} ago"
    return "yesterday" if days == 1 else f"{days} days ago"


def exact_time(at_ms: int, now: datetime) -> str:
    """A moment to the second, with its day."""
    at = datetime.fromtimestamp(at_ms / 1000, tz=now.tzinfo)
    return f"{at:%a} {at.day} {at:%b} {at.year}, {at:%H:%M:%S}"


def counted(count: int, what: str) -> str:
    """A number with its noun, in the plural but for one."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def pause_is_over(since: datetime | None, now: datetime, pause: timedelta) -> bool:
    """Whether nothing happened for so long; a clock that was set back ends a pause too."""
    return since is None or not timedelta(0) <= now - since < pause
