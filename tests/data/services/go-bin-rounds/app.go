// Waste collection: the rounds of the lorries, the stops of a round and what stands at each.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type Round struct {
	ID    int       `json:"id"`
	Lorry string    `json:"lorry"`
	Day   time.Time `json:"day"`
}

type Bin struct {
	Kind   string `json:"kind"`
	Litres int    `json:"litres"`
}

type Stop struct {
	ID       int    `json:"id"`
	Place    int    `json:"place"`
	Address  string `json:"address"`
	Bins     []Bin  `json:"bins"`
	Remark   string `json:"remark,omitempty"`
	Expected int    `json:"expected_litres"`
}

type Sheet struct {
	Round Round  `json:"round"`
	Stops []Stop `json:"stops"`
	Sum   int    `json:"sum_litres"`
}

type Store struct{ db *pgxpool.Pool }

func (s *Store) Round(ctx context.Context, id int) (r Round, err error) {
	err = s.db.QueryRow(ctx, `SELECT id, lorry, day FROM rounds WHERE id = $1`, id).Scan(&r.ID, &r.Lorry, &r.Day)
	return r, err
}

func (s *Store) Rounds(ctx context.Context, lorry string) ([]Round, error) {
	rows, err := s.db.Query(ctx, `SELECT id, lorry, day FROM rounds WHERE lorry = $1 ORDER BY day DESC LIMIT 30`, lorry)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Round])
}

func (s *Store) Stops(ctx context.Context, round int) ([]Stop, error) {
	rows, err := s.db.Query(ctx, `SELECT s.id, s.place, a.line FROM stops s JOIN addresses a ON a.id = s.address_id
		WHERE s.round_id = $1 ORDER BY s.place`, round)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (st Stop, err error) {
		err = row.Scan(&st.ID, &st.Place, &st.Address)
		return st, err
	})
}

func (s *Store) Bins(ctx context.Context, stop int) ([]Bin, error) {
	rows, err := s.db.Query(ctx, `SELECT kind, litres FROM bins WHERE stop_id = $1 ORDER BY kind`, stop)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Bin])
}

func (s *Store) LastRemark(ctx context.Context, stop int) (text string, err error) {
	err = s.db.QueryRow(ctx, `SELECT text FROM remarks WHERE stop_id = $1 ORDER BY made DESC LIMIT 1`, stop).Scan(&text)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return text, err
}

// sheet is what the driver takes along.
func (s *Store) sheet(ctx context.Context, id int) (*Sheet, error) {
	round, err := s.Round(ctx, id)
	if err != nil {
		return nil, err
	}
	stops, err := s.Stops(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &Sheet{Round: round, Stops: stops}
	for i := range stops {
		st := &stops[i]
		if st.Bins, err = s.Bins(ctx, st.ID); err != nil {
			return nil, err
		}
		if st.Remark, err = s.LastRemark(ctx, st.ID); err != nil {
			return nil, err
		}
		for _, b := range st.Bins {
			st.Expected += fill(b)
		}
		out.Sum += st.Expected
	}
	return out, nil
}

func fill(b Bin) int {
	switch b.Kind {
	case "paper":
		return b.Litres * 7 / 10
	case "glass":
		return b.Litres / 2
	}
	return b.Litres * 9 / 10
}

func reply(w http.ResponseWriter, v any, err error) {
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		http.Error(w, "not found", http.StatusNotFound)
	case err != nil:
		log.Print(err)
		http.Error(w, "internal error", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	}
}

func main() {
	conf, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	conf.MaxConns = 10
	db, err := pgxpool.NewWithConfig(context.Background(), conf)
	if err != nil {
		log.Fatal(err)
	}
	s := &Store{db: db}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /up", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /lorries/{lorry}/rounds", func(w http.ResponseWriter, r *http.Request) {
		list, err := s.Rounds(r.Context(), r.PathValue("lorry"))
		reply(w, list, err)
	})
	mux.HandleFunc("GET /rounds/{id}/sheet", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(r.PathValue("id"))
		if err != nil {
			http.Error(w, "bad number", http.StatusBadRequest)
			return
		}
		sheet, err := s.sheet(r.Context(), id)
		reply(w, sheet, err)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
