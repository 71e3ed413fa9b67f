CREATE TABLE victim (id INTEGER PRIMARY KEY, name TEXT);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
    INSERT INTO victim SELECT i, 'name ' || i FROM n;
CREATE VIRTUAL TABLE texts USING fts5 (body);
INSERT INTO texts VALUES ('some words');
CREATE VIEW view_with_trigger AS SELECT id FROM victim;
CREATE TRIGGER writing INSTEAD OF INSERT ON view_with_trigger BEGIN DELETE FROM victim; END;
