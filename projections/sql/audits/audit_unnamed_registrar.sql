-- title: Registered or requested by someone not named · 非指定人员登记或申领
-- about: Which reports of use were written, and which requisitions made, by someone the department had not named by then? · 哪些使用报告由部门未指定的人登记,哪些申领由未指定的人提出?
-- rules: A6
-- columns:
--   entry: Entry · 单据号
--   site: Site · 站点
--   item: First item · 首行物资
--   happened_at: When · 时间
--   what: In words · 说明
--   department: Receiver or department · 领用方或部门
--   person: Who wrote or asked · 经办人
--   act: registered or requested · 登记或申领
-- example: SELECT entry, person, act FROM audit_unnamed_registrar
CREATE VIEW audit_unnamed_registrar AS
WITH named AS (
    SELECT site, document ->> '$.receiver' AS receiver, coalesce(document ->> '$.department', '') AS department,
        (document ->> '$.effective_from')::TIMESTAMPTZ AS since,
        from_json(document -> '$.may_register', '["VARCHAR"]') AS may_register,
        from_json(document -> '$.may_request', '["VARCHAR"]') AS may_request
    FROM entries WHERE kind = 'registrars_named' AND reversed_by IS NULL
),
acts AS (
    SELECT entry, site, seq, happened_at, receiver, coalesce(department, '') AS department, recorded_by AS person,
        'registered' AS act
    FROM entries WHERE kind = 'usage_reported' AND reversed_by IS NULL
    UNION ALL
    SELECT entry, site, seq, happened_at, document ->> '$.department', '', document ->> '$.requested_by', 'requested'
    FROM entries WHERE kind = 'requisition_made' AND reversed_by IS NULL
),
judged AS (
    SELECT a.*, n.receiver IS NOT NULL AS known, CASE act WHEN 'registered' THEN n.may_register ELSE n.may_request END AS may
    FROM acts AS a ASOF LEFT JOIN named AS n
        ON n.site = a.site AND n.receiver = a.receiver AND n.department = a.department AND a.happened_at >= n.since
)
SELECT j.entry, j.site, l.item, j.happened_at, format('{} {} and is not named · {} 未被指定,{}', person, act, person,
    CASE act WHEN 'registered' THEN '登记' ELSE '申领' END) AS what, concat_ws(' ', j.receiver, nullif(j.department, '')) AS department,
    person, act
FROM judged AS j LEFT JOIN lake.line AS l ON l.site = j.site AND l.seq = j.seq AND l.place = 1
WHERE known AND NOT list_contains(may, person);
