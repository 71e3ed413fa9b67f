CREATE TABLE films (id int PRIMARY KEY, title text NOT NULL, language text NOT NULL, minutes int NOT NULL);
CREATE TABLE captioners (id int PRIMARY KEY, name text NOT NULL, languages text[] NOT NULL);
CREATE TABLE cues (id bigint PRIMARY KEY, film_id int NOT NULL REFERENCES films, position int NOT NULL,
                   source text NOT NULL, urgency int NOT NULL DEFAULT 5, state text NOT NULL DEFAULT 'open',
                   captioner_id int REFERENCES captioners, hint text, taken_at timestamptz);
INSERT INTO films SELECT i, 'Film ' || i, (ARRAY['nl','fr','de','it'])[1 + i % 4], 70 + i % 60 FROM generate_series(1, 240) i;
INSERT INTO captioners SELECT i, 'Captioner ' || i, ARRAY['nl','fr','de','it'] FROM generate_series(1, 60) i;
INSERT INTO cues (id, film_id, position, source, urgency, state)
  SELECT i, 1 + i % 240, 1 + i / 240, 'Line number ' || i || ' of the dialogue, as it is spoken', 1 + (i % 5),
         CASE WHEN i % 9 = 0 THEN 'done' ELSE 'open' END
  FROM generate_series(1, 96000) i;
CREATE INDEX cues_waiting ON cues (urgency, id) WHERE state = 'open';
CREATE INDEX cues_of_film ON cues (film_id, position);
CREATE INDEX cues_of_captioner ON cues (captioner_id) WHERE captioner_id IS NOT NULL;
