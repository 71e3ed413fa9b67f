CREATE TABLE regions (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE songs (id int PRIMARY KEY, title text NOT NULL, language text NOT NULL, region_id int NOT NULL REFERENCES regions,
                    mode text NOT NULL, first_line text NOT NULL, notated_on date NOT NULL);
CREATE TABLE singings (id int PRIMARY KEY, song_id int NOT NULL REFERENCES songs, singer text NOT NULL, sung_on date NOT NULL);
INSERT INTO regions SELECT i, 'Region ' || i FROM generate_series(1, 60) i;
INSERT INTO songs SELECT i, 'Song of the ' || (ARRAY['miller','weaver','sailor','shepherd','fiddler'])[1 + i % 5] || ' no. ' || i,
       (ARRAY['en','en','en','cy','gd','ga'])[1 + i % 6], 1 + (i * 31) % 60, (ARRAY['major','dorian','mixolydian'])[1 + i % 3],
       'As I went out one ' || (ARRAY['May','June','winter'])[1 + i % 3] || ' morning, ' || md5(i::text), date '1890-01-01' + i % 25000
  FROM generate_series(1, 180000) i;
INSERT INTO singings SELECT i, 1 + (i::bigint * 7919) % 180000, 'Singer ' || i % 700, date '2001-01-01' + i % 8000
  FROM generate_series(1, 90000) i;
CREATE INDEX ON songs (language);
CREATE INDEX ON songs (region_id, notated_on);
CREATE INDEX ON singings (song_id);
