CREATE TABLE levels (id serial PRIMARY KEY, gauge integer NOT NULL, cm integer NOT NULL, remark text NOT NULL, at timestamptz NOT NULL);
INSERT INTO levels (gauge, cm, remark, at)
SELECT n % 300, (n::bigint * 7919) % 900, 'steady, no ice, observer ' || n % 50, timestamptz '2025-01-01' + n * interval '1 minute' FROM generate_series(1, 160000) n;
CREATE INDEX ON levels (gauge, at);
ANALYZE;
