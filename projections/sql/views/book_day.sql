-- title: The book's day · 账本的日子
-- about: The date of the book's clock in the book's time zone. · 账本时钟在账本时区的日期。
-- rules: A10, D8
-- columns:
-- example: SELECT book_day()
CREATE MACRO book_day() AS (SELECT book_now()::DATE);
