CREATE TABLE races (id int PRIMARY KEY, name text NOT NULL, held_on date NOT NULL, fee numeric(8,2) NOT NULL, places int NOT NULL);
CREATE TABLE entries (id bigserial PRIMARY KEY, race_id int NOT NULL REFERENCES races, runner text NOT NULL, born int NOT NULL,
                      club text, category text NOT NULL, fee numeric(8,2) NOT NULL, payment text, entered_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE race_totals (race_id int PRIMARY KEY REFERENCES races, entered int NOT NULL DEFAULT 0, fees numeric(12,2) NOT NULL DEFAULT 0);

CREATE FUNCTION count_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE race_totals SET entered = entered + 1, fees = fees + NEW.fee WHERE race_id = NEW.race_id;
  RETURN NULL;
END $$;

INSERT INTO races SELECT i, 'Race ' || i, date '2026-05-01' + i, 20 + (i * 7) % 40, 100000 FROM generate_series(1, 40) i;
INSERT INTO race_totals SELECT id FROM races;
CREATE TRIGGER entry_counted AFTER INSERT ON entries FOR EACH ROW EXECUTE FUNCTION count_entry();
INSERT INTO entries (race_id, runner, born, club, category, fee, payment)
  SELECT 1 + i % 40, 'Runner ' || i, 1950 + i % 55, 'Club ' || i % 70, 'open', 30, 'P' || i FROM generate_series(1, 4000) i;
CREATE INDEX ON entries (race_id, category);
