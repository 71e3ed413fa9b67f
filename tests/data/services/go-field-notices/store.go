package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type Field struct {
	Code string  `json:"code" db:"code"`
	Name string  `json:"name" db:"name"`
	Lat  float64 `json:"lat" db:"lat"`
	Lon  float64 `json:"lon" db:"lon"`
}

type Notice struct {
	ID       int64     `json:"id" db:"id"`
	Airfield string    `json:"airfield" db:"airfield"`
	Begins   time.Time `json:"begins" db:"begins"`
	Ends     time.Time `json:"ends" db:"ends"`
	Kind     string    `json:"kind" db:"kind"`
	Body     string    `json:"-" db:"body"`
	Text     []string  `json:"text" db:"-"`
	Weight   int       `json:"weight" db:"-"`
}

type Store struct{ pool *pgxpool.Pool }

func openStore(ctx context.Context, url string) (*Store, error) {
	conf, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	conf.MaxConns = 4
	pool, err := pgxpool.NewWithConfig(ctx, conf)
	if err != nil {
		return nil, err
	}
	return &Store{pool}, pool.Ping(ctx)
}

// Fields are the airfields of a route, from its first to its last.
func (s *Store) Fields(ctx context.Context, route string) ([]Field, error) {
	rows, err := s.pool.Query(ctx, `SELECT a.code, a.name, a.lat, a.lon
		FROM routes r CROSS JOIN unnest(r.fields) WITH ORDINALITY f(code, n) JOIN airfields a ON a.code = f.code
		WHERE r.name = $1 ORDER BY f.n`, route)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Field])
}

// Valid are the notices of the airfields that apply within a time.
func (s *Store) Valid(ctx context.Context, fields []string, from, to time.Time) ([]Notice, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, airfield, begins, ends, kind, body FROM notices
		WHERE airfield = ANY($1) AND ends >= $2 AND begins <= $3 ORDER BY begins, id`, fields, from, to)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Notice])
}

func (s *Store) Names(ctx context.Context) (map[string]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT code, name FROM airfields`)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	var code, name string
	_, err = pgx.ForEachRow(rows, []any{&code, &name}, func() error {
		names[code] = name
		return nil
	})
	return names, err
}
