-- Totals in book order, entry by entry: how often the book of an item went below nothing.
SELECT site, item, sum(moved)::BIGINT, count(*) FILTER (after < 0 AND after - moved >= 0)
FROM (
    SELECT site, item, seq, sum(delta) AS moved, sum(sum(delta)) OVER (PARTITION BY site, item ORDER BY seq) AS after
    FROM lake.line WHERE moves_stock(kind) GROUP BY site, item, seq
) GROUP BY site, item
