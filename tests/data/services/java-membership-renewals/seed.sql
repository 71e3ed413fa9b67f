CREATE TABLE members (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    club text NOT NULL,
    fee_cents integer NOT NULL,
    paid_until date NOT NULL
);
INSERT INTO members
SELECT i, 'Member ' || i, (ARRAY['rowing', 'chess', 'climbing'])[1 + i % 3], 3000 + (i % 40) * 100, date '2025-01-31' + (i % 300)::int
FROM generate_series(1, 20000) AS i;
CREATE TABLE renewals (
    id bigserial PRIMARY KEY,
    member_id bigint NOT NULL REFERENCES members (id),
    cents integer NOT NULL,
    payment text NOT NULL
);
GRANT ALL ON ALL TABLES IN SCHEMA public TO app;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO app;
