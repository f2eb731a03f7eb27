"""One simulation: a few replicas that write, hear of each other in any order, are copied, set back, removed and fenced.

Everything is drawn from the seed. At each quiescent point a replica is compared with the pure function over its own
set of changes (`sim_truth`), and replicas with equal heads and clipped vectors with each other.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from storage.changes.absorb import Standing
from storage.changes.coalesce import Edit
from storage.changes.errors import RefusedOperationError
from storage.changes.header import ORDINARY, REDO, UNDO
from storage.changes.log import NOWHERE
from storage.changes.rules import IN_FORCE as CHANGES_IN_FORCE
from storage.changes.rules import ChangeRules
from storage.crdt import show
from storage.crdt.dots import Dot, Ref
from storage.crdt.past import Applied
from storage.crdt.rules import IN_FORCE, Rules
from storage.crdt.scalar import Scalar
from storage.crdt.state import RecordState
from storage.crdt.undo import undo
from storage.crdt.values import ABSENT
from sync import membership
from sync.keys import Keyring
from tests.support import sim_acts
from tests.support.sim_chain import Chain
from tests.support.sim_core import Core
from tests.support.sim_library import Library, bits
from tests.support.sim_store import FAMILIES, StoreBody
from tests.support.sim_truth import Facts, Global, Truth, form
from tests.support.teams import Chance, Machine

Kind = Literal["core", "store"]
NOW_MS = 1_700_000_000_000
TEN_YEARS_MS = 315_576_000_000
SKEWS_MS = (0, 0, 0, 5, -5, TEN_YEARS_MS, -TEN_YEARS_MS)


class Broken(AssertionError):
    """A promise that a simulation found broken."""


@dataclass
class Replica:
    """One database of one device, and what came to it."""

    name: str
    machine: Machine
    ring: Keyring
    body: Core | StoreBody
    place: int  # of the newest view of the chain that it has
    skew_ms: int
    epochs: set[int]
    came: list[int] = field(
        default_factory=list
    )  # changes by index, in the order in which they came
    lost: bool = False  # its database is gone: another one took its place
    actions: list[list[tuple[Dot, list[Applied]]]] = field(default_factory=list)
    undone: list[list[tuple[Dot, list[Applied]]]] = field(default_factory=list)

    @property
    def here(self) -> int:
        return sum(1 << one for one in set(self.came))


@dataclass(frozen=True)
class Shape:
    """What a simulation is made of; drawn from its seed."""

    devices: int
    steps: int
    stores: int  # how many of the devices have a store; the others are bare cores
    families: bool  # whether the schema says how fields are merged
    makers: tuple[str, ...]
    chain: float  # how often something happens in the team
    copies: float  # how often a database is copied or set back


def shape_of(seed: int, kind: Kind) -> Shape:
    dice = random.Random(f"shape {seed}")
    bare = kind == "core"
    makers = dice.sample(list(sim_acts.MAKERS), dice.choice((2, 3, 4)))
    if dice.random() < 0.9 and "large" in makers:
        makers.remove("large")
    return Shape(
        devices=dice.choice((2, 2, 3, 3, 4, 7)) if bare else dice.choice((2, 2, 3, 5)),
        steps=dice.choice((12, 25, 40)) if bare else dice.choice((10, 20, 30)),
        stores=0 if bare else dice.choice((1, 2, 8)),
        families=dice.random() < 0.5,
        makers=tuple(makers),
        chain=dice.choice((0.0, 0.06, 0.15)),
        copies=dice.choice((0.0, 0.05, 0.15)),
    )


class Simulation:
    """A world that runs its steps and checks itself. `steps` may be fewer than its shape says, to shrink."""

    def __init__(
        self,
        seed: int,
        kind: Kind = "core",
        *,
        steps: int | None = None,
        rules: ChangeRules = CHANGES_IN_FORCE,
        merging: Rules = IN_FORCE,
    ) -> None:
        self.seed, self.kind, self.rules, self.merging = seed, kind, rules, merging
        self.shape = shape_of(seed, kind)
        self.steps = self.shape.steps if steps is None else min(steps, self.shape.steps)
        self.dice = random.Random(seed)
        self.chain = Chain(seed)
        self.library = Library(self.chain.reader())
        self._teach_reader()
        self.count = 0
        self.now_ms = NOW_MS
        self.truths: dict[Any, Truth] = {}
        self.replicas: list[Replica] = []
        names = list(self.chain.machines.values())
        founder, others = names[0], names[1:]
        chosen = [founder, *self.dice.sample(others, self.shape.devices - 1)]
        self.stored = {
            one.device for one in self.dice.sample(chosen, min(self.shape.stores, len(chosen)))
        }
        for machine in chosen:
            self.replicas.append(self._new(machine))

    # -- replicas

    def _new(self, machine: Machine, place: int = 0) -> Replica:
        ring = self.chain.keyring(machine)
        view = self.chain.views[place]
        epochs = self.chain.teach(ring, view.state)
        self.count += 1
        name = f"{self.seed}/{machine.device.hex()[:4]}/{self.count}"
        skew = self.dice.choice(SKEWS_MS)
        body: Core | StoreBody
        if machine.device in self.stored:
            families = FAMILIES if self.shape.families else {}
            body = StoreBody(
                ring,
                Chance(name),
                lambda: self.now_ms + skew,
                families,
                self.chain,
                place,
            )
        else:
            body = Core(ring, Chance(name), self.rules, self.merging, self.chain, place)
        return Replica(name, machine, ring, body, place, skew, epochs)

    def _teach_reader(self) -> None:
        for epoch, keys in self.chain.keys.items():
            for key in keys:
                if epoch != membership.GENESIS:
                    self.library.keys.learn_epoch(epoch, key)

    @property
    def alive(self) -> list[Replica]:
        return [one for one in self.replicas if not one.lost]

    # -- running

    def run(self) -> None:
        """All steps, a check on the way, and one at the end when everything came to everybody."""
        try:
            self._run()
        finally:
            for replica in self.replicas:
                replica.body.close()

    def _run(self) -> None:
        for step in range(self.steps):
            self._step()
            if step == self.steps // 2:
                self._check_all()
        self._check_all()
        self._meet()
        self._check_all()

    def _meet(self) -> None:
        """Everything comes to everybody, but to a newcomer what is rejected: nobody sends that on (rule 29).

        Of a feed that forked it does come: where a fence names several branches, nothing else tells which one somebody
        had seen who named a rejected change.
        """
        last = len(self.chain.views) - 1
        for replica in self.alive:
            self._hear_chain(replica, last)
        for replica in self.alive:
            self._deliver_all(replica, list(range(len(self.library.changes))))
        newcomer = self._new(self.chain.keeper(), self.dice.randint(0, last))
        self.replicas.append(newcomer)
        everything = (1 << len(self.library.changes)) - 1
        truth = Truth(self.library, self.chain.views[last], everything, self.chain.keys)
        kept_back = [
            one for one in bits(truth.rejected) if not self.library.forked(one, everything)
        ]
        self._deliver_all(newcomer, [one for one in bits(everything) if one not in kept_back])
        self._hear_chain(newcomer, last)

    def _deliver_all(self, replica: Replica, indexes: list[int]) -> None:
        mail = self.dice.sample(indexes, len(indexes))
        while mail:
            many = self.dice.choice((1, 3, 100))
            self._deliver(replica, mail[:many])
            mail = mail[many:]

    def _step(self) -> None:
        self.now_ms += self.dice.choice((0, 1, 1000))
        replica = self.dice.choice(self.alive)
        what = self.dice.random()
        if what < self.shape.chain:
            self._team()
        elif what < self.shape.chain + self.shape.copies:
            self._copy(replica)
        elif what < 0.45:
            changes = len(self.library.changes)
            many = self.dice.randrange(changes + 1) if changes else 0
            self._deliver(replica, self.dice.sample(range(changes), many))
        elif what < 0.5:
            ahead = len(self.chain.views) - 1
            if replica.place < ahead:
                self._hear_chain(replica, self.dice.randint(replica.place, ahead))
        else:
            self._write(replica)

    def _deliver(self, replica: Replica, mail: Sequence[int]) -> None:
        if mail:
            replica.body.receive([self.library.changes[one].envelope.raw for one in mail])
            replica.came += [one for one in dict.fromkeys(mail) if one not in replica.came]
            if isinstance(replica.body, StoreBody):
                replica.body.news()

    def _hear_chain(self, replica: Replica, place: int) -> None:
        view = self.chain.views[place]
        replica.place = place
        late = self.dice.random() < 0.2  # the keys come after the record
        if not late:
            replica.epochs |= self.chain.teach(replica.ring, view.state)
        replica.body.extend(place)
        if late:
            replica.epochs |= self.chain.teach(replica.ring, view.state)
            replica.body.wake()

    def _copy(self, replica: Replica) -> None:
        """Its database is set back, with or without the instance mark, or goes on in two places."""
        kept = replica.came[: self.dice.randint(0, len(replica.came))]
        twin = self._new(replica.machine, replica.place)
        twin.epochs |= self.chain.teach(twin.ring, self.chain.views[replica.place].state)
        self._deliver(twin, kept)
        feed = replica.body.feed
        if feed is not None and twin.body.log.family(feed) and self.dice.random() < 0.7:
            twin.body.feed = feed  # nobody noticed
        replica.lost = self.dice.random() < 0.5
        self.replicas.append(twin)

    # -- what people do

    def _write(self, replica: Replica) -> None:
        body, dice = replica.body, self.dice
        team = body.absorber.team
        if not team.may_write(team.head[0], replica.machine.device):
            return
        if team.epoch_at(team.head[0]) not in replica.epochs:
            return
        if isinstance(body, StoreBody):
            body.act(dice, self.shape.makers)
            for raw in body.news():
                replica.came.append(self.library.add(raw))
            return
        chance = dice.random()
        if chance < 0.15 and replica.actions:
            made = self._take_back(replica, replica.actions.pop(), UNDO)
            if made:
                replica.undone.append(made)
            return
        if chance < 0.25 and replica.undone:
            self._take_back(replica, replica.undone.pop(), REDO)
            return
        states = body.states()
        if not states or dice.random() < 0.3 / len(states):
            self.count += 1
            taken = {one.id or 0 for one in states if show.alive(one)}
            edits = sim_acts.creation(dice, taken, 1000 + self.count)
        else:
            edits = []
            for state in dice.sample(states, min(len(states), dice.choice((1, 1, 2)))):
                maker = sim_acts.MAKERS[dice.choice(self.shape.makers)]
                if not show.alive(state) and dice.random() < 0.7:
                    maker = sim_acts.dies
                for operation in maker(dice, state, body.past().text):
                    edits.append(Edit(state.collection, state.dot, operation))
        done = self._post(replica, edits, ORDINARY)
        if done:
            replica.actions.append(done)

    def _post(
        self, replica: Replica, edits: list[Edit], kind: int
    ) -> list[tuple[Dot, list[Applied]]]:
        """Write, and remember what was done, record by record."""
        of = bytes(8) if kind != ORDINARY else None
        assert isinstance(replica.body, Core)
        try:
            raws = replica.body.write(edits, self.now_ms + replica.skew_ms, kind, of)
        except RefusedOperationError as error:
            raise Broken(f"a person's edit is refused: {error}: {edits}") from error
        done: dict[Dot, list[Applied]] = {}
        for raw in raws:
            index = self.library.add(raw)
            replica.came.append(index)
            at = replica.body.log.find(self.library.changes[index].hash)
            if at is None:
                raise Broken("a change that was written is not there")
            for part in self.library.changes[index].parts:
                record = self._local(replica, part.record)
                for one in replica.body.history(record):
                    if one.dot[:2] == at:
                        done.setdefault(record, []).append(one)
        return list(done.items())

    def _local(self, replica: Replica, dot: tuple[int, int]) -> Dot:
        at = replica.body.log.find(self.library.changes[dot[0]].hash)
        return Dot(NOWHERE, 0, 0) if at is None else Dot(at.lane, at.number, dot[1])

    def _take_back(
        self, replica: Replica, action: list[tuple[Dot, list[Applied]]], kind: int
    ) -> list[tuple[Dot, list[Applied]]]:
        body = replica.body
        mine = {row.lane for row in body.log.lanes_of(replica.machine.device)}
        states = {one.dot: one for one in body.states()}
        edits: list[Edit] = []
        for record, done in action:
            state = states.get(record)
            history = body.history(record)
            known = {one.dot for one in history}
            done = [one for one in done if one.dot in known]
            if state is None or not done:
                continue
            reversal = undo(
                done, state, history, body.past(), lambda dot: dot.lane in mine, redo=kind == REDO
            )
            edits += [Edit(state.collection, record, one) for one in reversal.operations]
        return self._post(replica, edits, kind) if edits else []

    # -- the team

    def _team(self) -> None:
        """The keeper, who knows what it knows, does something; a device that loses its access may not hear of it soon."""
        keeper = next(one for one in self.replicas if one.machine is self.chain.keeper())
        keeper = self.dice.choice(
            [one for one in self.alive if one.machine.device == keeper.machine.device] or [keeper]
        )
        state = self.chain.state
        devices = [one for one in sorted(state.devices) if one != state.keeper]
        if not devices:
            return
        device = self.dice.choice(devices)
        member = state.devices[device].card.member
        ends = self._ends(keeper, state.devices)
        act: membership.Act
        match self.dice.choice(("role", "role", "role", "remove", "remove one", "rotate", "close")):
            case "role":
                target = member or device
                writes = state.may_write(device)
                act = membership.SetRole(target, "viewer" if writes else "editor")
            case "remove" if member is not None:
                act = membership.RemoveMember(member)
            case "rotate":
                act = membership.Rotate()
            case "close":
                pen = keeper.machine.pen(state, self.chain.chance)
                if not ends.get(device):
                    return
                act = pen.closing(device, ends[device])
            case _:
                act = membership.RemoveDevice(device)
        if self.chain.append(act, ends):
            self._teach_reader()
            self._hear_chain(keeper, len(self.chain.views) - 1)

    def _ends(self, keeper: Replica, devices: Iterable[bytes]) -> membership.Ends:
        """The last changes that count, as the keeper's computer knows them; sometimes it counts less."""
        return {device: self._ends_of(keeper, device) for device in devices}

    def _ends_of(self, keeper: Replica, device: bytes) -> dict[bytes, list[tuple[int, bytes]]]:
        log = keeper.body.log
        ends: dict[bytes, list[tuple[int, bytes]]] = {}
        for feed, positions in keeper.body.absorber.ends(device).items():
            for end in positions:
                at = log.find(end.hash)
                if at is None or self.dice.random() < 0.1:
                    continue
                number = at.number
                if self.dice.random() < 0.3:
                    number = max(log.lane(at.lane).start + 1, number - self.dice.choice((1, 2)))
                entry = log.entry(at.lane, number)
                if entry is not None:
                    ends.setdefault(feed, []).append((number, entry.hash))
        return ends

    # -- checks

    def truth_of(self, replica: Replica) -> Truth:
        here = replica.here
        key = (replica.place, here, frozenset(replica.epochs))
        truth = self.truths.get(key)
        if truth is None:
            truth = Truth(self.library, self.chain.views[replica.place], here, replica.epochs)
            self.truths[key] = truth
        return truth

    def _check_all(self) -> None:
        digests: dict[Any, tuple[int, Replica]] = {}
        for replica in self.alive:
            self._check(replica)
            clipped = tuple(sorted(replica.body.absorber.clipped().items()))
            key = replica.body.absorber.team.head, clipped
            digest = replica.body.digest()
            other = digests.setdefault(key, (digest, replica))
            if other[0] != digest:
                raise Broken(
                    f"{replica.name} and {other[1].name} have one head and vector, and two digests"
                )

    def _check(self, replica: Replica) -> None:
        truth = self.truth_of(replica)
        self._check_standing(replica, truth)
        facts = {
            self._global(replica, state.dot): facts_of(
                state, lambda dot: self._global(replica, dot)
            )
            for state in replica.body.states()
        }
        expected = truth.facts
        if set(facts) != set(expected):
            raise Broken(f"{replica.name} has other records: {set(facts) ^ set(expected)}")
        for record, told in facts.items():
            for what in ("life", "fields", "document", "collection"):
                if told[what] != expected[record][what]:
                    here, there = _differing(told[what], expected[record][what])
                    name = record[0].hex()[:8]
                    raise Broken(
                        f"{replica.name}: {what} of {name} is\n{here}\nand should be\n{there}"
                    )
        if isinstance(replica.body, StoreBody):
            self._check_store(replica, replica.body, expected)

    def _check_store(
        self, replica: Replica, body: StoreBody, expected: dict[Global, Facts]
    ) -> None:
        for fault in body.faults():
            raise Broken(f"{replica.name}: {fault}")
        for _, doc_id, state, _ in body.kept():
            wanted = expected[self._global(replica, state.dot)]["id"]
            if doc_id != wanted:
                raise Broken(
                    f"{replica.name}: a record has the id {doc_id} and should have {wanted}"
                )

    def _check_standing(self, replica: Replica, truth: Truth) -> None:
        """Acceptance, vectors, and that nothing that ever came is gone."""
        absorber, log = replica.body.absorber, replica.body.log
        aside = {ref for ref, _ in absorber.set_aside()}
        for index in set(replica.came):
            change = self.library.changes[index]
            outcome = absorber.standing(change.hash)
            counts = bool(truth.accepted >> index & 1)
            if (outcome.standing is Standing.ACCEPTED) != counts:
                should = "should" if counts else "should not"
                raise Broken(
                    f"{replica.name}: change {index} is {outcome.standing} ({outcome.why}), and {should} count"
                )
            at = log.find(change.hash)
            if at is None:
                if log.is_held(change.hash) is None:
                    raise Broken(f"{replica.name}: change {index} is gone: {outcome.why}")
                continue
            if log.raw(*at) != change.envelope.raw:
                raise Broken(f"{replica.name}: change {index} is altered")
            if counts:
                cause = absorber.settling.vectors.cause(at)
                seen = self._seen(replica, {**cause.seen, at.lane: at.number})
                if seen & truth.accepted != change.past & truth.accepted:
                    raise Broken(
                        f"{replica.name}: change {index} saw {sorted(bits(seen & truth.accepted))}, should "
                        f"{sorted(bits(change.past & truth.accepted))}"
                    )
                self._check_history(replica, change.parts, at, truth)
            elif outcome.standing is Standing.REJECTED:
                if at not in aside:
                    raise Broken(f"{replica.name}: change {index} is rejected and not shown")
                if change.envelope.clear.epoch in replica.epochs:
                    absorber.settling.open(at, aside=True)
        clipped = {name: tuple(end) for name, end in absorber.clipped().items()}
        if clipped != truth.clipped:
            raise Broken(f"{replica.name}: the clipped vector is {clipped}, not {truth.clipped}")

    def _check_history(self, replica: Replica, parts: Any, at: Ref, truth: Truth) -> None:
        for part in parts:
            if part.record not in truth.records:
                continue
            record = self._local(replica, part.record)
            there = {one.dot.at for one in replica.body.history(record) if one.dot[:2] == at}
            if not {one.at for one in part.done} <= there:
                raise Broken(f"{replica.name}: what change {at} did is not in its record's history")

    def _seen(self, replica: Replica, vector: dict[int, int]) -> int:
        log, found = replica.body.log, 0
        for lane, last in vector.items():
            for number in range(log.lane(lane).start + 1, last + 1):
                entry = log.entry(lane, number)
                if entry is not None:
                    found |= 1 << self.library.index[entry.hash]
        return found

    def _global(self, replica: Replica, dot: Dot) -> Global:
        entry = replica.body.log.entry(dot.lane, dot.number)
        return (b"nowhere" if entry is None else entry.hash), dot.at


