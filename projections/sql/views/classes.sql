-- title: Classes I and II · i 类、ii 类物资
-- about: Every grading of an item in an area, with the three inputs, their evidence and the thresholds used: the latest by happened_at holds until the next. · 每次分类结果及其三项依据、证据和所用标准;按发生时间,最近一次有效至下一次。
-- rules: C1, C2, C3
-- columns:
--   item: Item · 物资
--   area: Where it holds: a site, an area, a district, or * · 适用范围:站点、片区、区或 *
--   class: I, II or none · i 类 I、ii 类 II、未分类 none
--   changed: Whether the class is another than before · 与上次不同
--   happened_at: As of when · 截至时间
--   until_at: When the next grading took its place; null while it holds · 被下次取代的时间;现行为空
--   epidemic_demand: Demand in the epidemic, base units · 疫情期需求(基本单位)
--   normal_demand: Demand of the same period in normal times · 同期常态需求
--   no_base: Demand without any normal demand: counts as twice it · 无基数(按两倍计)
--   cycle_days: Days to procure · 采购周期(天)
--   sufficient: Whether suppliers can deliver it · 供应能力是否充足
--   evidence: Where the figures come from (M4) · 依据
--   match: all or any of the three · 三项全部或任一
--   class_1_ratio_percent: Class I from this percent of normal demand · I 类需求比(%)
--   class_1_cycle_days: Class I from these days · I 类周期(天)
--   class_2_ratio_percent: Class II above this percent · II 类需求比(%)
--   class_2_cycle_days: Class II from these days · II 类周期(天)
--   site: Site that reported · 上报站点
--   seq: Sequence number of its entry · 单据序号
--   line: Line number · 行号
--   entry: Entry · 单据号
-- example: SELECT item, class, happened_at, epidemic_demand, normal_demand FROM classes WHERE changed ORDER BY happened_at
CREATE VIEW classes AS
WITH said AS (
    SELECT site, seq, happened_at, site || '/' || source || '/' || number AS entry,
        coalesce(document ->> '$.area', '*') AS area,
        unnest(from_json(document -> '$.lines', '[{"line": "INTEGER", "quantity": "BIGINT", "normal_demand": "BIGINT",
            "cycle_days": "INTEGER", "capacity": "BIGINT", "capacity_sufficient": "BOOLEAN", "evidence": "VARCHAR"}]'),
            max_depth := 2)
    FROM lake.entry AS e WHERE kind = 'class_inputs_reported' AND NOT EXISTS (
        SELECT 1 FROM lake.entry AS r WHERE r.reverses = e.site || '/' || e.source || '/' || e.number
    )
),
inputs AS (
    SELECT s.* EXCLUDE (quantity, normal_demand, capacity, capacity_sufficient), l.item, l.volume,
        s.quantity * l.factor AS epidemic_demand, s.normal_demand * l.factor AS normal_demand,
        coalesce(s.capacity >= s.quantity, s.capacity_sufficient) AS sufficient,
        policy_at('class_match', 'all', s.site, l.item, s.happened_at) AS match,
        policy_at('class_1_ratio_percent', '200', s.site, l.item, s.happened_at)::BIGINT AS class_1_ratio_percent,
        policy_at('class_1_cycle_days', '5', s.site, l.item, s.happened_at)::BIGINT AS class_1_cycle_days,
        policy_at('class_2_ratio_percent', '100', s.site, l.item, s.happened_at)::BIGINT AS class_2_ratio_percent,
        policy_at('class_2_cycle_days', '3', s.site, l.item, s.happened_at)::BIGINT AS class_2_cycle_days
    FROM said AS s JOIN lake.line AS l ON l.site = s.site AND l.seq = s.seq AND l.line = s.line AND l.sign = 1
),
weighed AS (
    SELECT *,
        [epidemic_demand > 0 AND epidemic_demand * 100 >= normal_demand * class_1_ratio_percent,
         cycle_days >= class_1_cycle_days, NOT sufficient] AS at_1,
        [epidemic_demand * 100 > normal_demand * class_2_ratio_percent,
         cycle_days >= class_2_cycle_days, NOT sufficient] AS at_2
    FROM inputs
),
graded AS (
    SELECT *, CASE
        WHEN CASE match WHEN 'all' THEN list_bool_and(at_1) ELSE list_bool_or(at_1) END THEN 'I'
        WHEN CASE match WHEN 'all' THEN list_bool_and(at_2) ELSE list_bool_or(at_2) END THEN 'II'
        ELSE 'none' END AS class
    FROM weighed
)
SELECT item, area, class, class <> coalesce(lag(class) OVER told, 'none') AS changed, happened_at,
    lead(happened_at) OVER told AS until_at, epidemic_demand, normal_demand,
    normal_demand = 0 AND epidemic_demand > 0 AS no_base, cycle_days, sufficient, evidence, match,
    class_1_ratio_percent, class_1_cycle_days, class_2_ratio_percent, class_2_cycle_days, site, seq, line, entry
FROM graded WINDOW told AS (PARTITION BY item, area ORDER BY happened_at, volume, seq, line);
