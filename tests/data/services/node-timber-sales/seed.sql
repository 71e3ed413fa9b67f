CREATE TABLE sales (id int PRIMARY KEY, forest text NOT NULL, held_on date NOT NULL, currency text NOT NULL);
CREATE TABLE logs (id int PRIMARY KEY, sale_id int NOT NULL REFERENCES sales, species text NOT NULL, length_cm int NOT NULL,
                   diameter_cm int NOT NULL, grade text NOT NULL, stack int NOT NULL);
CREATE TABLE bids (id int PRIMARY KEY, sale_id int NOT NULL REFERENCES sales, bidder text NOT NULL, per_m3 numeric(8,2) NOT NULL);
INSERT INTO sales SELECT i, (ARRAY['Upper Wood','Mill Ridge','Hinterfeld','Long Row'])[1 + i % 4], date '2025-01-10' + i * 7, 'EUR'
  FROM generate_series(1, 60) i;
INSERT INTO logs SELECT i, 1 + i % 60, (ARRAY['oak','ash','larch','spruce','beech'])[1 + i % 5], 300 + (i * 37) % 500,
       28 + (i * 13) % 44, (ARRAY['A','B','B','C'])[1 + (i / 7) % 4], 1 + (i / 60) % 12
  FROM generate_series(1, 9000) i;
INSERT INTO bids SELECT i, 1 + i % 60, 'Sawmill ' || i % 17, 80 + (i * 31) % 260 FROM generate_series(1, 1200) i;
CREATE INDEX ON logs (sale_id, stack, id);
CREATE INDEX ON bids (sale_id, per_m3);
