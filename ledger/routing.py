"""Which volume a site writes to: the book's own function, because message clients hash differently."""

from zlib import crc32

from schemas.document import EVERY_SITE


def volume_of(site: str, volumes: int) -> int:
    """Return the volume (0 … volumes-1) of a site. Fixed for the life of an edition of the book."""
    return crc32(site.encode()) % volumes


def volumes_of(site: str, volumes: int) -> tuple[int, ...]:
    """Return the volumes a document of a site goes to: its own; one for every site (`*`) to all, the first first."""
    return tuple(range(volumes)) if site == EVERY_SITE else (volume_of(site, volumes),)
