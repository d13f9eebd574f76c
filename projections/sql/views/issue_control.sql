-- title: Issue control card · 领用控制卡
-- about: What whoever issues an item looks at (D2): stock, safety stock, replenishment cycle and quantity, who uses it, staff on duty and open beds as last said, and the days it lasts. · 发放时所看的:库存、安全库存、补货周期与补货量、使用范围、最近所报在岗人数与开放床位、可用天数。
-- rules: D2
-- columns:
--   site: Site · 站点
--   item: Item · 物资
--   available: Available, base units · 可用数(基本单位)
--   in_transit: On its way from other sites · 在途
--   on_order: Ordered and not received · 在订
--   safety_stock: Safety stock · 安全库存
--   cycle_days: Replenishment cycle, days · 补货周期(天)
--   daily: Mean demand a day · 日均需求
--   replenish: What to order to last a cycle with the safety stock kept · 补货量
--   used_by: Departments and receivers it was issued to · 使用范围
--   staff_on_duty: Staff on duty, as last said · 在岗人数
--   open_beds: Open beds, as last said · 开放床位
--   days_left: Days it lasts · 可用天数
-- example: SELECT item, available, replenish, used_by FROM issue_control WHERE site = 'WH-01'
CREATE VIEW issue_control AS
WITH used AS (SELECT site, item, list_sort(list(DISTINCT receiver)) AS used_by FROM issues GROUP BY ALL),
said AS (
    SELECT site, max_by(value, on_day) FILTER (driver = 'staff_on_duty') AS staff_on_duty,
        max_by(value, on_day) FILTER (driver = 'open_beds') AS open_beds
    FROM drivers GROUP BY site
),
coming AS (SELECT site, item, sum(on_order)::BIGINT AS on_order FROM orders GROUP BY ALL),
ruled AS (
    SELECT c.*, s.in_transit, policy_at('safety_stock', '0', c.site, c.item, book_now())::BIGINT AS safety_stock,
        policy_at('replenishment_cycle_days', '7', c.site, c.item, book_now())::BIGINT AS cycle_days
    FROM cover AS c JOIN stock AS s USING (site, item)
)
SELECT r.site, r.item, r.available, r.in_transit, coalesce(o.on_order, 0) AS on_order, r.safety_stock, r.cycle_days, r.daily,
    greatest(0, ceil(r.issued::DECIMAL(18, 3) * r.cycle_days / greatest(1, r.days_seen))::BIGINT + r.safety_stock
        - r.available - r.in_transit::BIGINT - coalesce(o.on_order, 0)) AS replenish,
    u.used_by, d.staff_on_duty, d.open_beds, r.days_left
FROM ruled AS r LEFT JOIN used AS u USING (site, item) LEFT JOIN coming AS o USING (site, item)
LEFT JOIN said AS d ON d.site = r.site;
