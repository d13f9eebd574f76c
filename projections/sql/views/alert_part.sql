-- title: A part of an alert's identity · 预警编号的一段
-- about: A name as it stands in the identity of an alert: %, / and * percent-escaped. · 预警编号中一段名称的写法:%、/、* 以百分号转义。
-- rules: D8
-- columns:
-- example: SELECT alert_part('一/二')
CREATE MACRO alert_part(named) AS replace(replace(replace(named, '%', '%25'), '/', '%2F'), '*', '%2A');
