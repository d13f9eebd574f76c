-- Tables of the lake: what every view reads. Written by one process, a commit at a time.
CREATE TABLE lake.page (
    volume INTEGER, page BIGINT, recorded_at TIMESTAMPTZ, sender VARCHAR, first_seq BIGINT, entries BIGINT,
    refused BIGINT, seal VARCHAR, previous VARCHAR, submission BIGINT, book VARCHAR, nature VARCHAR, volumes INTEGER
);
CREATE TABLE lake.entry (
    volume INTEGER, page BIGINT, seq BIGINT, site VARCHAR, source VARCHAR, number BIGINT, kind VARCHAR, version VARCHAR,
    happened_at TIMESTAMPTZ, happened_since TIMESTAMPTZ, happened_on DATE, recorded_at TIMESTAMPTZ, recorded_by VARCHAR,
    sender VARCHAR, origin VARCHAR, supplier VARCHAR, donor VARCHAR, designated_receiver VARCHAR, disclosure VARCHAR,
    receiver VARCHAR, department VARCHAR, approval VARCHAR, approved_by VARCHAR, "use" VARCHAR, transfer VARCHAR,
    other_site VARCHAR, answers VARCHAR, reverses VARCHAR, replaces VARCHAR, provisional BOOLEAN, note VARCHAR,
    document VARCHAR, digest VARCHAR
);
CREATE TABLE lake.line (
    volume INTEGER, page BIGINT, seq BIGINT, place INTEGER, line INTEGER, site VARCHAR, source VARCHAR, number BIGINT,
    kind VARCHAR, sign TINYINT, happened_at TIMESTAMPTZ, recorded_at TIMESTAMPTZ, happened_on DATE, item VARCHAR,
    item_written VARCHAR, lot VARCHAR, unit VARCHAR, quantity BIGINT, factor BIGINT, delta BIGINT, held_delta BIGINT,
    hold VARCHAR, counted BIGINT, lot_counted BOOLEAN, party VARCHAR, expires_on DATE, produced_on DATE,
    specification VARCHAR, registration VARCHAR, price_fen BIGINT, condition VARCHAR, transfer VARCHAR,
    from_site VARCHAR, to_site VARCHAR
);
CREATE TABLE lake.refused (
    volume INTEGER, page BIGINT, place INTEGER, recorded_at TIMESTAMPTZ, sender VARCHAR, result VARCHAR, digest VARCHAR,
    code VARCHAR, facts JSON, document BLOB
);
