-- title: The book's clock · 账本的时钟
-- about: Now; for a rehearsal the time of its last page, so that a replay of the past is judged on its own day; asked over two clocks, no later than either. · 现在;演练账本则是最后一页的记录时间,重放历史时按当时的日子判断;按两个时钟提问时,不晚于所问的时刻。
-- rules: A10, Q1
-- columns:
-- example: SELECT book_now()
CREATE MACRO book_now() AS (
    SELECT least(getvariable('happened_by')::TIMESTAMPTZ, getvariable('known_by')::TIMESTAMPTZ,
        CASE WHEN max(nature) = 'rehearsal' THEN max(recorded_at) ELSE now() END)
    FROM lake.page
);
