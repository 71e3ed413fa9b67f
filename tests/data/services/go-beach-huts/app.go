// Sleeping huts on the beach: the week's plan for the warden of each beach.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"time"
)

type Plan struct {
	Beach  string         `json:"beach"`
	From   string         `json:"from"`
	Until  string         `json:"until"`
	Income int            `json:"income"`
	PerDay map[string]int `json:"arrivals"`
	Stays  []*Stay        `json:"stays"`
}

type app struct {
	store *Store
}

func period(r *http.Request) (from, until time.Time, err error) {
	if from, err = time.Parse(time.DateOnly, r.URL.Query().Get("from")); err != nil {
		return
	}
	nights, err := strconv.Atoi(r.URL.Query().Get("nights"))
	if err == nil && (nights < 1 || nights > 31) {
		err = errors.New("nights: 1 to 31")
	}
	return from, from.AddDate(0, 0, nights), err
}

func (a *app) plan(w http.ResponseWriter, r *http.Request) error {
	beach, _ := strconv.Atoi(r.PathValue("beach"))
	from, until, err := period(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return nil
	}
	name, err := a.store.Beach(r.Context(), beach)
	if err != nil {
		return err
	}
	stays, err := a.store.Stays(r.Context(), beach, from, until)
	if err != nil {
		return err
	}
	plan := Plan{Beach: name, From: from.Format(time.DateOnly), Until: until.Format(time.DateOnly), PerDay: map[string]int{}, Stays: stays}
	for _, s := range stays {
		plan.Income += s.Price
		plan.PerDay[s.Arrives]++
	}
	return reply(w, plan)
}

func (a *app) huts(w http.ResponseWriter, r *http.Request) error {
	beach, _ := strconv.Atoi(r.PathValue("beach"))
	huts, err := a.store.Huts(r.Context(), beach)
	if err != nil {
		return err
	}
	return reply(w, huts)
}

func reply(w http.ResponseWriter, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(body)
	return err
}

func handler(h func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch err := h(w, r); {
		case errors.Is(err, ErrNotFound):
			http.NotFound(w, r)
		case err != nil:
			slog.Error("request", "path", r.URL.Path, "err", err)
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
}

func main() {
	store, err := openStore(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		slog.Error("database", "err", err)
		os.Exit(1)
	}
	a := &app{store: store}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /up", func(w http.ResponseWriter, r *http.Request) {})
	mux.Handle("GET /beaches/{beach}/plan", handler(a.plan))
	mux.Handle("GET /beaches/{beach}/huts", handler(a.huts))
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux); err != nil {
		slog.Error("server", "err", err)
	}
}
