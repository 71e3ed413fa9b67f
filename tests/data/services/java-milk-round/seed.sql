CREATE TABLE farms (id int PRIMARY KEY, name text NOT NULL, herd int NOT NULL, dairy_id int NOT NULL);
CREATE TABLE deliveries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, dairy_id int NOT NULL, farm_id int NOT NULL REFERENCES farms,
                         liters numeric(8,1) NOT NULL, celsius numeric(4,1) NOT NULL, sample text,
                         taken_at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE TABLE dairy_totals (dairy_id int PRIMARY KEY, deliveries int NOT NULL DEFAULT 0, liters numeric(14,1) NOT NULL DEFAULT 0,
                           warmest numeric(4,1));
INSERT INTO farms SELECT i, 'Farm ' || i, 12 + i % 70, 1 + i % 8 FROM generate_series(1, 1200) i;
INSERT INTO dairy_totals (dairy_id) SELECT generate_series(1, 8);

CREATE FUNCTION add_to_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE dairy_totals
     SET deliveries = deliveries + 1, liters = liters + NEW.liters, warmest = greatest(warmest, NEW.celsius)
   WHERE dairy_id = NEW.dairy_id;
  RETURN NEW;
END $$;

INSERT INTO deliveries (dairy_id, farm_id, liters, celsius, sample, taken_at)
  SELECT 1 + f % 8, f, 300 + (f * 37 + d * 11) % 900, 3 + (f + d) % 30 / 10.0, 'S-' || d * 2000 + f, timestamptz '2024-04-01' + d * interval '1 day'
    FROM generate_series(1, 1200) f, generate_series(0, 24) d;
CREATE INDEX ON deliveries (farm_id, taken_at);
CREATE TRIGGER deliveries_totals AFTER INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION add_to_totals();
