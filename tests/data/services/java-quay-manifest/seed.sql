CREATE TABLE ships (id int PRIMARY KEY, name text NOT NULL, flag text NOT NULL);
CREATE TABLE tariffs (goods text PRIMARY KEY, cents_per_ton int NOT NULL);
CREATE TABLE consignments (id int PRIMARY KEY, ship_id int NOT NULL REFERENCES ships, hold int NOT NULL, goods text NOT NULL,
                           kilos int NOT NULL, consignee text NOT NULL, dangerous boolean NOT NULL);
INSERT INTO ships SELECT i, 'MS ' || chr(65 + i % 26) || i, (ARRAY['NO','DE','NL','LR'])[1 + i % 4] FROM generate_series(1, 200) i;
INSERT INTO tariffs SELECT g, 300 + length(g) * 70 FROM unnest(ARRAY['timber','paper','steel','fish','salt','fertilizer']) g;
INSERT INTO consignments SELECT i, 1 + i % 200, 1 + i % 5, (ARRAY['timber','paper','steel','fish','salt','fertilizer'])[1 + (i * 7) % 6],
       400 + (i * 613) % 24000, 'Consignee ' || (i * 31) % 900, i % 17 = 0 FROM generate_series(1, 90000) i;
CREATE INDEX ON consignments (ship_id, hold);