def _differing(one: Any, other: Any) -> tuple[Any, Any]:
    """Of two mappings only the entries that differ."""
    if not isinstance(one, dict):
        return one, other
    names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    return {name: one.get(name) for name in names}, {name: other.get(name) for name in names}


def facts_of(state: RecordState, where: Any) -> Facts:
    """The facts of a state, as `Truth.facts` has them."""
    fields: dict[str, Any] = {}
    for name in sorted({*state.values, *state.fields}):
        if name in state.values:
            scalar, rest = state.scalar_of(name), None
        else:
            rest = state.fields[name]
            scalar = rest.scalar
        text = None
        if rest is not None and rest.edits is not None:
            text = rest.edits.content, sorted(where(dot) for dot in rest.edits.aside)
        fields[name] = {
            "entries": _entries(scalar, where),
            "loose": scalar.loose,
            "set": [] if rest is None else [(where(e.dot), form(e.value)) for e in rest.elements],
            "items": []
            if rest is None
            else [
                (
                    where(item.dot),
                    sorted((where(one.dot), int(one.says)) for one in item.life),
                    _entries(item.position, where),
                    {name: _entries(one, where) for name, one in sorted(item.values.items())},
                )
                for item in rest.items
            ],
            "text": text,
        }
    shown = show.document(state)
    return {
        "collection": state.collection,
        "life": sorted((where(one.dot), int(one.says)) for one in state.life),
        "fields": fields,
        "document": {name: form(value) for name, value in shown.items() if value is not ABSENT},
    }


def _entries(scalar: Scalar, where: Any) -> list[tuple[Any, ...]]:
    return [
        (where(one.dot), one.stamp, form(one.value), one.total, one.fallback, one.value)
        for one in scalar.entries
    ]
