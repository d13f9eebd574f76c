-- title: End of the response · 响应结束时间
-- about: When the response that was on at a site at a moment ended: the first moment after it at normal level; the moment itself when there was none; null while it lasts. · 某站点某时刻所处响应的结束时间:其后首个常态时刻;当时即常态则为该时刻;仍在响应中为空。
-- rules: F10, F12, K1
-- columns:
-- example: SELECT response_ended('WH-01', TIMESTAMPTZ '2020-01-29 10:00:00+08')
CREATE MACRO response_ended(at_site, at_moment) AS ((
    SELECT CASE WHEN coalesce(max_by(ended.level, ended.since) FILTER (ended.since <= asked_at), 'normal') = 'normal'
        THEN any_value(asked_at) ELSE min(ended.since) FILTER (ended.since > asked_at AND ended.level = 'normal') END
    FROM (SELECT at_site AS asked_site, at_moment AS asked_at) AS asked
    LEFT JOIN levels AS ended ON ended.site = asked_site
));
