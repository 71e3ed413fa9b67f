// Ground water: levels of a county's observation wells, by river basin.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type Basin struct {
	Code string `json:"code"`
	Name string `json:"name"`
	Low  int    `json:"low_cm"`
	High int    `json:"high_cm"`
}

type State struct {
	Gauge     int       `json:"gauge"`
	Name      string    `json:"name"`
	TakenAt   time.Time `json:"taken_at"`
	Cm        int       `json:"cm"`
	Celsius   float64   `json:"celsius"`
	DayChange *int      `json:"day_change"`
	WeekMean  float64   `json:"week_mean"`
}

type Well struct {
	State
	Class string `json:"class"`
	Trend string `json:"trend"`
}

type Store struct{ pool *pgxpool.Pool }

func (s *Store) Basin(ctx context.Context, code string) (b Basin, err error) {
	err = s.pool.QueryRow(ctx, "SELECT code, name, low_cm, high_cm FROM basins WHERE code = $1", code).
		Scan(&b.Code, &b.Name, &b.Low, &b.High)
	return b, err
}

// Current is the newest state of each gauge of a basin.
func (s *Store) Current(ctx context.Context, basin string) ([]State, error) {
	rows, err := s.pool.Query(ctx,
		"SELECT gauge_id, name, taken_at, cm, celsius::float8, day_change, week_mean::float8 FROM gauge_state "+
			"WHERE basin = $1 AND age = 1 ORDER BY name", basin)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[State])
}

type Level struct {
	TakenAt time.Time `json:"taken_at"`
	Cm      int       `json:"cm"`
}

func (s *Store) History(ctx context.Context, gauge, limit int) ([]Level, error) {
	rows, err := s.pool.Query(ctx,
		"SELECT taken_at, cm FROM levels WHERE gauge_id = $1 ORDER BY taken_at DESC LIMIT $2", gauge, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Level])
}

func class(b Basin, cm int) string {
	switch {
	case cm < b.Low:
		return "very low"
	case cm < b.Low+(b.High-b.Low)/4:
		return "low"
	case cm > b.High:
		return "very high"
	}
	return "normal"
}

func trend(s State) string {
	if s.DayChange == nil {
		return "unknown"
	}
	switch d := *s.DayChange; {
	case d > 20 && float64(s.Cm) > s.WeekMean:
		return "rising"
	case d < -20 && float64(s.Cm) < s.WeekMean:
		return "falling"
	}
	return "steady"
}

type Server struct{ store *Store }

func (s *Server) wells(w http.ResponseWriter, r *http.Request) {
	basin, err := s.store.Basin(r.Context(), chi.URLParam(r, "basin"))
	if err != nil {
		fail(w, err)
		return
	}
	states, err := s.store.Current(r.Context(), basin.Code)
	if err != nil {
		fail(w, err)
		return
	}
	counts := map[string]int{}
	wells := make([]Well, 0, len(states))
	for _, st := range states {
		wells = append(wells, Well{State: st, Class: class(basin, st.Cm), Trend: trend(st)})
		counts[wells[len(wells)-1].Class]++
	}
	send(w, map[string]any{"basin": basin, "classes": counts, "wells": wells})
}

func (s *Server) basin(w http.ResponseWriter, r *http.Request) {
	b, err := s.store.Basin(r.Context(), chi.URLParam(r, "basin"))
	if err != nil {
		fail(w, err)
		return
	}
	send(w, b)
}

func (s *Server) history(w http.ResponseWriter, r *http.Request) {
	gauge, err := strconv.Atoi(chi.URLParam(r, "gauge"))
	if err != nil {
		http.Error(w, "gauge: a number is needed", http.StatusBadRequest)
		return
	}
	levels, err := s.store.History(r.Context(), gauge, 56)
	if err != nil {
		fail(w, err)
		return
	}
	send(w, levels)
}

func fail(w http.ResponseWriter, err error) {
	if errors.Is(err, pgx.ErrNoRows) {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	log.Print(err)
	http.Error(w, "internal error", http.StatusInternalServerError)
}

func send(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func main() {
	cfg, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	cfg.MaxConns = 12
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		log.Fatal(err)
	}
	s := &Server{&Store{pool}}
	r := chi.NewRouter()
	r.Use(middleware.Recoverer)
	r.Get("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	r.Get("/basins/{basin}", s.basin)
	r.Get("/basins/{basin}/wells", s.wells)
	r.Get("/gauges/{gauge}/history", s.history)
	r.Handle("/debug/pprof/*", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
