INSERT INTO lake.page
SELECT volume, page, recorded_at, sender, first_seq, entries, len(refused), seal, previous, submission, book,
    opening.nature, opening.volumes
FROM staged_page ORDER BY page
