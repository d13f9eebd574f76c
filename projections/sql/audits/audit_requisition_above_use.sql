-- title: Requisitions far above use · 远超用量的申领
-- about: Which requisitions are far above the department's own recent use (policy: times the median, or z), or above headcount × standard × rounds − left – and what was answered? · 哪些申领远超该部门近期用量(参数:中位数倍数或 z),或超过人数×标准×轮次−剩余?如何答复?
-- rules: D1, J
-- columns:
--   entry: Entry · 单据号
--   site: Store asked · 受理的仓库
--   item: Item · 物资
--   happened_at: When · 时间
--   what: In words · 说明
--   department: Who asks · 申领部门
--   quantity: Asked for, base units · 申领数(基本单位)
--   drawn_median: Median day, base units · 日领用中位数
--   above_median: Beyond so many times the median · 超过中位数倍数
--   above_z: Beyond so many standard deviations · 超过标准差倍数
--   above_need: Beyond headcount × standard × rounds − left · 超过人数×标准×轮次−剩余
--   outcome: What was answered: confirmed or explained · 答复:属实或已说明
-- example: SELECT entry, department, item, quantity, drawn_median, outcome FROM audit_requisition_above_use
CREATE VIEW audit_requisition_above_use AS
WITH weighed AS (
    SELECT *, policy_at('requisition_times_median', '3', site, item, happened_at)::BIGINT AS times,
        policy_at('requisition_z', '3', site, item, happened_at)::BIGINT AS z,
        policy_at('kit_standard', '-1', site, item, happened_at)::BIGINT AS standard,
        drawn_days * quantity - drawn_total AS above,
        drawn_days * drawn_squares - drawn_total * drawn_total AS spread
    FROM requisitions WHERE policy_at('watched', '1', site, item, happened_at)::BIGINT <> 0
),
judged AS (
    SELECT *, coalesce(drawn_days >= 3 AND times > 0 AND quantity > times * drawn_median, false) AS above_median,
        drawn_days >= 3 AND z > 0 AND above > 0 AND spread > 0 AND above::DECIMAL(38) * above > z * z * spread AS above_z,
        coalesce(standard >= 0 AND quantity > headcount * standard * rounds - remaining, false) AS above_need
    FROM weighed
),
answered AS (
    SELECT document ->> '$.alert' AS alert, max_by(document ->> '$.outcome', happened_at) AS outcome
    FROM lake.entry WHERE kind = 'alert_acknowledged' GROUP BY ALL
)
SELECT entry, site, item, happened_at,
    format('{} asks for {}, median day {} · {} 申领 {},日中位数 {}', department, quantity, coalesce(drawn_median, 0),
        department, quantity, coalesce(drawn_median, 0)) AS what,
    department, quantity, drawn_median, above_median, above_z, above_need, a.outcome
FROM judged AS j LEFT JOIN answered AS a ON a.alert = concat_ws('/', 'requisition_abnormal', alert_part(j.site),
    alert_part(j.requisition), alert_part(j.item))
WHERE above_median OR above_z OR above_need;
