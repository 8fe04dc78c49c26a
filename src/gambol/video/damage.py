"""Which frames of a damaged stretch can still be shown.

Decoders conceal damage: they repeat, smear or grey out what they lack, and go on predicting from that. So a frame
counts as lost when its packet cannot be decoded, gives no frame, or gives one that the decoder marks as corrupt; and
with it all that is decoded after it until the next keyframe, because it may be predicted from it.
"""

from pathlib import Path

from gambol.video.index import FrameIndex
from gambol.video.track import Track


def lost_frames(path: Path, index: FrameIndex, group: int) -> frozenset[int]:
    """The frames of a group (as `FrameIndex.group` counts them) that cannot be shown.

    The group is decoded on its own, so the answer does not depend on what was read before; and in one thread, so
    that the decoder's complaints can be laid to the packets that caused them.
    """
    members = index.members(group)
    starts = (group, group - 1) if group > 0 else (group,)  # a keyframe may be of no use without the one before it
    with Track(path, index, threads=1) as track:
        lost = _lost_from(track, starts[0], index, members)
        for start in starts[1:] if lost else ():
            lost = min(lost, _lost_from(track, start, index, members), key=len)
    return lost


def _lost_from(track: Track, start: int, index: FrameIndex, members: range) -> frozenset[int]:
    """The frames of a group that are lost if decoding begins at a keyframe."""
    looked_at = range(members.start, min(members.stop + 1, len(index)))  # frames before the next keyframe may need it
    missing = set(looked_at)
    unsound = set(looked_at) & index.damaged
    track.stand_at(start)
    for position, frame in track.frames():
        if frame is None or frame.is_corrupt:
            unsound |= {position} & set(looked_at)
        missing.discard(position if frame is not None else -1)
        if frame is not None and position >= looked_at.stop - 1:
            break
    unsound |= missing
    if not unsound:
        return frozenset()
    first = min(int(index.packets[position]) for position in unsound)
    return frozenset(position for position in members if index.packets[position] >= first)
