CREATE TABLE sales (id int PRIMARY KEY, title text NOT NULL, held_on date NOT NULL, premium numeric(4,3) NOT NULL);
CREATE TABLE lots (id int PRIMARY KEY, sale_id int NOT NULL REFERENCES sales, number int NOT NULL, title text NOT NULL,
                   reserve int NOT NULL, UNIQUE (sale_id, number));
CREATE TABLE bids (id int PRIMARY KEY, lot_id int NOT NULL REFERENCES lots, bidder_id int NOT NULL, amount int NOT NULL,
                   placed_at timestamptz NOT NULL);
CREATE TABLE watchers (lot_id int NOT NULL REFERENCES lots, member_id int NOT NULL, since timestamptz NOT NULL,
                       PRIMARY KEY (lot_id, member_id));
INSERT INTO sales SELECT i, 'Sale ' || i, date '2026-01-05' + i * 3, 0.18 + (i % 5) * 0.01 FROM generate_series(1, 100) i;
INSERT INTO lots SELECT i, 1 + (i - 1) / 24, 1 + (i - 1) % 24, 'Lot ' || i, 50 + (i * 37) % 900 FROM generate_series(1, 2400) i;
INSERT INTO bids SELECT i, 1 + (i::bigint * 7919) % 2400, 1 + (i * 31) % 4000, 40 + i % 1700, timestamptz '2026-01-01' + i * interval '11 s'
  FROM generate_series(1, 190000) i;
INSERT INTO watchers SELECT 1 + (i - 1) / 100, 1 + (i * 53) % 4000, timestamptz '2026-01-01' + i * interval '9 s' FROM generate_series(1, 240000) i;
CREATE INDEX ON bids (lot_id);
CREATE INDEX ON bids (bidder_id);
CREATE INDEX ON watchers (member_id);
