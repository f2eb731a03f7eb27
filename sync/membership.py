"""Who is in the team: the face of the team log (`sync/team/`).

    log = TeamLog(genesis, workspace=..., anchor=...)    what a device has heard; log.receive(raw), log.records
    log.state                                            members, devices, keeper, epochs at the followed head
    log.team                                             the same as storage's `Team`, for acceptance
    found(...), Pen(...)                                 making records; Pen(...).append(act), .propose(act)
    open_as_device, open_by_recovery                     keys of epochs; open_name for names
    learn(keyring, log.state, opened)                    what storage's `Sealer` has to know

Everything is pure: no file, clock, chance or thread.
"""

from __future__ import annotations

from sync.errors import UnsureKeeperError
from sync.keys import Keyring
from sync.team.log import Evidence, Heard, TeamLog
from sync.team.making import (
    Ends,
    Founded,
    Pen,
    card_of,
    claim_of,
    found,
    recovery_of,
    vote_for,
)
from sync.team.opening import GENESIS, Opened, open_as_device, open_by_recovery, open_name
from sync.team.proposals import Proposals, Standing
from sync.team.records import Card, Proposal, Record
from sync.team.state import Device, Epoch, Member, State
from sync.team.view import TeamView
from sync.team.wire import (
    Act,
    HandOver,
    Joining,
    Label,
    Recovery,
    RemoveDevice,
    RemoveMember,
    Rename,
    ReplaceRecovery,
    Role,
    Rotate,
    SetRole,
    SignedCard,
    Vote,
)

__all__ = [
    "GENESIS",
    "Act",
    "Card",
    "Device",
    "Ends",
    "Epoch",
    "Evidence",
    "Founded",
    "HandOver",
    "Heard",
    "Joining",
    "Label",
    "Member",
    "Opened",
    "Pen",
    "Proposal",
    "Proposals",
    "Record",
    "Recovery",
    "RemoveDevice",
    "RemoveMember",
    "Rename",
    "ReplaceRecovery",
    "Role",
    "Rotate",
    "SetRole",
    "SignedCard",
    "Standing",
    "State",
    "TeamLog",
    "TeamView",
    "Vote",
    "card_of",
    "check_sure",
    "claim_of",
    "found",
    "learn",
    "open_as_device",
    "open_by_recovery",
    "open_name",
    "recovery_of",
    "vote_for",
]


def learn(keyring: Keyring, state: State, opened: Opened) -> None:
    """Tell a keyring of every device that ever was and of every key that was opened.

    A keyring never forgets: once a branch was left for another (`Heard.switched`), begin a new one.
    """
    for device in state.known.values():
        keyring.learn_device(device.id, device.card.sign)
    for epoch, key in opened.keys.items():
        if epoch != GENESIS:
            keyring.learn_epoch(epoch, key)


def check_sure(log: TeamLog, *, doubtful: bool, heard: bytes | None) -> None:
    """Raise UnsureKeeperError while a keeper must not append (rule 40).

    `doubtful`: its instance mark does not match, or it opened after a restore. `heard`: the head that another device
    or a hub named since. Taking over is always possible.
    """
    if doubtful and (heard is None or log.team.place_of(heard) is None):
        raise UnsureKeeperError
