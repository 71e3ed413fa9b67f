CREATE TABLE furnaces (id int PRIMARY KEY, name text NOT NULL, tonnes numeric NOT NULL);
CREATE TABLE heats (id int PRIMARY KEY, furnace_id int NOT NULL REFERENCES furnaces, alloy text NOT NULL, tapped_at timestamp NOT NULL, celsius int NOT NULL);
CREATE TABLE castings (id int PRIMARY KEY, heat_id int NOT NULL REFERENCES heats, pattern text NOT NULL, kilograms numeric NOT NULL, state text NOT NULL);
CREATE TABLE remarks (id bigint PRIMARY KEY, about_type text NOT NULL, about_id int NOT NULL, author text NOT NULL, written_at timestamp NOT NULL, body text NOT NULL);
INSERT INTO furnaces SELECT i, 'Furnace ' || i, 2 + i FROM generate_series(1, 6) i;
INSERT INTO heats SELECT i, 1 + i % 6, (ARRAY['GJL-250','GJS-400','CuSn12','AlSi9'])[1 + i % 4], timestamp '2023-01-02 06:00' + make_interval(mins => i * 45), 1180 + i % 320
  FROM generate_series(1, 30000) i;
INSERT INTO castings SELECT i, 1 + i % 30000, 'P' || i % 700, 4 + i % 90, (ARRAY['poured','fettled','scrapped','shipped'])[1 + i % 4]
  FROM generate_series(1, 150000) i;
INSERT INTO remarks SELECT i, (ARRAY['heat','casting','casting','pattern'])[1 + i % 4], 1 + ((i::bigint * 7919) % 30000)::int, 'worker' || i % 60,
       timestamp '2023-01-02 06:00' + make_interval(mins => (i * 1.5)::int),
       'Remark no. ' || i || ': ' || (ARRAY['slag in the ladle','sand too damp, moulds dried again','spectrometer repeated','poured late'])[1 + i % 4]
  FROM generate_series(1, 900000) i;
CREATE INDEX ON heats (tapped_at);
CREATE INDEX ON heats (furnace_id, tapped_at);
CREATE INDEX ON castings (heat_id);
CREATE INDEX ON remarks (author, written_at);
CREATE INDEX ON remarks (written_at);
