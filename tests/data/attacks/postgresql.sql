-- A database full of traps. canary() is harmless until it is armed: the last statement.
CREATE TABLE victim (id int PRIMARY KEY, name text);
INSERT INTO victim SELECT i, 'name ' || i FROM generate_series(1, 300) i;
CREATE SEQUENCE counter;
CREATE EXTENSION dblink;
CREATE EXTENSION file_fdw;
CREATE EXTENSION postgres_fdw;
CREATE FUNCTION public.canary() RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN 1; END';
CREATE PROCEDURE procedure_of_harm() LANGUAGE plpgsql AS 'BEGIN PERFORM public.canary(); END';
CREATE FUNCTION public.lie() RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN public.canary(); END';
CREATE FUNCTION lie_in_sql() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT public.canary()';
CREATE FUNCTION lie_in_standard_sql() RETURNS int LANGUAGE sql IMMUTABLE
    BEGIN ATOMIC SELECT public.canary(); END;
CREATE FUNCTION lie_stable(int) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN public.lie(); END';
CREATE FUNCTION lie_behind() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT public.lie()';
CREATE FUNCTION lie_dynamic() RETURNS int LANGUAGE plpgsql IMMUTABLE AS
    'DECLARE r int; BEGIN EXECUTE ''SELECT public.can'' || ''ary()'' INTO r; RETURN r; END';
CREATE FUNCTION lie_as_owner() RETURNS int LANGUAGE sql IMMUTABLE SECURITY DEFINER AS 'SELECT public.lie()';
CREATE FUNCTION lie_with_default(a int, b int DEFAULT public.lie()) RETURNS int LANGUAGE sql IMMUTABLE
    AS 'SELECT a + b';
CREATE FUNCTION lie_of_row(victim) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN public.canary(); END';
CREATE FUNCTION long_name_of_a_function_that_lies_and_has_sixty_three_characters_and_more(int)
    RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN public.canary(); END';
CREATE FUNCTION lie_equal(int, int) RETURNS bool LANGUAGE plpgsql IMMUTABLE
    AS 'BEGIN RETURN public.canary() > 0; END';
CREATE OPERATOR === (leftarg = int, rightarg = int, function = lie_equal);
CREATE TYPE colour AS ENUM ('red', 'green');
CREATE FUNCTION lie_of_colour(colour) RETURNS int LANGUAGE plpgsql IMMUTABLE
    AS 'BEGIN RETURN public.canary(); END';
CREATE CAST (colour AS int) WITH FUNCTION lie_of_colour(colour);
CREATE DOMAIN trap AS int CHECK (VALUE + public.lie() > -99);
CREATE TYPE pair AS (a int, b trap);
CREATE TABLE trapped (a trap);
INSERT INTO trapped VALUES (1);
CREATE FUNCTION lie_about_distance(int, int) RETURNS float8 LANGUAGE plpgsql IMMUTABLE
    AS 'BEGIN RETURN public.canary(); END';
CREATE TYPE span AS RANGE (subtype = int, subtype_diff = lie_about_distance);
CREATE FUNCTION add_harm(int, int) RETURNS int LANGUAGE plpgsql IMMUTABLE
    AS 'BEGIN RETURN $1 + public.canary(); END';
CREATE AGGREGATE sum_of_harm(int) (sfunc = add_harm, stype = int, initcond = '0');
CREATE VIEW view_of_canary AS SELECT id, public.canary() AS c FROM victim;
CREATE VIEW view_of_lie AS SELECT id, public.lie() AS c FROM victim;
CREATE VIEW view_of_view AS SELECT * FROM view_of_lie;
CREATE MATERIALIZED VIEW stored AS SELECT 1 AS one;
CREATE TABLE guarded (id int);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY lying ON guarded USING (public.lie() = 1);
CREATE TABLE indexed (id int);
CREATE INDEX lying ON indexed ((id + public.lie()));
CREATE TABLE parted (id int) PARTITION BY RANGE (id);
CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (9);
ALTER TABLE part ADD CHECK (id > public.lie() - 99);
CREATE TABLE counted (id int);
CREATE STATISTICS lying_too ON (id + public.lie()), (id * 2) FROM counted;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE program (line text) SERVER files OPTIONS (program 'touch @folder@/harm');
CREATE SERVER loop FOREIGN DATA WRAPPER postgres_fdw
    OPTIONS (host '127.0.0.1', port '@port@', dbname 'postgres', use_remote_estimate 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER loop OPTIONS (user 'postgres');
CREATE FOREIGN TABLE remote (id int, c int) SERVER loop OPTIONS (table_name 'view_of_canary');
CREATE TABLE parted_remote (id int, c int) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE part_remote PARTITION OF parted_remote FOR VALUES FROM (0) TO (9)
    SERVER loop OPTIONS (table_name 'view_of_canary');
CREATE ROLE reader LOGIN;
GRANT pg_read_all_data TO reader;
CREATE OR REPLACE FUNCTION public.canary() RETURNS int LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    EXECUTE 'COPY (SELECT 1) TO ''@folder@/harm''';
    RETURN 1;
END $f$;
