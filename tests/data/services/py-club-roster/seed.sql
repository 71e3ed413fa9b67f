CREATE TABLE clubs (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE members (id serial PRIMARY KEY, club_id integer NOT NULL REFERENCES clubs (id), name text NOT NULL);
CREATE TABLE memberships (id serial PRIMARY KEY, member_id integer NOT NULL REFERENCES members (id), kind text NOT NULL, since date NOT NULL);
INSERT INTO clubs (name) SELECT 'Club ' || n FROM generate_series(1, 60) n;
INSERT INTO members (club_id, name) SELECT 1 + n % 60, 'Member ' || n FROM generate_series(1, 9000) n;
INSERT INTO memberships (member_id, kind, since) SELECT 1 + n % 9000, 'kind ' || n % 4, date '2020-01-01' + n % 1500 FROM generate_series(1, 27000) n;
CREATE INDEX ON members (club_id);
CREATE INDEX ON memberships (member_id);
ANALYZE;
