-- The second model of what moves: worked out here from the documents, and compared by verify with the folds.
INSERT INTO lake.line
WITH paged AS (
    SELECT volume, page, recorded_at, unnest(range(first_seq, first_seq + entries)) AS seq FROM staged_page
),
per_entry AS (SELECT seq, sign, arg_min(party, place) AS party FROM staged_reading WHERE party IS NOT NULL GROUP BY ALL),
per_line AS (
    SELECT seq, sign, line, max_by({'item': item, 'factor': factor, 'hold': hold}, place) AS reading
    FROM staged_reading GROUP BY ALL
),
written AS (
    SELECT s.seq, s.sign, s.said, split_part(s.said.kind, '.', 1) AS kind, unnest(s.said.lines) AS l,
        generate_subscripts(s.said.lines, 1) AS place
    FROM staged_said AS s WHERE s.said.lines IS NOT NULL
),
lined AS (
    SELECT w.*, r.reading.item AS item_read, coalesce(r.reading.factor, 1) AS factor, r.reading.hold AS hold,
        coalesce(l.quantity, l.quantity_change) AS quantity,
        TRY_CAST(coalesce(l.quantity, l.quantity_change)::HUGEINT * coalesce(r.reading.factor, 1) AS BIGINT) AS base
    FROM written AS w LEFT JOIN per_line AS r ON r.seq = w.seq AND r.sign = w.sign AND r.line = w.l.line
)
SELECT p.volume, p.page, w.seq, w.place, w.l.line, o.said.site, o.said.source, o.said.number, w.kind, w.sign,
    TRY_CAST(o.said.happened_at AS TIMESTAMPTZ), p.recorded_at, TRY_CAST(o.said.happened_at[:10] AS DATE),
    coalesce(w.item_read, w.l.item), w.l.item,
    CASE WHEN w.kind = 'stock_counted' THEN w.l.lot ELSE coalesce(w.l.lot, '') END, w.l.unit, w.quantity, w.factor,
    w.sign * CASE
        WHEN w.kind IN ('goods_received', 'transfer_arrived', 'stock_adjusted') THEN base
        WHEN w.kind IN ('goods_issued', 'transfer_dispatched') THEN -base
        WHEN w.kind = 'goods_returned' AND w.l.condition <> 'lost' THEN base
        ELSE 0 END,
    w.sign * CASE
        WHEN w.kind IN ('goods_received', 'transfer_arrived') AND w.hold IS NOT NULL THEN base
        WHEN w.kind = 'goods_returned' AND w.l.condition <> 'lost' AND w.hold IS NOT NULL THEN base
        WHEN w.kind = 'goods_released' AND w.said.releases = 'hold' THEN -base
        ELSE 0 END,
    w.hold, CASE WHEN w.kind = 'stock_counted' THEN base END, w.kind = 'stock_counted' AND w.l.lot IS NOT NULL,
    CASE WHEN w.kind IN ('goods_issued', 'goods_returned') THEN coalesce(e.party, w.said.receiver, w.said.returned_by)
         WHEN w.kind = 'goods_received' AND w.said.donation.designated_receiver IS NOT NULL
            THEN coalesce(e.party, w.said.donation.designated_receiver)
         WHEN w.kind = 'goods_released' AND w.said.designated_receiver IS NOT NULL
            THEN coalesce(e.party, w.said.designated_receiver) END,
    TRY_CAST(w.l.expires_on AS DATE), TRY_CAST(w.l.produced_on AS DATE), w.l.specification, w.l.registration, w.l.price_fen,
    w.l.condition, w.said.transfer,
    CASE w.kind WHEN 'transfer_dispatched' THEN w.said.site WHEN 'transfer_arrived' THEN w.said.from_site END,
    CASE w.kind WHEN 'transfer_dispatched' THEN w.said.to_site WHEN 'transfer_arrived' THEN w.said.site END
FROM lined AS w
JOIN paged AS p ON p.seq = w.seq
JOIN staged_entry AS o ON o.seq = w.seq
LEFT JOIN per_entry AS e ON e.seq = w.seq AND e.sign = w.sign
ORDER BY w.seq, w.place
