-- The second model of what moves: worked out here from the documents, and compared by verify with the folds.
INSERT INTO lake.line
WITH per_entry AS (
    SELECT seq, sign, arg_min(party, place) AS party FROM staged_reading WHERE party IS NOT NULL GROUP BY ALL
),
per_line AS (
    SELECT seq, sign, line, max_by(item, place) AS item, max_by(factor, place) AS factor, arg_max_null(hold, place) AS hold
    FROM staged_reading GROUP BY ALL
),
partied AS (
    SELECT s.*, CASE WHEN party_written IS NOT NULL THEN coalesce(e.party, party_written) END AS party
    FROM staged_said AS s LEFT JOIN per_entry AS e USING (seq, sign)
),
written AS (
    SELECT * EXCLUDE (lines, party_written), unnest(lines, max_depth := 2), generate_subscripts(lines, 1) AS place
    FROM partied
),
read AS (
    SELECT w.*, r.item AS item_read, coalesce(r.factor, 1) AS factor, r.hold AS hold,
        TRY_CAST(coalesce(w.quantity, w.quantity_change)::HUGEINT * coalesce(r.factor, 1) AS BIGINT) AS base
    FROM written AS w LEFT JOIN per_line AS r ON r.seq = w.seq AND r.sign = w.sign AND r.line = w.line
)
SELECT volume, page, seq, place, line, site, source, number, kind, sign, happened_at, recorded_at, happened_on,
    coalesce(item_read, item), item, CASE WHEN kind = 'stock_counted' THEN lot ELSE coalesce(lot, '') END, unit,
    coalesce(quantity, quantity_change), factor,
    sign * CASE
        WHEN kind IN ('goods_received', 'transfer_arrived', 'stock_adjusted', 'kits_packed', 'kits_unpacked') THEN base
        WHEN kind IN ('goods_issued', 'transfer_dispatched') THEN -base
        WHEN kind = 'goods_returned' AND condition <> 'lost' THEN base
        ELSE 0 END,
    sign * CASE
        WHEN hold IS NOT NULL AND kind IN ('goods_received', 'transfer_arrived') THEN base
        WHEN hold IS NOT NULL AND kind = 'goods_returned' AND condition <> 'lost' THEN base
        WHEN kind = 'goods_released' AND releases = 'hold' THEN -base
        ELSE 0 END,
    hold, CASE WHEN kind = 'stock_counted' THEN base END, kind = 'stock_counted' AND lot IS NOT NULL, party,
    TRY_CAST(expires_on AS DATE), TRY_CAST(produced_on AS DATE), specification, registration, price_fen, condition,
    transfer, from_site, to_site
FROM read ORDER BY seq, place
