-- title: Approvals · 审批
-- about: Every approval or refusal that was not reversed: of what, by whom, in which capacity. · 每份未红冲的同意或不同意:何事、何人、以何身份。
-- rules: C4, F3
-- columns:
--   approval: Number of the approval, as an issue names it · 审批编号(出库等所引)
--   act: What it is for · 事项
--   approves: Entry or paper it is about · 所批的单据或文件
--   approved_by: Who · 审批人
--   authority: In which capacity · 身份
--   decision: approved or refused · 同意或不同意
--   delegated_by: Who passed on the right to decide · 授权人
--   reason: Why · 理由
--   dangling: Names an entry the book does not have (yet) · 所引单据不在账上(尚未到达)
--   happened_at: When · 时间
--   site: Site · 站点
--   seq: Sequence number of its entry · 单据序号
--   entry: Entry · 单据号
-- example: SELECT approval, authority, approved_by, decision FROM approvals ORDER BY happened_at
CREATE VIEW approvals AS
WITH given AS (
    SELECT e.*, json_type(document, '$.approves') = 'OBJECT' AS of_entry, CASE WHEN of_entry
            THEN concat_ws('/', document ->> '$.approves.site', document ->> '$.approves.source', document ->> '$.approves.number')
            ELSE document ->> '$.approves' END AS approves
    FROM lake.entry AS e WHERE kind = 'approval_given' AND NOT EXISTS (
        SELECT 1 FROM lake.entry AS r WHERE r.reverses = e.site || '/' || e.source || '/' || e.number
    )
)
SELECT document ->> '$.approval' AS approval, document ->> '$.act' AS act,
    approves,
    document ->> '$.approved_by' AS approved_by, document ->> '$.authority' AS authority,
    coalesce(document ->> '$.decision', 'approved') AS decision, document ->> '$.delegated_by' AS delegated_by,
    document ->> '$.reason' AS reason, coalesce(of_entry, false) AND NOT EXISTS (
        SELECT 1 FROM lake.entry AS n WHERE n.site || '/' || n.source || '/' || n.number = given.approves
    ) AS dangling, happened_at, site, seq, site || '/' || source || '/' || number AS entry
FROM given;
