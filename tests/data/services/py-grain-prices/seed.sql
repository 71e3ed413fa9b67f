CREATE TABLE grains (code text PRIMARY KEY, name text NOT NULL, unit text NOT NULL);
CREATE TABLE exchanges (id int PRIMARY KEY, name text NOT NULL, country text NOT NULL, fee numeric(5,2) NOT NULL);
CREATE TABLE quotes (id bigint PRIMARY KEY, exchange_id int NOT NULL REFERENCES exchanges, grain text NOT NULL REFERENCES grains,
                     day date NOT NULL, low numeric(8,2) NOT NULL, high numeric(8,2) NOT NULL, tons int NOT NULL);
INSERT INTO grains VALUES ('wheat','Milling wheat','t'), ('barley','Malting barley','t'), ('rye','Bread rye','t'), ('oats','Oats','t'), ('maize','Maize','t');
INSERT INTO exchanges SELECT i, 'Exchange ' || i, (ARRAY['DE','FR','PL','DK','HU'])[1 + i % 5], (i % 9) * 0.35 FROM generate_series(1, 24) i;
INSERT INTO quotes SELECT i, 1 + i % 24, (ARRAY['wheat','barley','rye','oats','maize'])[1 + (i / 24) % 5],
       date '2022-01-03' + (i / 120), 150 + (i * 37) % 90, 160 + (i * 37) % 90 + i % 7, 200 + (i * 91) % 4000
  FROM generate_series(1, 160000) i;
CREATE INDEX quotes_by_grain ON quotes (grain, day DESC, exchange_id);
CREATE INDEX quotes_by_exchange ON quotes (exchange_id, day DESC);
