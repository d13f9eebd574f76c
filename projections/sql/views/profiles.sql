-- title: Profiles · 参数方案
-- about: Where plans disagree: the values each plan sets at once when a scope takes its name (policy key `profile`). · 各方案不一致之处:某范围采用某方案(参数 profile)时一并设定的值。
-- rules: D6
-- columns:
--   profile: Name of the plan · 方案名
--   key: Policy key · 参数名
--   value: Value, JSON · 值(JSON)
-- example: SELECT profile, key, value FROM profiles
CREATE VIEW profiles AS
SELECT profile, key, value::JSON AS value FROM (VALUES
    ('shipped', 'cover_target_days', '0'),
    ('hospital_normal_running', 'cover_target_days', '20'),
    ('hospital_full_load', 'cover_target_days', '30'),
    ('guaranteed_shop', 'cover_target_days', '7'),
    ('school', 'cover_target_days', '14')
) AS named (profile, key, value);
