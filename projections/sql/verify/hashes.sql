SELECT volume, page, count(*), sum(hash(t)::HUGEINT) FROM lake.page AS t GROUP BY volume, page
