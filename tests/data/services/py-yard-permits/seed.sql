CREATE TABLE counters (name text PRIMARY KEY, value bigint NOT NULL);
INSERT INTO counters VALUES ('permit', 1000), ('invoice', 500);
CREATE TABLE permits (
    number bigint PRIMARY KEY,
    yard integer NOT NULL,
    vehicle text NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE yard_rules (id serial PRIMARY KEY, yard integer NOT NULL, rule text NOT NULL);
INSERT INTO yard_rules (yard, rule) SELECT n % 20, 'rule ' || n FROM generate_series(1, 200000) n;
CREATE INDEX ON yard_rules (yard);
ANALYZE;
