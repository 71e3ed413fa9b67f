CREATE TABLE berths (id text PRIMARY KEY, terminal int NOT NULL, length int NOT NULL, draught numeric(4,1) NOT NULL, checked_at timestamptz);
CREATE TABLE stays (id bigserial PRIMARY KEY, berth_id text NOT NULL REFERENCES berths(id), ship text NOT NULL, arrives timestamptz NOT NULL, leaves timestamptz);
INSERT INTO berths SELECT 'B' || lpad(n::text, 2, '0'), 1 + n % 6, 120 + n * 6, 7 + n % 8 FROM generate_series(1, 48) n;
INSERT INTO stays (berth_id, ship, arrives, leaves)
  SELECT 'B' || lpad((1 + n % 48)::text, 2, '0'), 'MV ' || n % 331, now() - n * interval '3 hours', now() - n * interval '3 hours' + interval '20 hours' FROM generate_series(1, 20000) n;
CREATE INDEX stays_berth_arrives ON stays (berth_id, arrives DESC);
