package main

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var ErrNotFound = errors.New("not found")

// Ref is a row of another table, read when somebody asks for it.
type Ref[T any] struct {
	ID   int
	load func(id int) (*T, error)
	once sync.Once
	row  *T
	err  error
}

func (r *Ref[T]) Get() (*T, error) {
	r.once.Do(func() { r.row, r.err = r.load(r.ID) })
	return r.row, r.err
}

func (r *Ref[T]) MarshalJSON() ([]byte, error) {
	row, err := r.Get()
	if err != nil {
		return nil, err
	}
	return json.Marshal(row)
}

type Hut struct {
	ID     int    `json:"id"`
	Label  string `json:"label"`
	Colour string `json:"colour"`
	Beds   int    `json:"beds"`
}

type Guest struct {
	Name    string  `json:"name"`
	Phone   *string `json:"phone,omitempty"`
	Country string  `json:"country"`
}

type Stay struct {
	ID      int         `json:"id"`
	Arrives string      `json:"arrives"`
	Leaves  string      `json:"leaves"`
	Price   int         `json:"price"`
	Hut     *Ref[Hut]   `json:"hut"`
	Guest   *Ref[Guest] `json:"guest"`
}

type Store struct {
	pool *pgxpool.Pool
}

func openStore(ctx context.Context, url string) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 12
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return &Store{pool: pool}, pool.Ping(ctx)
}

func (s *Store) Beach(ctx context.Context, id int) (name string, err error) {
	err = s.pool.QueryRow(ctx, `SELECT name FROM beaches WHERE id = $1`, id).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	return name, err
}

func (s *Store) loadHut(ctx context.Context) func(int) (*Hut, error) {
	return func(id int) (*Hut, error) {
		rows, err := s.pool.Query(ctx, `SELECT id, label, colour, beds FROM huts WHERE id = $1`, id)
		if err != nil {
			return nil, err
		}
		return pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[Hut])
	}
}

func (s *Store) loadGuest(ctx context.Context) func(int) (*Guest, error) {
	return func(id int) (*Guest, error) {
		rows, err := s.pool.Query(ctx, `SELECT name, phone, country FROM guests WHERE id = $1`, id)
		if err != nil {
			return nil, err
		}
		return pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[Guest])
	}
}

// Stays gives the stays of a beach that begin in [from, until).
func (s *Store) Stays(ctx context.Context, beach int, from, until time.Time) ([]*Stay, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT id, arrives, leaves, price, hut_id, guest_id FROM stays
		WHERE beach_id = $1 AND arrives >= $2 AND arrives < $3 ORDER BY arrives, hut_id`, beach, from, until)
	if err != nil {
		return nil, err
	}
	hut, guest := s.loadHut(ctx), s.loadGuest(ctx)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Stay, error) {
		var arrives, leaves time.Time
		stay := &Stay{Hut: &Ref[Hut]{load: hut}, Guest: &Ref[Guest]{load: guest}}
		err := row.Scan(&stay.ID, &arrives, &leaves, &stay.Price, &stay.Hut.ID, &stay.Guest.ID)
		stay.Arrives, stay.Leaves = arrives.Format(time.DateOnly), leaves.Format(time.DateOnly)
		return stay, err
	})
}

func (s *Store) Huts(ctx context.Context, beach int) ([]Hut, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, label, colour, beds FROM huts WHERE beach_id = $1 ORDER BY id`, beach)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Hut])
}
