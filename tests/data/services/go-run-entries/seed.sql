CREATE TABLE races (id int PRIMARY KEY, title text NOT NULL, held_on date NOT NULL, fee_cent int NOT NULL,
                    places int NOT NULL, next_bib int NOT NULL DEFAULT 1);
CREATE TABLE entries (race_id int NOT NULL REFERENCES races, bib int NOT NULL, runner text NOT NULL, born int NOT NULL,
                      wave text NOT NULL, receipt text NOT NULL, entered_at timestamp NOT NULL DEFAULT '2027-01-01',
                      PRIMARY KEY (race_id, bib));
INSERT INTO races SELECT i, 'Run ' || i, date '2027-05-02' + i * 7, 1500 + i * 250, 90000, 1 FROM generate_series(1, 12) i;
INSERT INTO entries SELECT r, b, 'Runner ' || r || '-' || b, 1950 + b % 58, (ARRAY['A','B','C','D'])[1 + b % 4], 'seed'
  FROM generate_series(1, 12) r, generate_series(1, 800) b;
UPDATE races SET next_bib = 801;
CREATE INDEX ON entries (runner);
