-- Headers of the pages of one commit, decoded. $headers and $seals: one a line.
CREATE OR REPLACE TEMP TABLE staged_page AS
WITH parts AS MATERIALIZED (SELECT string_split($headers, chr(10)) AS headers, string_split($seals, chr(10)) AS seals),
read AS (
    SELECT unnest(seals) AS seal, from_json(unnest(headers), '{
        "book": "VARCHAR", "volume": "INTEGER", "page": "BIGINT", "previous": "VARCHAR", "submission": "BIGINT",
        "recorded_at": "TIMESTAMPTZ", "sender": "VARCHAR", "first_seq": "BIGINT", "entries": "BIGINT",
        "refused": [{"index": "INTEGER", "result": "VARCHAR", "digest": "VARCHAR",
                     "reason": {"code": "VARCHAR", "facts": "JSON"}}],
        "readings": "MAP(BIGINT, STRUCT(line INTEGER, item VARCHAR, factor BIGINT, party VARCHAR, hold VARCHAR)[])",
        "opening": {"nature": "VARCHAR", "volumes": "INTEGER"}}') AS header
    FROM parts
)
SELECT seal, header.* FROM read
