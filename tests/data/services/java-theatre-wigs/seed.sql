CREATE TABLE productions (id int PRIMARY KEY, title text NOT NULL, opens_on date NOT NULL);
CREATE TABLE wigs (id int PRIMARY KEY, label text NOT NULL, hair text NOT NULL, circumference_mm int NOT NULL);
CREATE TABLE fittings (id int PRIMARY KEY, production_id int NOT NULL REFERENCES productions, wig_id int NOT NULL REFERENCES wigs,
                       performer text NOT NULL, at timestamp NOT NULL, minutes int NOT NULL);
INSERT INTO productions SELECT i, 'Production ' || i, date '2026-09-01' + i FROM generate_series(1, 80) i;
INSERT INTO wigs SELECT i, 'W-' || i, (ARRAY['human','yak','synthetic'])[1 + i % 3], 520 + i % 90 FROM generate_series(1, 900) i;
INSERT INTO fittings SELECT i, 1 + i % 80, 1 + (i * 37) % 900, 'Performer ' || i % 240, timestamp '2026-10-01 09:00' + i * interval '35 minutes', 20 + i % 40
  FROM generate_series(1, 2400) i;
CREATE INDEX ON fittings (production_id, at);
