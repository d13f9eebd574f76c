-- title: Pages · 账页
-- about: Every page of the book with its seal. · 每一页及其封印。
-- rules: A1
-- columns:
--   volume: Volume · 册
--   page: Page · 页
--   recorded_at: When it was recorded · 记账时间
--   sender: Who sent its submission · 发送者
--   first_seq: Sequence number of its first entry · 首张单据的序号
--   entries: Entries on it · 单据数
--   refused: Documents of its submission that made no entry · 未入账的单据数
--   seal: Its seal, SHA-256 · 封印
--   previous: Seal of the page before · 上一页的封印
-- example: SELECT page, entries, refused, seal FROM pages ORDER BY page DESC LIMIT 5
CREATE VIEW pages AS
SELECT volume, page, recorded_at, sender, first_seq, entries, refused, seal, previous FROM lake.page;
