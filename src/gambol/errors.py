"""The errors that a user can meet, each in three sentences: what happened, why it matters, what to do.

Every error that a person can cause or mend is a `GambolError`; the command line prints its text and
exits with 2. Anything else that escapes is a defect of gambol and shows its traceback.
"""


class GambolError(Exception):
    """Something a user can mend; its text says what happened, why it matters and what to do."""

    exit_code = 2


class VideoError(GambolError):
    """A video, image or image list is missing, empty, truncated, or not a video at all."""


class FrameOutOfRange(VideoError):
    """A frame was asked for that the video does not have."""


class FrameLost(VideoError):
    """A frame that the video has cannot be decoded, because the file is damaged there."""


class LabelsError(GambolError):
    """A project cannot be read, or holds nothing that can be used."""


class SkeletonMismatch(GambolError):
    """A model and a project, or two files that are compared, disagree about the skeleton."""


class ModelError(GambolError):
    """A run folder or a stage of it is missing, incomplete or damaged."""


class JobError(GambolError):
    """A training was asked for that cannot be carried out as it stands."""


class OutputError(GambolError):
    """A result cannot be written: it exists already, the folder refuses it, or the disk is full."""


class DeviceError(GambolError):
    """The device that was asked for is not there or does not work."""
