"""Which volume a site writes to: the book's own function, because message clients hash differently."""

from zlib import crc32


def volume_of(site: str, volumes: int) -> int:
    """Return the volume (0 … volumes-1) of a site. Fixed for the life of a book."""
    return crc32(site.encode()) % volumes
