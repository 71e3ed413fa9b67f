CREATE TABLE makers (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE puzzles (id int PRIMARY KEY, maker_id int NOT NULL REFERENCES makers, title text NOT NULL, theme text NOT NULL,
                      pieces int NOT NULL, weight real NOT NULL, complete boolean NOT NULL, lent boolean NOT NULL);
CREATE TABLE ratings (puzzle_id int NOT NULL REFERENCES puzzles, member_id int NOT NULL, stars int NOT NULL,
                      PRIMARY KEY (puzzle_id, member_id));
CREATE TABLE wishes (member_id int NOT NULL, puzzle_id int NOT NULL REFERENCES puzzles, wished_on date NOT NULL,
                     PRIMARY KEY (member_id, puzzle_id));
INSERT INTO makers SELECT i, 'Maker ' || i FROM generate_series(1, 90) i;
INSERT INTO puzzles SELECT i, 1 + i % 90, 'Puzzle ' || i, (ARRAY['sea','city','forest','cats','maps','art'])[1 + i % 6],
       (ARRAY[100,200,500,500,750,1000,1000,1000,1500,2000])[1 + i % 10], 0.3 + (i % 10) * 0.25, i % 50 > 0, i % 13 = 0
  FROM generate_series(1, 240000) i;
INSERT INTO ratings SELECT p, m * 31 + p % 17, 1 + (p + m) % 5 FROM generate_series(1, 240000, 2) p, generate_series(1, 3) m;
INSERT INTO wishes SELECT m, 1 + (m * 7919 + k * 104729) % 240000, date '2025-01-01' + k * 9 FROM generate_series(1, 6000) m,
       generate_series(1, 4) k;
CREATE INDEX ON puzzles (pieces) WHERE complete AND NOT lent;
CREATE INDEX ON puzzles (maker_id);
