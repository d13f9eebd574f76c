INSERT INTO lake.entry
WITH paged AS (
    SELECT volume, page, recorded_at, sender, unnest(range(first_seq, first_seq + entries)) AS seq FROM staged_page
)
SELECT p.volume, p.page, p.seq, coalesce(said.site, '*'), said.source, said.number, split_part(said.kind, '.', 1),
    split_part(said.kind, '.', 2), TRY_CAST(said.happened_at AS TIMESTAMPTZ), TRY_CAST(said.happened_since AS TIMESTAMPTZ),
    TRY_CAST(said.happened_at[:10] AS DATE), p.recorded_at, said.recorded_by, p.sender, said.origin, said.supplier,
    said.donation.donor, coalesce(said.donation.designated_receiver, said.designated_receiver), said.donation.disclosure,
    said.receiver, said.department, said.approval, said.approved_by, coalesce(said."use", CASE WHEN said.kind LIKE 'goods_issued.%' THEN 'routine' END),
    said.transfer, coalesce(said.to_site, said.from_site),
    said.answers.site || '/' || said.answers.source || '/' || said.answers.number,
    said.reverses.site || '/' || said.reverses.source || '/' || said.reverses.number, said.replaces,
    said.kind LIKE 'goods_received.%' AND (said.signatures.supplier IS NULL
        OR said.signatures.using_department IS NULL OR said.signatures.warehouse IS NULL),
    said.note, e.document, sha256(e.document)
FROM staged_entry AS e JOIN paged AS p USING (seq)
ORDER BY p.seq
