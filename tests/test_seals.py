"""Seals: the same page always gives the same bytes, and no byte of it can change unnoticed (promise 4)."""

import hashlib

import pytest

from ledger.errors import Damage
from ledger.seals import digest_of, read_chain, read_page, seal_of, write_page
from schemas.page import FIRST_SEAL, Page
from tests.spec import World, given, received


def small_page() -> bytes:
    return given(received(5)).pages[-1][1]


def chain(world: World) -> list[bytes]:
    return [stored for _, stored in world.pages]


def read_all(pages: list[bytes]) -> list[tuple[Page, str]]:
    return list(read_chain(pages, "bg-test", 0, FIRST_SEAL))


def test_a_page_read_back_is_the_page_that_was_written() -> None:
    world = given(received(2, unit="箱"), received(5, awaiting_disinfection=True))
    world.submit(b"junk", received(1))
    for page, stored in world.pages:
        again, seal = read_page(stored, page.header.page)
        assert (again.header, again.entries) == (page.header, page.entries)
        assert write_page(again) == (stored, seal)


def test_the_seal_is_the_sha256_of_all_that_stands_before_it() -> None:
    stored = small_page()
    assert seal_of(stored) == hashlib.sha256(stored[:-64]).hexdigest() == digest_of(stored[:-64])


def test_any_changed_byte_of_a_page_is_found() -> None:
    stored = small_page()
    for place in range(len(stored)):
        for change in (0x01, 0x20, 0x80):
            changed = bytearray(stored)
            changed[place] ^= change
            with pytest.raises(Damage):
                read_page(bytes(changed), 3)


def test_a_page_cut_anywhere_or_added_to_is_found() -> None:
    stored = small_page()
    for kept in range(len(stored)):
        with pytest.raises(Damage):
            seal_of(stored[:kept])
    with pytest.raises(Damage):
        seal_of(stored + b"\n")


def test_a_page_dropped_swapped_or_read_twice_is_found() -> None:
    pages = chain(given(received(1), received(2)).when(received(3)).when(received(4)))
    assert len(read_all(pages)) == len(pages)
    for wrong in (
        [pages[0], *pages[2:]],
        [*pages[:2], pages[3], pages[2], *pages[4:]],
        [*pages[:2], pages[1], *pages[2:]],
        pages[1:],
    ):
        with pytest.raises(Damage):
            read_all(wrong)


def test_a_page_resealed_by_a_forger_does_not_continue_the_chain() -> None:
    pages = chain(given(received(1)).when(received(3)))
    body = pages[2][:-64].replace(b'"quantity":1', b'"quantity":9')
    forged = body + hashlib.sha256(body).hexdigest().encode()
    assert read_page(forged, 3)
    with pytest.raises(Damage) as found:
        read_all([*pages[:2], forged, *pages[3:]])
    assert (found.value.code, found.value.facts["page"]) == ("chain_broken", "4")


def test_pages_of_another_book_are_not_taken_for_ours() -> None:
    with pytest.raises(Damage):
        list(read_chain(chain(given()), "bg-other", 0, FIRST_SEAL))


def test_a_sealed_entry_this_program_cannot_read_is_named_by_its_page_and_place() -> None:
    body = small_page()[:-64].replace(b"goods_received.v1", b"goods_received.v9")
    with pytest.raises(Damage) as found:
        read_page(body + hashlib.sha256(body).hexdigest().encode(), 3)
    assert (found.value.code, found.value.facts["page"], found.value.facts["place"]) == ("entry_unreadable", "3", "1")
    assert "9" not in found.value.text("zh").split("页")[0]
