-- title: A policy at a moment · 某时某处的规则参数
-- about: The value in force of a policy at a site, for an item, at a moment, as text: item over family over site over district over everywhere, then the latest, then book order; the given one when nobody recorded another. · 某站点、某物资、某时刻适用的参数值(文本):物资>大类>站点>区>全账,其次取最近生效,再次按记账先后;未登记则用给定的默认值。
-- rules: J
-- columns:
-- example: SELECT policy_at('count_tolerance', '0', 'WH-01', 'KN95', book_now())
CREATE MACRO policy_at(wanted, otherwise, at_site, at_item, at_moment) AS (
    coalesce((
        SELECT max_by(ruled.value ->> '$', (
            8 * (ruled.item IS NOT NULL)::INTEGER + 4 * (ruled.family IS NOT NULL)::INTEGER
                + 2 * (ruled.site IS NOT NULL)::INTEGER + (ruled.district IS NOT NULL)::INTEGER,
            ruled.effective_from, ruled.seq
        ))
        -- What is asked is named first, where no column of ours can be taken for it.
        FROM (SELECT at_site AS asked_site, at_item AS asked_item, at_moment AS asked_at) AS asked
        JOIN policies AS ruled ON ruled.effective_from <= asked_at
        LEFT JOIN items AS known ON known.item = asked_item
        LEFT JOIN sites AS place ON place.site = asked_site
        WHERE ruled.key = wanted
            AND coalesce(ruled.item = asked_item, ruled.item IS NULL)
            AND coalesce(ruled.family = known.family, ruled.family IS NULL)
            AND coalesce(ruled.site = asked_site, ruled.site IS NULL)
            AND coalesce(ruled.district = place.district, ruled.district IS NULL)
    ), otherwise)
);
