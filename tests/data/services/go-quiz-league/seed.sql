CREATE TABLE teams (id int PRIMARY KEY, division int NOT NULL, name text NOT NULL, pub text NOT NULL);
CREATE TABLE matches (id int PRIMARY KEY, division int NOT NULL, round int NOT NULL, home int NOT NULL REFERENCES teams, away int NOT NULL REFERENCES teams,
                      home_score int, away_score int);
CREATE TABLE answers (match_id int NOT NULL REFERENCES matches, team_id int NOT NULL, category text NOT NULL, asked int NOT NULL, correct int NOT NULL,
                      PRIMARY KEY (match_id, team_id, category));
INSERT INTO teams SELECT i, 1 + i % 12, 'Team ' || i, (ARRAY['The Swan','Old Bell','Crown','Fox','Red Lion'])[1 + i % 5] FROM generate_series(1, 240) i;
INSERT INTO matches SELECT row_number() OVER (), a.division, 1 + (a.id * 7 + b.id) % 38, a.id, b.id, 20 + (a.id * 31 + b.id * 17) % 40, 20 + (a.id * 13 + b.id * 29) % 40
  FROM teams a JOIN teams b ON a.division = b.division AND a.id <> b.id;
INSERT INTO answers SELECT m.id, t.team, c, 10, (m.id * 7 + t.team * 3 + length(c) * 5) % 11
  FROM matches m CROSS JOIN LATERAL (VALUES (m.home), (m.away)) t(team) CROSS JOIN unnest(ARRAY['history','music','sport','science','film','food']) c;
CREATE INDEX ON matches (division, round);
