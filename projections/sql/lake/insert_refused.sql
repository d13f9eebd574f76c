-- $kept: JSON object, digest -> bytes in hexadecimal.
INSERT INTO lake.refused
WITH listed AS (SELECT volume, page, recorded_at, sender, unnest(refused) AS r FROM staged_page WHERE len(refused) > 0),
kept AS (SELECT unnest(map_entries(from_json($kept, '"MAP(VARCHAR, VARCHAR)"'))) AS k)
SELECT volume, page, r.index, recorded_at, sender, r.result, r.digest, r.reason.code, r.reason.facts, unhex(k.value)
FROM listed LEFT JOIN kept ON k.key = r.digest
ORDER BY page, r.index
