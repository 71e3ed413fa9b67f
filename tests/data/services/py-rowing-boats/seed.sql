CREATE TABLE boats (id int PRIMARY KEY, name text NOT NULL, seats int NOT NULL);
CREATE TABLE outings (id int PRIMARY KEY, club_id int NOT NULL, boat_id int NOT NULL REFERENCES boats, began timestamp NOT NULL,
                      minutes int NOT NULL, km numeric(5,1) NOT NULL, crew text NOT NULL, damage text);
CREATE TABLE routes (code int PRIMARY KEY, name text NOT NULL, km numeric(5,1) NOT NULL);
INSERT INTO boats SELECT i, (ARRAY['Alster','Bille','Este','Luehe','Oste','Stoer'])[1 + i % 6] || ' ' || i, (ARRAY[1,2,4,8])[1 + i % 4]
  FROM generate_series(1, 240) i;
INSERT INTO outings SELECT i, 1 + i % 400, 1 + (i * 7) % 240, timestamp '2021-04-01' + (i * 37 % 1900000) * interval '1 minute',
       30 + i % 90, 4 + (i % 180) / 10.0, 'crew ' || i % 311, CASE WHEN i % 53 = 0 THEN 'rigger bent' END
  FROM generate_series(1, 240000) i;
CREATE INDEX ON outings (club_id, began DESC);
INSERT INTO routes SELECT i, 'Reach ' || i, 2 + i % 30 FROM generate_series(1, 60) i;
