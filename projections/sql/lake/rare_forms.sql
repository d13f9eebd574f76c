-- Entries with a moment or day that DuckDB does not read as written.
SELECT DISTINCT e.seq, e.document
FROM staged_said AS s JOIN staged_entry AS e USING (seq)
WHERE TRY_CAST(s.said.happened_at AS TIMESTAMPTZ) IS NULL
    OR (s.said.happened_since IS NOT NULL AND TRY_CAST(s.said.happened_since AS TIMESTAMPTZ) IS NULL)
    OR (s.said.lines IS NOT NULL AND len(list_filter(s.said.lines, lambda l:
            (l.expires_on IS NOT NULL AND TRY_CAST(l.expires_on AS DATE) IS NULL)
            OR (l.produced_on IS NOT NULL AND TRY_CAST(l.produced_on AS DATE) IS NULL))) > 0)
