CREATE TABLE films (id int PRIMARY KEY, title text NOT NULL, minutes int NOT NULL, rating int NOT NULL, synopsis text NOT NULL);
CREATE TABLE screenings (id int PRIMARY KEY, cinema_id int NOT NULL, film_id int NOT NULL REFERENCES films, hall int NOT NULL,
                         starts_at timestamp NOT NULL, language text NOT NULL, price numeric(5,2) NOT NULL);
INSERT INTO films SELECT i, 'Film ' || i, 82 + i % 70, (ARRAY[0,6,12,16])[1 + i % 4], repeat('Scene ' || i || '. ', 12) FROM generate_series(1, 400) i;
INSERT INTO screenings SELECT i, i % 60, 1 + (i * 7919) % 400, 1 + (i / 60) % 8, timestamp '2024-08-01 10:00' + (i / 60 / 40) * interval '1 day' + ((i / 60) % 40) * interval '20 minutes',
       (ARRAY['de','en','fr'])[1 + i % 3], 14 + (i % 8) * 0.5 FROM generate_series(1, 150000) i;
CREATE INDEX screenings_cinema_time ON screenings (cinema_id, starts_at);
CREATE INDEX screenings_film ON screenings (film_id, starts_at);
