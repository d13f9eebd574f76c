-- title: A number of policy · 规则参数值
-- about: The value in force everywhere of a policy that is one whole number; the given one when nobody recorded another. · 全账适用的整数参数现值;未登记则用给定的默认值。
-- rules: J
-- columns:
-- example: SELECT policy_number('backdated_hours', 24)
CREATE MACRO policy_number(wanted, otherwise) AS (
    coalesce((
        SELECT max_by(TRY_CAST(value AS BIGINT), (effective_from, seq)) FROM policies
        WHERE key = wanted AND effective_from <= book_now()
            AND site IS NULL AND district IS NULL AND family IS NULL AND item IS NULL
    ), otherwise)
);
