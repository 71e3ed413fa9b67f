CREATE TABLE stalls (id int PRIMARY KEY, market text NOT NULL, keeper text NOT NULL, terminal text NOT NULL);
CREATE TABLE goods (id int PRIMARY KEY, name text NOT NULL, cents int NOT NULL);
CREATE TABLE sales (id bigserial PRIMARY KEY, stall_id int NOT NULL REFERENCES stalls, good_id int NOT NULL REFERENCES goods,
                    pieces int NOT NULL, cents int NOT NULL, state text NOT NULL, receipt text, sold_at timestamptz NOT NULL DEFAULT now());
INSERT INTO stalls SELECT i, 'Market ' || i % 7, 'Keeper ' || i, 'T' || 1000 + i FROM generate_series(1, 60) i;
INSERT INTO goods SELECT i, 'Bread ' || i, 180 + i * 15 FROM generate_series(1, 40) i;
CREATE INDEX ON sales (stall_id, sold_at);
