"""What a Matroska or WebM file says of where its packets begin and end. Source: RFC 8794 (EBML), RFC 9559."""

from pathlib import Path

CLUSTER = b"\x1f\x43\xb6\x75"
BESIDE_CLUSTERS = (
    b"\x11\x4d\x9b\x74", b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b", b"\x1c\x53\xbb\x6b",  # seek head, info, tracks, cues
    b"\x12\x54\xc3\x67", b"\x10\x43\xa7\x70", b"\x19\x41\xa4\x69")                      # tags, chapters, attachments
VOID, CRC = b"\xec", b"\xbf\x84"
TIME = 0xE7
AFTER_BLOCK = 24  # bytes at most that belong to the last block and lie behind it


def first_cluster(path: Path) -> tuple[int, int]:
    """Where the first packets should be, and the time there; 0 if what should say so is destroyed."""
    with path.open("rb") as file:
        _, segment = element_end(file.read(12)[4:], 4)
        file.seek(segment + 4)
        place = segment + 4 + _length_of_size(file.read(1))
        while True:
            file.seek(place)
            head = file.read(32)
            if head[:1] == VOID:
                place = element_end(head[1:9], place + 1)[1]
            elif head[:4] in BESIDE_CLUSTERS:
                place = element_end(head[4:12], place + 4)[1]
            else:
                break
    return place, _time(head) if head[:4] == CLUSTER else 0


def ends_well(path: Path, end: int) -> bool:
    """Whether something that may follow the last packet lies where it ends."""
    with path.open("rb") as file:
        file.seek(end)
        after = file.read(AFTER_BLOCK)
    return len(after) < AFTER_BLOCK or any(name in after for name in (CLUSTER, *BESIDE_CLUSTERS))


def element_end(size_field: bytes, offset: int) -> tuple[bool, int]:
    """(whether its size is known, where it ends) of an element whose size field lies at `offset`."""
    length = _length_of_size(size_field)
    if not length:
        return False, offset
    bits = 7 * length
    size = int.from_bytes(size_field[:length], "big") & (2**bits - 1)
    return size != 2**bits - 1, offset + length + size


def _length_of_size(field: bytes) -> int:
    """How many bytes an element's size takes: the first 1 bit tells; 0 if none does."""
    return 9 - field[0].bit_length() if field and field[0] else 0


def _time(cluster: bytes) -> int:
    """The time at which a cluster begins; 0 if it does not say."""
    content = cluster[4 + _length_of_size(cluster[4:5]):]
    if content.startswith(CRC):
        content = content[len(CRC) + 4:]
    return int.from_bytes(content[2:2 + (content[1] & 0x7F)]) if len(content) > 1 and content[0] == TIME else 0
