-- Documents of one commit, decoded. $documents: one a line, in book order; $first: the sequence number of the first.
CREATE OR REPLACE TEMP TABLE staged_entry AS
WITH parts AS MATERIALIZED (SELECT string_split($documents, chr(10)) AS documents),
listed AS MATERIALIZED (SELECT unnest(documents) AS document, unnest(range($first, $first + len(documents))) AS seq FROM parts)
SELECT seq, document, from_json(document, $form) AS said FROM listed WHERE document <> ''
