SET ROLE app;
CREATE TABLE clubs (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE sites (id int PRIMARY KEY, name text NOT NULL, water text NOT NULL, max_depth int NOT NULL);
CREATE TABLE divers (id int PRIMARY KEY, club_id int NOT NULL REFERENCES clubs, name text NOT NULL, grade text NOT NULL);
CREATE TABLE dives (id int PRIMARY KEY, club_id int NOT NULL REFERENCES clubs, site_id int NOT NULL REFERENCES sites,
    diver_id int NOT NULL REFERENCES divers, dived_on date NOT NULL, minutes int NOT NULL, depth numeric(4,1) NOT NULL);
CREATE TABLE dive_buddies (dive_id int NOT NULL REFERENCES dives, diver_id int NOT NULL REFERENCES divers,
    PRIMARY KEY (dive_id, diver_id));
CREATE TABLE cylinders (id int PRIMARY KEY, dive_id int NOT NULL REFERENCES dives, litres int NOT NULL, oxygen int NOT NULL,
    bar_in int NOT NULL, bar_out int NOT NULL);

INSERT INTO clubs SELECT i, 'Club ' || i FROM generate_series(1, 30) i;
INSERT INTO sites SELECT i, 'Site ' || i, (ARRAY['quarry','sea','lake'])[i % 3 + 1], 12 + i % 40 FROM generate_series(1, 60) i;
INSERT INTO divers SELECT i, i % 30 + 1, 'Diver ' || i, (ARRAY['bronze','silver','gold'])[i % 3 + 1] FROM generate_series(1, 1200) i;
INSERT INTO dives SELECT i, i % 30 + 1, i % 60 + 1, (i * 7) % 1200 + 1, date '2022-01-01' + (i / 30 * 11 % 1461), 20 + i % 45, 6 + i % 33
    FROM generate_series(1, 24000) i;
INSERT INTO dive_buddies SELECT d.id, (d.diver_id + k * 30 - 1) % 1200 + 1 FROM dives d, generate_series(1, 2) k;
INSERT INTO cylinders SELECT d.id * 2 + k, d.id, 10 + 2 * k, 21 + 11 * k, 200 + d.id % 25, 40 + d.id % 60 FROM dives d, generate_series(0, 1) k
    WHERE k = 0 OR d.id % 3 = 0;
CREATE INDEX ON dives (club_id, dived_on);
CREATE INDEX ON cylinders (dive_id);
