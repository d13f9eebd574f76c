INSERT INTO lake.entry
WITH paged AS (
    SELECT volume, page, recorded_at, sender, unnest(range(first_seq, first_seq + entries)) AS seq FROM staged_page
),
flat AS (
    SELECT seq, coalesce(said.site, '*') AS site, said.source, said.number, split_part(said.kind, '.', 1) AS kind,
        split_part(said.kind, '.', 2) AS version, TRY_CAST(said.happened_at AS TIMESTAMPTZ) AS happened_at,
        TRY_CAST(said.happened_since AS TIMESTAMPTZ) AS happened_since,
        TRY_CAST(said.happened_at[:10] AS DATE) AS happened_on, said.recorded_by, said.origin, said.supplier,
        said.donation.donor AS donor,
        coalesce(said.donation.designated_receiver, said.designated_receiver) AS designated_receiver,
        said.donation.disclosure AS disclosure, said.receiver, said.department, said.approval, said.approved_by,
        coalesce(said."use", CASE WHEN said.kind LIKE 'goods_issued.%' THEN 'routine' END) AS "use", said.transfer,
        coalesce(said.to_site, said.from_site) AS other_site,
        said.answers.site || '/' || said.answers.source || '/' || said.answers.number AS answers,
        said.reverses.site || '/' || said.reverses.source || '/' || said.reverses.number AS reverses, said.replaces,
        said.kind LIKE 'goods_received.%' AND (said.signatures.supplier IS NULL
            OR said.signatures.using_department IS NULL OR said.signatures.warehouse IS NULL) AS provisional,
        said.note, document, sha256(document) AS digest
    FROM staged_entry
)
SELECT p.volume, p.page, seq, site, source, number, kind, version, happened_at, happened_since, happened_on, p.recorded_at,
    recorded_by, p.sender, origin, supplier, donor, designated_receiver, disclosure, receiver, department, approval,
    approved_by, "use", transfer, other_site, answers, reverses, replaces, provisional, note, document, digest
FROM flat JOIN paged AS p USING (seq)
-- What is about every site stands in every volume of the book; here it stands once, as the first volume has it.
WHERE volume = 0 OR site <> '*'
ORDER BY seq
