-- What admission read on the lines: from the page for its entries, from a reversal for what it undoes.
CREATE OR REPLACE TEMP TABLE staged_reading AS
WITH on_pages AS (SELECT first_seq, unnest(map_entries(readings)) AS read FROM staged_page WHERE readings IS NOT NULL),
lists AS (
    SELECT first_seq + read.key AS seq, 1 AS sign, read.value AS readings FROM on_pages
    UNION ALL
    SELECT seq, -1, said.readings FROM staged_entry WHERE said.original IS NOT NULL AND said.readings IS NOT NULL
)
SELECT seq, sign, unnest(readings, max_depth := 2), generate_subscripts(readings, 1) AS place FROM lists
