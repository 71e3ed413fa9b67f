CREATE TABLE films (id serial PRIMARY KEY, programme integer NOT NULL, title text NOT NULL);
CREATE TABLE reels (id serial PRIMARY KEY, film_id integer NOT NULL REFERENCES films (id), minutes integer NOT NULL, shelf text NOT NULL);
INSERT INTO films (programme, title) SELECT n % 40, 'Film ' || n FROM generate_series(1, 6000) n;
INSERT INTO reels (film_id, minutes, shelf) SELECT 1 + n % 6000, 8 + n % 14, 'S' || n % 90 FROM generate_series(1, 30000) n;
CREATE INDEX ON films (programme);
CREATE INDEX ON reels (film_id);
ANALYZE;
