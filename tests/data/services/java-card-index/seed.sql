CREATE TABLE cards (id serial PRIMARY KEY, owner text NOT NULL, shelf integer NOT NULL, body text NOT NULL);
INSERT INTO cards (owner, shelf, body) SELECT 'Owner-' || n % 40000, n % 70, repeat('card text ', 5) FROM generate_series(1, 500000) n;
CREATE INDEX cards_owner ON cards (owner);
ANALYZE;
