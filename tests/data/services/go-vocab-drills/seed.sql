CREATE TABLE words (id int PRIMARY KEY, lang text NOT NULL, term text NOT NULL, meaning text NOT NULL, level int NOT NULL, heard int NOT NULL DEFAULT 0);
CREATE TABLE learners (id int PRIMARY KEY, name text NOT NULL, lang text NOT NULL, level int NOT NULL);
CREATE TABLE results (id bigserial PRIMARY KEY, learner_id int NOT NULL REFERENCES learners, word_id int NOT NULL REFERENCES words, correct boolean NOT NULL,
                      at timestamptz NOT NULL DEFAULT now());
INSERT INTO words SELECT i, (ARRAY['da','is','fi'])[1 + i % 3], md5(i::text), 'meaning of ' || md5((i * 3)::text), 1 + (i / 3) % 6, i % 211
  FROM generate_series(1, 240000) i;
INSERT INTO learners SELECT i, 'Learner ' || i, (ARRAY['da','is','fi'])[1 + i % 3], 1 + i % 6 FROM generate_series(1, 3000) i;
INSERT INTO results SELECT i, 1 + i % 3000, 1 + (i::bigint * 7919) % 240000, i % 3 > 0, timestamptz '2025-03-01' + i * interval '20 seconds' FROM generate_series(1, 60000) i;
SELECT setval('results_id_seq', 60000);
CREATE INDEX ON words (lang, level);
CREATE INDEX ON results (learner_id, at);
