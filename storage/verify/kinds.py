"""What each kind of problem means for people's data, and what to do about it, in a sentence or two."""

from __future__ import annotations

from typing import Final

_FROM_CHANGES: Final = (
    "Its changes are whole, so nothing is lost: what is made anew of all changes has it right."
)
_ANEW: Final = "Nothing is lost: it is made of the records, and can be made anew from them."
_ELSEWHERE: Final = (
    "Bring back a backup, or take the workspace from another device, which has it whole."
)

MEANINGS: Final = {
    # the file
    "damaged_page": "Bytes of the file are not those that were written, so what lay there cannot be read any more. "
    + _ELSEWHERE,
    "damaged_structure": "The file is not put together as it must be, so some of it could not be looked at. "
    + _ELSEWHERE,
    "lost_commits": "Saved work is missing: the drive said that it kept it and did not. "
    + _ELSEWHERE,
    # rows and what hangs on them
    "unreadable_record": "The values of a record cannot be read. " + _ELSEWHERE,
    "unknown_field_kind": "Searches and filters may miss this record. " + _ANEW,
    "wrong_position": "The record may stand in another place of the list. No value is lost.",
    "wrong_count": "A number of records is shown wrongly. No record is lost by it.",
    "wrong_counter": "A new record may be refused since its id is taken. No record is lost by it.",
    "wrong_field_index": "Filters and orders by a field may miss records. " + _ANEW,
    "wrong_search_index": "A search may miss records, or find them by words they do not hold. "
    + _ANEW,
    "stray_trash": "A record in the trash cannot be brought back, since its collection is gone.",
    # the team
    "broken_chain": "What is known of the team is not what its owners signed, so which changes count is in doubt. "
    + _ELSEWHERE,
    # changes
    "damaged_change": "A change is not what its author signed: it cannot be sent to others nor looked at in the "
    "history. What it did is still shown. " + _ELSEWHERE,
    "damaged_part": "A part of a change is not what its author signed: it cannot be sent to others nor looked at in "
    "the history. What it did is still shown. " + _ELSEWHERE,
    "wrong_signature": "A change was not signed by the device it is said to be of: somebody, or a bad drive, put it "
    "there. Other devices refuse it. " + _ELSEWHERE,
    "unreadable_change": "A change counts here and cannot be read, so other devices see something else. "
    + _ELSEWHERE,
    "missing_change": "Changes are missing that others follow: what they did is shown, and their history is gone. "
    + _ELSEWHERE,
    "broken_link": "A change does not follow the one before it: one of the two is not where it was written. "
    + _ELSEWHERE,
    "misplaced_change": "A change lies under another feed or number than its own: its history is told wrongly, and it "
    "is sent under a wrong name. " + _ELSEWHERE,
    "wrong_note": "What is noted of a change is wrong; undo and the history may show it wrongly. The change is whole.",
    "wrong_advance": "What the author of a change had seen is noted wrongly, so conflicts may be decided otherwise "
    "than on other devices. The change is whole.",
    "wrong_acceptance": "A change counts here that must not, or the other way round, so other devices show other "
    "values. The changes are whole.",
    "damaged_held_change": "A change that waits here is damaged. It was never counted, and comes again from others.",
    # records and their changes
    "broken_history": "The history of this record cannot be followed to its beginning, and an undo may refuse. Its "
    "values are shown as they were saved. " + _ELSEWHERE,
    "unproved_record": "Whether these records are right cannot be told while a change in their history is damaged.",
    "unreadable_state": "What belongs to a record beside its values cannot be read, so it cannot be edited. "
    + _FROM_CHANGES,
    "wrong_state": "What is kept beside a record's values is wrong, so later edits may be merged wrongly. "
    + _FROM_CHANGES,
    "wrong_document": "Other values are shown than were saved. " + _FROM_CHANGES,
    "missing_record": "A record is not there although it was saved. " + _FROM_CHANGES,
    "stray_record": "A record is there twice, or was never saved by anybody: other devices do not have it.",
    "misplaced_record": "A record is in the trash that must not be, or the other way round. "
    + _FROM_CHANGES,
    "wrong_id": "A record has another id than on other devices, so a link to it may lead elsewhere. No value is lost.",
    "wrong_dispute": "The list of conflicts lacks a record, or has one too many. No value is lost.",
    # attachments
    "missing_blob": "The content of an attachment is not on this computer. Its record is whole. Look for the file in a "
    "backup, or attach it anew.",
    "unreadable_blob": "The content of an attachment cannot be read at the moment. Its record is whole. See that the "
    "drive answers and that the folder may be read.",
    "damaged_blob": "The content of an attachment is not what was attached, and is not given out. Its record is whole. "
    "Get the file from a backup, or attach it anew.",
    "wrong_blob_size": "The content of an attachment is cut short or too long, and is not given out. Its record is "
    "whole. Get the file from a backup, or attach it anew.",
    "stray_blob": "A file of an attachment is there that no record is known to have. It takes room and harms nothing.",
    # books
    "wrong_digest": "By the number that proves equality, this device would be told to differ from others that are "
    "equal. No value is lost by it.",
    "wrong_feed": "It is noted wrongly which feed this device writes, so its next changes may go into a new one. What "
    "is there is whole.",
}
