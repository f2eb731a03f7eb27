"""What a set of changes is under a chain, told from `rules.md` the slow way: no lanes, no order of arrival, no state.

Nothing here is shared with the merge core or with absorbing but the types of operations and their decoding. Who had
seen whom is read off whole sets; each live entry is found by looking at every operation there is.
"""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from functools import cached_property
from typing import Any

from storage.changes.team import Team
from storage.crdt import operations as op
from storage.crdt.text import Text, claims
from storage.crdt.values import ABSENT
from storage.errors import UnreadableEditError
from tests.support.sim_library import NOBODY, Change, Library, bits
from tests.support.sim_values import (
    Entry,
    One,
    added_to,
    branch_id,
    clash,
    derived,
    form,
    move_of,
    names_in,
    says_of,
    shown_of,
    sum_of,
    values_of,
    writes_of,
)

Global = tuple[bytes, int]  # a dot as all replicas know it: hash of its change, index
Facts = dict[str, Any]  # of one record, see `Truth.facts`


class Truth:
    """What the changes `here` (bits of the library) are under a chain, for whoever has the keys of these epochs."""

    def __init__(self, library: Library, team: Team, here: int, epochs: Collection[int]) -> None:
        self.library, self.team, self.epochs = library, team, epochs
        self._fenced: dict[bytes, dict[int, set[tuple[int, bytes]]]] = {}
        self.here = self._linked(here)
        self.accepted, self.rejected = 0, 0
        for index in bits(self.here):  # each stands after all that it needs
            self._decide(library.changes[index])

    # -- acceptance (rules 20-25, 27, 29, 31) ------------------------------------------------------

    def _linked(self, here: int) -> int:
        """Those whose head is known, with all before them in their feed."""
        linked = 0
        for index in bits(here):
            change = self.library.changes[index]
            clear = change.envelope.clear
            follows = change.before == NOBODY or linked >> change.before & 1
            if follows and self.team.place_of(clear.head) is not None:
                linked |= change.bit
        return linked

    def _decide(self, change: Change) -> None:
        last = self.library.changes[change.group[-1]]
        first = self.library.changes[change.group[0]]
        after_rejected = first.before != NOBODY and self.rejected >> first.before & 1
        if after_rejected or not self._counts(change, last):
            self.rejected |= change.bit
        elif change is last and self._ready(change) and self._ready_before(first):
            self.accepted |= sum(1 << one for one in change.group)

    def _ready_before(self, first: Change) -> bool:
        return first.before == NOBODY or bool(self.accepted >> first.before & 1)

    def _counts(self, change: Change, last: Change) -> bool:
        """Rule 24, for each change of a group as far as this one."""
        for index in change.group:
            clear = self.library.changes[index].envelope.clear
            if index > change.index:
                break
            place = self.team.place_of(clear.head)
            if place is None or not self.team.may_write(place, change.device):
                return False
            if self.team.epoch_at(place) != clear.epoch:
                return False
            if not all(
                self._within(last, ends)
                for fenced, ends in self._fences(change).items()
                if fenced > place
            ):
                return False
        return True

    def _fences(self, change: Change) -> dict[int, set[tuple[int, bytes]]]:
        """For each chain record that fences a feed, the last changes it names."""
        found = self._fenced.get(change.feed)
        if found is None:
            found = self._fenced[change.feed] = {}
            for fence in self.team.fences(change.device, change.feed):
                found.setdefault(fence.place, set()).add((fence.number, fence.hash))
        return found

    def _within(self, last: Change, ends: set[tuple[int, bytes]]) -> bool:
        for number, hash_ in ends:
            named = self.library.index.get(hash_, NOBODY) if number else NOBODY
            if named != NOBODY and self.here >> named & 1:
                if self.library.changes[named].path >> last.index & 1:
                    return True
            elif last.number < number:
                return True
        return False

    def _ready(self, last: Change) -> bool:
        """Whether a group is complete, can be read, and all that its author had applied is decided (rule 23)."""
        for index in last.group:
            change = self.library.changes[index]
            if not self.here >> index & 1 or change.envelope.clear.epoch not in self.epochs:
                return False
            for need in change.header.dependencies:
                needed = self.library.changes[self.library.index[need.hash]]
                here = self.here >> needed.index & 1
                if not (self._decided(needed.index) if here else self._fenced_off(needed)):
                    return False
        return True

    def _decided(self, index: int) -> bool:
        """Whether a change is accepted, or is rejected and stands after such."""
        if not (self.accepted | self.rejected) >> index & 1:
            return False
        before = self.library.changes[index].before
        return before == NOBODY or self._decided(before)

    def _fenced_off(self, needed: Change) -> bool:
        """Whether what is not here lies beyond a fence, and what that fence names is decided."""
        beyond: list[set[tuple[int, bytes]]] = []
        for fenced, ends in self._fences(needed).items():
            leads = any(
                number >= needed.number and not self._named(hash_) for number, hash_ in ends
            )
            if fenced > needed.envelope.clear.place and not leads:
                beyond.append(ends)
        lowest = min(beyond, key=lambda ends: max(ends)[0], default=None)
        return lowest is not None and all(self._named(hash_) for number, hash_ in lowest if number)

    def _named(self, hash_: bytes) -> bool:
        index = self.library.index.get(hash_, NOBODY)
        return index != NOBODY and bool(self.here >> index & 1) and self._decided(index)

    @cached_property
    def clipped(self) -> dict[bytes, tuple[int, bytes]]:
        """The last accepted change of each feed or branch, by its name."""
        ends = [
            self.library.changes[one]
            for one in bits(self.accepted)
            if not any(
                self.accepted >> other & 1 and self.library.changes[other].before == one
                for other in self.library.feeds[self.library.changes[one].feed]
            )
        ]
        return {self.name_of(one.index): (one.number, one.hash) for one in ends}

    def name_of(self, index: int) -> bytes:
        """The feed's id, or that of the branch that a change is in, as far as both branches count."""
        change = self.library.changes[index]
        for step in sorted(bits(change.path), reverse=True):
            one = self.library.changes[step]
            rivals = [
                other
                for other in self.library.feeds[change.feed]
                if other != step
                and self.accepted >> other & 1
                and self.library.changes[other].before == one.before
            ]
            if rivals:
                return branch_id(change.feed, one.hash)
        return change.feed

    # -- the records (rules 3-13) ------------------------------------------------------------------

    @cached_property
    def records(self) -> dict[tuple[int, int], tuple[str, list[One]]]:
        """Of each record whose creation counts the collection and all accepted operations."""
        found: dict[tuple[int, int], tuple[str, list[One]]] = {}
        for index in bits(self.accepted):
            for part in self.library.changes[index].parts:
                mine = [One(index, done.at, done.operation) for done in part.done]
                if part.record == (index, part.done[0].at):
                    found[part.record] = (part.collection, mine)
                elif part.record in found:
                    found[part.record][1].extend(mine)
        return found

    def sees(self, later: One, change: int, at: int) -> bool:
        """Rule 4, among accepted operations."""
        if later.change == change:
            return at < later.at
        past = self.library.changes[later.change].past & self.accepted
        return change != NOBODY and bool(past >> change & 1)

    @cached_property
    def facts(self) -> dict[Global, Facts]:
        """Everything about every record, by the dot of its creation."""
        ids = self._ids()
        told: dict[Global, Facts] = {}
        for record, (collection, done) in self.records.items():
            facts = self._facts(done)
            facts["collection"], facts["id"] = collection, ids[record]
            told[self.dot(*record)] = facts
        return told

    def dot(self, change: int, at: int) -> Global:
        return self.library.changes[change].hash, at

    def _facts(self, done: list[One]) -> Facts:
        facts: Facts = {"life": self._life(self._claims(done))}
        scalars: dict[str, Any] = {}
        for field in sorted({name for one in done for name in op.fields_of(one.operation)}):
            mine = [one for one in done if field in op.fields_of(one.operation)]
            said = {
                "entries": self._register(
                    list(writes_of(mine, field)), list(added_to(mine, field))
                ),
                "loose": sum_of(amount for _, amount in added_to(mine, field)),
                "set": self._set(mine),
                "items": self._items(mine),
                "text": self._text(mine),
            }
            if any(value not in (None, []) for value in said.values()):
                scalars[field] = said
        facts["fields"] = scalars
        shown = {name: shown_of(said) for name, said in scalars.items()}
        facts["document"] = {name: form(one) for name, one in shown.items() if one is not ABSENT}
        return facts

    # life

    def _claims(self, done: list[One]) -> dict[int, list[tuple[int, int]]]:
        """For each change its claims on the record, in order: (index, what it says)."""
        found: dict[int, list[tuple[int, int]]] = {}
        for one in done:
            if isinstance(one.operation, op.Dead):
                says = 2 if one.operation.purge else 1
            elif isinstance(one.operation, op.ItemMove):
                continue
            else:
                says = 0
            found.setdefault(one.change, []).append((one.at, says))
        return found

    def _life(self, claims_: dict[int, list[tuple[int, int]]]) -> list[tuple[Global, int]]:
        live = []
        for change, said in claims_.items():
            if any(
                self.library.changes[other].past >> change & 1
                for other in claims_
                if other != change
            ):
                continue
            at, says = said[-1]
            if says == 0:  # the first of the last run of alive ones
                run = len(said)
                while run and said[run - 1][1] == 0:
                    run -= 1
                at = said[run][0]
            live.append((self.dot(change, at), says))
        return sorted(live)

    # registers and numbers

    def _register(
        self, writes: list[Entry], added: list[tuple[One, Fraction]]
    ) -> list[tuple[Any, ...]]:
        """The live entries, best first: (dot, stamp, value, sum, restored, fallback)."""
        live = [one for one in writes if not any(self._covers(other, one) for other in writes)]
        told = []
        for entry in live:
            by, restore = entry.by, entry.restore
            fallback = False
            if restore is not None and not restore.ordinary:
                fallback = all(other is entry or self._knows(other, restore) for other in live)
            unseen = [amount for add, amount in added if not self.sees(by, add.change, add.at)]
            if isinstance(restore, op.Restore) and restore.added is not None:
                unseen.append(restore.added)
            change = self.library.changes[by.change]
            told.append(
                (
                    fallback,
                    (change.header.stamp, change.hash, by.at),
                    (self.dot(by.change, by.at), change.header.stamp, form(entry.value)),
                    (entry.value, sum_of(unseen)),
                )
            )
        told.sort(key=lambda one: one[1], reverse=True)
        told.sort(key=lambda one: one[0])
        return [(*mine, total, fallback, value) for fallback, _, mine, (value, total) in told]

    def _covers(self, later: Entry, one: Entry) -> bool:
        if not self.sees(later.by, one.by.change, one.by.at):
            return False
        if later.restore is None:
            return True
        return any((dot.lane, dot.at) == (one.by.change, one.by.at) for dot in later.restore.dots)

    def _knows(self, other: Entry, restore: op.Restore | op.ItemRestore) -> bool:
        over = restore.over
        if over is None:
            return True
        if (other.by.change, other.by.at) == (over.lane, over.at):
            return True
        counts = over.lane != NOBODY and self.accepted >> over.lane & 1
        return bool(counts) and self.sees(other.by, over.lane, over.at)

    # sets

    def _set(self, done: list[One]) -> list[tuple[Global, str | None]]:
        there = []
        for one in done:
            if isinstance(one.operation, op.Include):
                there += [
                    (one, spelled)
                    for spelled in dict.fromkeys(form(value) for value in one.operation.values)
                    if not any(self._takes_out(other, one, spelled) for other in done)
                ]
        there.sort(key=lambda each: self._age(each[0]))
        return [(self.dot(one.change, one.at), spelled) for one, spelled in there]

    def _takes_out(self, other: One, one: One, spelled: str | None) -> bool:
        if not isinstance(other.operation, op.Exclude):
            return False
        return self.sees(other, one.change, one.at) and any(
            form(value) == spelled and (dot.lane, dot.at) == (one.change, one.at)
            for value, dots in other.operation.removed
            for dot in dots
        )

    def _age(self, one: One) -> tuple[int, bytes, int]:
        change = self.library.changes[one.change]
        return change.header.stamp, change.hash, one.at

    # items

    def _items(self, done: list[One]) -> list[tuple[Any, ...]]:
        told = []
        for new in done:
            if not isinstance(new.operation, op.ItemNew):
                continue
            mine = [new] + [one for one in done if self._is_of(one, new)]
            position = self._register([each for each in map(move_of, mine) if each is not None], [])
            names = sorted({name for one in mine for name in names_in(one.operation)})
            values = {
                name: self._register([e for o in mine for e in values_of(o, name)], [])
                for name in names
            }
            life: dict[int, list[tuple[int, int]]] = {}
            for one in sorted(mine, key=lambda each: (each.change, each.at)):
                says = says_of(one.operation)
                if says is not None:
                    life.setdefault(one.change, []).append((one.at, says))
            key = position[0][-1]
            place = (key, self.name_of(new.change), self.library.changes[new.change].number, new.at)
            told.append((place, (self.dot(new.change, new.at), self._life(life), position, values)))
        return [one for _, one in sorted(told, key=lambda each: each[0])]

    @staticmethod
    def _is_of(one: One, new: One) -> bool:
        item = getattr(one.operation, "item", None)
        return item is not None and (item.lane, item.at) == (new.change, new.at)

    # text

    def _text(self, done: list[One]) -> tuple[str, list[Global]] | None:
        edits = [one for one in done if isinstance(one.operation, op.TextEdit)]
        if not edits:
            return None
        read: dict[One, Any] = {}
        for one in edits:
            try:
                read[one] = claims(one.operation.update)
            except UnreadableEditError:
                read[one] = None
        aside = {one for one in edits if read[one] is None}
        for one in edits:
            for other in edits:
                if other is not one and read[one] and read[other] and clash(read[one], read[other]):
                    aside.add(max(one, other, key=self._rank))
        while True:
            more = {
                one for one in edits if one not in aside and not self._stands(one, edits, aside)
            }
            if not more:
                break
            aside |= more
        text = Text()
        good = [one.operation.update for one in edits if one not in aside]
        if good:
            assert text.absorb(*good)
        return text.content, sorted(self.dot(one.change, one.at) for one in aside)

    def _rank(self, one: One) -> tuple[bytes, int]:
        return self.dot(one.change, one.at)

    @staticmethod
    def _stands(one: One, edits: list[One], aside: set[One]) -> bool:
        assert isinstance(one.operation, op.TextEdit)
        for need in one.operation.needs:
            inside = [other for other in edits if other.change == need.lane]
            if not inside or any(other in aside for other in inside):
                return False
        return True

    # ids (rule 3)

    def _ids(self) -> dict[tuple[int, int], int]:
        wishes: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for record, (collection, done) in self.records.items():
            create = done[0].operation
            assert isinstance(create, op.Create)
            wishes.setdefault((collection, create.id), []).append(record)
        ids: dict[tuple[int, int], int] = {}
        for (_, wish), records in wishes.items():
            for record in records:
                ids[record] = derived(self.dot(*record))
            unseen = [one for one in records if not any(self._saw(other, one) for other in records)]
            ids[min(unseen, key=lambda one: self.dot(*one))] = wish
        return ids

    def _saw(self, later: tuple[int, int], one: tuple[int, int]) -> bool:
        if later[0] == one[0]:
            return one[1] < later[1]
        return bool(self.library.changes[later[0]].past >> one[0] & 1)
