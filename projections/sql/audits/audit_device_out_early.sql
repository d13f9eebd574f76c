-- title: Devices assessed before the end · 设备未到疫情结束即出区鉴定
-- about: Which devices that failed in the highest-risk area were assessed while its response was still on? · 哪些在高风险区故障的设备,在响应未结束时就出区鉴定?
-- rules: H4, K1, K2
-- columns:
--   entry: Assessment · 鉴定单
--   site: Site · 站点
--   item: Empty: about no item · 空
--   happened_at: When · 时间
--   what: In words · 说明
--   device: Device · 设备
--   failed_at: When it failed · 故障时间
--   zone: Zone at that time · 当时分区
--   level: Level of emergency when assessed · 鉴定时应急等级
-- example: SELECT entry, device, level FROM audit_device_out_early
CREATE VIEW audit_device_out_early AS
WITH failures AS (
    SELECT e.entry, e.site, e.happened_at, e.document ->> '$.device' AS device, s.area, s.district
    FROM entries AS e LEFT JOIN sites AS s USING (site) WHERE e.kind = 'device_failed' AND e.reversed_by IS NULL
),
assessed AS (
    SELECT entry AS assessment, happened_at AS assessed_at,
        (document ->> '$.settles.site') || '/' || (document ->> '$.settles.source') || '/' || (document ->> '$.settles.number') AS entry
    FROM entries WHERE kind = 'damage_settled' AND reversed_by IS NULL
),
seen AS (SELECT * FROM failures JOIN assessed USING (entry)),
zoned AS (
    SELECT b.assessment, z.document ->> '$.zone' AS zone FROM seen AS b JOIN lake.entry AS z ON z.kind = 'zone_set'
        AND (z.document ->> '$.area') IN (b.area, b.district, '*')
        AND (z.document ->> '$.effective_from')::TIMESTAMPTZ <= b.happened_at
    QUALIFY row_number() OVER (PARTITION BY b.assessment ORDER BY
        CASE (z.document ->> '$.area') WHEN b.area THEN 0 WHEN b.district THEN 1 ELSE 2 END,
        (z.document ->> '$.effective_from')::TIMESTAMPTZ DESC, z.seq DESC) = 1
),
leveled AS (
    SELECT b.assessment, l.level FROM seen AS b ASOF JOIN levels AS l ON l.site = b.site AND b.assessed_at >= l.since
)
SELECT b.assessment AS entry, b.site, '' AS item, b.assessed_at AS happened_at,
    format('{} assessed during {} · {} 在 {} 期间鉴定', b.device, l.level, b.device, l.level) AS what, b.device,
    b.happened_at AS failed_at, z.zone, l.level
FROM seen AS b JOIN zoned AS z USING (assessment) JOIN leveled AS l USING (assessment)
WHERE z.zone IN ('locked_down', 'high') AND l.level <> 'normal';
