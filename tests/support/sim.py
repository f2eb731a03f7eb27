"""One simulation: a few replicas that write, hear of each other in any order, are copied, set back, removed and fenced.

Everything is drawn from the seed. What is checked at each quiescent point stands in `sim_check`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from storage.changes.coalesce import Edit
from storage.changes.errors import RefusedOperationError
from storage.changes.header import ORDINARY, REDO, UNDO
from storage.changes.rules import IN_FORCE as CHANGES_IN_FORCE
from storage.changes.rules import ChangeRules
from storage.crdt import show
from storage.crdt.dots import Dot
from storage.crdt.past import Applied
from storage.crdt.rules import IN_FORCE, Rules
from storage.crdt.undo import undo
from sync import membership
from tests.support import sim_acts
from tests.support.sim_chain import Beginning, Chain, Heard, Hearing
from tests.support.sim_check import Checks
from tests.support.sim_core import Core
from tests.support.sim_library import Library, bits
from tests.support.sim_replica import Action, BrokenError, Replica
from tests.support.sim_store import FAMILIES, StoreBody
from tests.support.sim_truth import Truth
from tests.support.teams import Chance, Machine

Kind = Literal["core", "store"]
NOW_MS = 1_700_000_000_000
TEN_YEARS_MS = 315_576_000_000
SKEWS_MS = (0, 0, 0, 5, -5, TEN_YEARS_MS, -TEN_YEARS_MS)
IN_TEAM = ("role", "role", "role", "remove", "remove one", "rotate", "close", "computer")
ON_BRANCHES = (*IN_TEAM, "hand over", "recovery", "rename", "person", "station", "propose")


@dataclass(frozen=True)
class Shape:
    """What a simulation is made of; drawn from its seed."""

    devices: int
    steps: int
    stores: int  # how many of the devices have a store; the others are bare cores
    families: bool  # whether the schema says how fields are merged
    branches: bool  # whether the chain has any
    makers: tuple[str, ...]
    chain: float  # how often something happens in the team
    copies: float  # how often a database is copied or set back


def shape_of(seed: int, kind: Kind) -> Shape:
    """The shape of the simulation with this seed."""
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
        branches=dice.random() < 0.1,
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
        self.seed, self.rules, self.merging = seed, rules, merging
        self.shape = shape_of(seed, kind)
        self.steps = self.shape.steps if steps is None else min(steps, self.shape.steps)
        self.dice = random.Random(seed)
        self.chain = Chain(seed)
        self.library = Library(self.chain.reader())
        self.checks = Checks(self.library)
        self._teach_reader()
        self.count = 0
        self.now_ms = NOW_MS
        self.replicas: list[Replica] = []
        founder = self.chain.founder
        others = [one for one in self.chain.machines.values() if one is not founder]
        chosen = [founder, *self.dice.sample(others, self.shape.devices - 1)]
        stored = self.dice.sample(chosen, min(self.shape.stores, len(chosen)))
        self.stored = {one.device for one in stored}
        for machine in chosen:
            first: Hearing = Heard(self.chain) if self.shape.branches else Beginning(self.chain)
            self.replicas.append(self._new(machine, first))

    # -- replicas

    def _new(self, machine: Machine, hearing: Hearing) -> Replica:
        ring = self.chain.keyring(machine)
        epochs = hearing.teach(ring)
        self.count += 1
        name = f"{self.seed}/{machine.device.hex()[:4]}/{self.count}"
        skew = self.dice.choice(SKEWS_MS)
        body: Core | StoreBody
        if machine.device in self.stored:
            families = FAMILIES if self.shape.families else {}
            chance = Chance(name)
            body = StoreBody(
                ring, chance, lambda: self.now_ms + skew, families, hearing, self.chain.fold
            )
        else:
            body = Core(ring, Chance(name), self.rules, self.merging, hearing.view)
        return Replica(name, machine, ring, hearing, body, skew, epochs)

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
        """All steps, a check on the way, and two at the end: before and after everything came to everybody."""
        try:
            for step in range(self.steps):
                self._step()
                if step == self.steps // 2:
                    self._check()
            self._check()
            self._meet()
            self._check()
        finally:
            for replica in self.replicas:
                replica.body.close()

    def _check(self) -> None:
        # Who is not in the team any more, on the branch it follows, may lack keys of that branch.
        checked = [one for one in self.alive if one.in_team or not self.shape.branches]
        self.checks.all(checked)

    def _meet(self) -> None:
        """Everything comes to everybody, but to a newcomer what is rejected: nobody sends that on (rule 29).

        Of a feed that forked it does come: where a fence names several branches, nothing else tells which one somebody
        had seen who named a rejected change.
        """
        for replica in self.alive:
            self._hear_chain(replica, everything=True)
        every = range(len(self.library.changes))
        for replica in self.alive:
            self._deliver_all(replica, every)
        old = next(one for one in self.replicas if one.machine is self.chain.founder)
        newcomer = self._new(self.chain.founder, old.hearing.copy())
        self.replicas.append(newcomer)
        all_ = (1 << len(every)) - 1
        truth = Truth(self.library, newcomer.hearing.view, all_, self.chain.keys)
        sent = [
            one for one in every if not truth.rejected >> one & 1 or self.library.forked(one, all_)
        ]
        self._deliver_all(newcomer, sent)
        self._hear_chain(newcomer, everything=True)

    def _deliver_all(self, replica: Replica, indexes: Sequence[int]) -> None:
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
            self._team(replica)
        elif what < self.shape.chain + self.shape.copies:
            self._copy(replica)
        elif what < 0.45:
            changes = range(len(self.library.changes))
            mail = self.dice.sample(changes, self.dice.randint(0, len(changes)))
            self._deliver(replica, mail)
        elif what < 0.5:
            self._hear_chain(replica)
        else:
            self._write(replica)

    def _deliver(self, replica: Replica, mail: Sequence[int]) -> None:
        if mail:
            replica.body.receive([self.library.changes[one].envelope.raw for one in mail])
            replica.came += [one for one in mail if one not in replica.came]
            if isinstance(replica.body, StoreBody):
                replica.body.news()

    def _hear_chain(self, replica: Replica, *, everything: bool = False) -> None:
        added = replica.hearing.hear(self.dice, everything=everything)
        if not added:
            return
        late = not self.shape.branches and self.dice.random() < 0.2
        view = replica.hearing.view
        if not late:
            replica.epochs = replica.hearing.teach(replica.ring)
        for device in view.state.known.values():  # only keys of epochs may come later
            replica.ring.learn_device(device.id, device.card.sign)
        replica.body.extend(added, view)
        if late:
            replica.epochs = replica.hearing.teach(replica.ring)
            replica.body.wake()

    def _copy(self, replica: Replica) -> None:
        """Its database is set back, with or without the instance mark, or goes on in two places."""
        kept = replica.came[: self.dice.randint(0, len(replica.came))]
        twin = self._new(replica.machine, replica.hearing.copy())
        self._deliver(twin, kept)
        feed = replica.body.feed
        if feed is not None and twin.body.log.family(feed) and self.dice.random() < 0.7:
            twin.body.feed = feed  # nobody noticed
        replica.lost = self.dice.random() < 0.5
        self.replicas.append(twin)

    # -- what people do

    def _write(self, replica: Replica) -> None:
        body, team = replica.body, replica.hearing.view
        place = team.head[0]
        may = team.may_write(place, replica.machine.device)
        if not may or team.epoch_at(place) not in replica.epochs:
            return
        if isinstance(body, StoreBody):
            body.act(self.dice, self.shape.makers)
            replica.came += [self.library.add(raw) for raw in body.news()]
        else:
            self._act(replica, body)

    def _act(self, replica: Replica, body: Core) -> None:
        chance = self.dice.random()
        if chance < 0.15 and replica.actions:
            made = self._take_back(replica, body, replica.actions.pop(), UNDO)
            if made:
                replica.undone.append(made)
        elif chance < 0.25 and replica.undone:
            self._take_back(replica, body, replica.undone.pop(), REDO)
        else:
            done = self._post(replica, body, self._edits(body), ORDINARY)
            if done:
                replica.actions.append(done)

    def _edits(self, body: Core) -> list[Edit]:
        dice, states = self.dice, body.states()
        if not states or dice.random() < 0.3 / len(states):
            self.count += 1
            taken = {one.id or 0 for one in states if show.alive(one)}
            return sim_acts.creation(dice, taken, 1000 + self.count)
        edits = []
        for state in dice.sample(states, min(len(states), dice.choice((1, 1, 2)))):
            maker = sim_acts.MAKERS[dice.choice(self.shape.makers)]
            if not show.alive(state) and dice.random() < 0.7:
                maker = sim_acts.dies
            made = maker(dice, state, body.records.text)
            edits += [Edit(state.collection, state.dot, operation) for operation in made]
        return edits

    def _post(self, replica: Replica, body: Core, edits: list[Edit], kind: int) -> Action:
        """Write, and remember what was done, record by record."""
        of = bytes(8) if kind != ORDINARY else None
        try:
            raws = body.write(edits, self.now_ms + replica.skew_ms, kind, of)
        except RefusedOperationError as error:
            raise BrokenError(f"a person's edit is refused: {error}: {edits}") from error
        done: dict[Dot, list[Applied]] = {}
        for raw in raws:
            index = self.library.add(raw)
            replica.came.append(index)
            change = self.library.changes[index]
            at = body.log.find(change.hash)
            for part in change.parts:
                record = replica.to_local(self.library, part.record)
                mine = [one for one in body.history(record) if one.dot[:2] == at]
                done.setdefault(record, []).extend(mine)
        return list(done.items())

    def _take_back(self, replica: Replica, body: Core, action: Action, kind: int) -> Action:
        mine = {row.lane for row in body.log.lanes_of(replica.machine.device)}
        states = {one.dot: one for one in body.states()}
        edits: list[Edit] = []
        for record, done in action:
            history = body.history(record)
            known = {one.dot for one in history}
            still = [one for one in done if one.dot in known]
            if record in states and still:
                state, is_mine = states[record], lambda dot: dot.lane in mine
                taken = undo(still, state, history, body.records, is_mine, redo=kind == REDO)
                edits += [Edit(state.collection, record, one) for one in taken.operations]
        return self._post(replica, body, edits, kind) if edits else []

    # -- the team

    def _team(self, replica: Replica) -> None:
        """Something happens in the team, by what one computer knows of it; others hear of it sooner or later."""
        if self.shape.branches and self.dice.random() < 0.3:
            state, device = replica.hearing.view.state, replica.machine.device
            by_vote = self.dice.random() < 0.5
            raw = self.chain.take_over(state, device, by_vote=by_vote)
        else:
            keepers = [one for one in self.alive if self._may_append(one)]
            if not keepers:
                return
            replica = self.dice.choice(keepers)
            raw = self._append(replica)
        if raw is not None:
            self._teach_reader()
            self._hear_chain(replica, everything=True)
            self._join(replica)

    def _may_append(self, replica: Replica) -> bool:
        """Whether it is the keeper's, and knows all of the chain where that has no branches."""
        chain = self.chain
        state = replica.hearing.view.state if self.shape.branches else chain.views[-1].state
        return state.keeper == replica.machine.device

    def _append(self, replica: Replica) -> bytes | None:
        self._hear_chain(replica, everything=not self.shape.branches)
        state = replica.hearing.view.state
        if state.keeper != replica.machine.device:
            return None
        devices = [one for one in sorted(state.devices) if one != state.keeper]
        what = self.dice.choice(ON_BRANCHES if self.shape.branches else IN_TEAM)
        if not devices:
            return None
        return self.chain.act(what, state, self.dice.choice(devices), self._ends(replica, devices))

    def _join(self, inviter: Replica) -> None:
        """A computer that is new in the team begins, with what the one that added it has heard."""
        begun = {one.machine.device for one in self.replicas}
        for device, machine in self.chain.machines.items():
            new = device not in begun and len(self.chain.machines) > len(begun)
            joins = new and device in inviter.hearing.view.state.devices
            if joins and self.dice.random() < 0.2:
                self.replicas.append(self._new(machine, inviter.hearing.copy()))
                return

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


__all__ = ["BrokenError", "Kind", "Simulation", "bits", "shape_of"]
