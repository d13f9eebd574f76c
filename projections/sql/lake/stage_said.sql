-- What every entry says of goods: itself, or for a reversal the entry it undoes, the other way (A9).
CREATE OR REPLACE TEMP TABLE staged_said AS
SELECT seq, 1 AS sign, said FROM staged_entry
UNION ALL
SELECT seq, -1 AS sign, from_json(said.original, $form) AS said FROM staged_entry WHERE said.original IS NOT NULL
