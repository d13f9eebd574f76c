-- What every entry says of goods: itself, or for a reversal the entry it undoes, the other way (A9). One row an entry.
CREATE OR REPLACE TEMP TABLE staged_said AS
WITH paged AS (
    SELECT volume, page, recorded_at, unnest(range(first_seq, first_seq + entries)) AS seq FROM staged_page
),
said AS (
    SELECT seq, said AS own, said, 1 AS sign FROM staged_entry WHERE said.lines IS NOT NULL
    UNION ALL
    SELECT seq, said AS own, from_json(said.original, $form), -1 FROM staged_entry WHERE said.original IS NOT NULL
)
SELECT p.volume, p.page, seq, p.recorded_at, sign, own.site AS site, own.source AS source, own.number AS number,
    TRY_CAST(own.happened_at AS TIMESTAMPTZ) AS happened_at, TRY_CAST(own.happened_at[:10] AS DATE) AS happened_on,
    split_part(said.kind, '.', 1) AS kind, said.releases AS releases, said.transfer AS transfer, said.lines AS lines,
    CASE kind WHEN 'goods_issued' THEN said.receiver WHEN 'usage_reported' THEN said.receiver WHEN 'goods_returned' THEN said.returned_by
        WHEN 'goods_received' THEN said.donation.designated_receiver WHEN 'gift_passed_on' THEN said.receiver
        WHEN 'goods_released' THEN said.designated_receiver END AS party_written,
    CASE WHEN kind IN ('transfer_dispatched', 'dispatch_ordered') THEN said.site ELSE said.from_site END AS from_site,
    CASE WHEN kind IN ('transfer_arrived', 'goods_passed_through') THEN said.site ELSE said.to_site END AS to_site
FROM said JOIN paged AS p USING (seq)
