CREATE TABLE markets (id int PRIMARY KEY, town text NOT NULL, meters int NOT NULL);
CREATE TABLE traders (id int PRIMARY KEY, name text NOT NULL, trade text NOT NULL);
CREATE TABLE pitches (id int PRIMARY KEY, market_id int NOT NULL REFERENCES markets, no int NOT NULL, meters int NOT NULL,
                      power boolean NOT NULL, day_rate_ct int NOT NULL);
CREATE TABLE drafts (id bigserial PRIMARY KEY, trader_id int NOT NULL REFERENCES traders, made_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE draft_pitches (id bigserial PRIMARY KEY, draft_id bigint NOT NULL REFERENCES drafts ON DELETE CASCADE,
                            pitch_id int NOT NULL REFERENCES pitches, on_day date NOT NULL, charge_ct int NOT NULL);
CREATE TABLE draft_notes (id bigserial PRIMARY KEY, draft_pitch_id bigint REFERENCES draft_pitches ON DELETE CASCADE,
                          author text NOT NULL, body text NOT NULL);
INSERT INTO markets SELECT i, 'Town ' || i, 200 + i * 13 FROM generate_series(1, 12) i;
INSERT INTO traders SELECT i, 'Trader ' || i, (ARRAY['cheese','fish','flowers','bread','tools'])[1 + i % 5] FROM generate_series(1, 900) i;
INSERT INTO pitches SELECT i, 1 + i % 12, i / 12, 3 + i % 5, i % 3 = 0, 900 + i * 17 % 1400 FROM generate_series(1, 960) i;
INSERT INTO drafts (trader_id, made_at) SELECT 1 + i % 900, timestamptz '2024-02-01' + i * interval '9 minutes' FROM generate_series(1, 30000) i;
INSERT INTO draft_pitches (draft_id, pitch_id, on_day, charge_ct)
  SELECT 1 + i / 3, 1 + (i * 71) % 960, date '2024-02-01' + i % 200, 1200 + i % 900 FROM generate_series(0, 89999) i;
INSERT INTO draft_notes (draft_pitch_id, author, body)
  SELECT 1 + (i::bigint * 7919) % 90000, 'clerk ' || i % 9, 'asked for a corner, ' || md5(i::text) FROM generate_series(1, 160000) i;
CREATE INDEX ON pitches (market_id, no);
CREATE INDEX ON drafts (trader_id, made_at);
CREATE INDEX ON draft_pitches (draft_id);
CREATE INDEX ON draft_pitches (pitch_id, on_day);
CREATE INDEX ON draft_notes (author);
ALTER TABLE markets OWNER TO app; ALTER TABLE traders OWNER TO app; ALTER TABLE pitches OWNER TO app;
ALTER TABLE drafts OWNER TO app; ALTER TABLE draft_pitches OWNER TO app; ALTER TABLE draft_notes OWNER TO app;
