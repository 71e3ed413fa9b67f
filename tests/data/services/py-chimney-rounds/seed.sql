CREATE TABLE houses (id int PRIMARY KEY, street text NOT NULL, town text NOT NULL, x int NOT NULL, y int NOT NULL, flues int NOT NULL);
CREATE TABLE sweeps (id int PRIMARY KEY, name text NOT NULL, home_x int NOT NULL, home_y int NOT NULL);
CREATE TABLE visits (id int PRIMARY KEY, sweep_id int NOT NULL REFERENCES sweeps, house_id int NOT NULL REFERENCES houses,
                     day date NOT NULL, work text NOT NULL, done boolean NOT NULL DEFAULT false);
INSERT INTO houses SELECT i, 'Lane ' || i % 300 || ' no. ' || 1 + i % 40, (ARRAY['Upper','Lower','Mill','Church'])[1 + i % 4] || ' End',
       (i * 37) % 9000, (i * 91) % 7000, 1 + i % 3 FROM generate_series(1, 8000) i;
INSERT INTO sweeps SELECT i, 'Sweep ' || i, i * 310, i * 270 FROM generate_series(1, 24) i;
INSERT INTO visits SELECT i, 1 + i % 24, 1 + (i::bigint * 7919) % 8000, date '2025-09-01' + (i / 24) % 60,
       (ARRAY['sweep','inspect','measure','repair'])[1 + i % 4], i % 5 > 2 FROM generate_series(1, 26000) i;
CREATE INDEX ON visits (sweep_id, day);
CREATE INDEX ON visits (house_id, day);
