// Run entries: takes entries for the town's runs, charges the fee and hands out bib numbers without gaps.
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
	"strings"
	"time"
)

type EntryForm struct {
	Runner string `json:"runner"`
	Born   int    `json:"born"`
	Goal   int    `json:"goal_minutes"`
	Card   string `json:"card"`
}

func (f *EntryForm) normalize() error {
	f.Runner = strings.Join(strings.Fields(f.Runner), " ")
	switch {
	case f.Runner == "":
		return errors.New("runner is missing")
	case f.Born < 1920 || f.Born > 2020:
		return errors.New("born is not a year that can be")
	case len(f.Card) < 8:
		return errors.New("card is missing")
	}
	return nil
}

func wave(goal int) string {
	switch {
	case goal <= 0:
		return "D"
	case goal < 45:
		return "A"
	case goal < 55:
		return "B"
	}
	return "C"
}

// problem is an error that the caller may see.
type problem struct {
	status int
	text   string
}

func (p problem) Error() string { return p.text }

// endpoint adapts a function from a request to a value, so that errors are answered in one place.
func endpoint[T any](status int, f func(r *http.Request) (T, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		v, err := f(r)
		var p problem
		switch {
		case errors.As(err, &p):
			w.WriteHeader(p.status)
			json.NewEncoder(w).Encode(map[string]string{"error": p.text})
		case err != nil:
			log.Printf("%s %s: %v", r.Method, r.URL.Path, err)
			w.WriteHeader(http.StatusInternalServerError)
			json.NewEncoder(w).Encode(map[string]string{"error": "internal error"})
		default:
			w.WriteHeader(status)
			json.NewEncoder(w).Encode(v)
		}
	}
}

func raceID(r *http.Request) (int, error) {
	id, err := strconv.Atoi(r.PathValue("race"))
	if err != nil {
		return 0, problem{http.StatusBadRequest, "race: a number is needed"}
	}
	return id, nil
}

type service struct {
	entries *Entries
}

func (s *service) enter(r *http.Request) (Entry, error) {
	race, err := raceID(r)
	if err != nil {
		return Entry{}, err
	}
	var form EntryForm
	if err := json.NewDecoder(r.Body).Decode(&form); err != nil {
		return Entry{}, problem{http.StatusBadRequest, "cannot read the form"}
	}
	if err := form.normalize(); err != nil {
		return Entry{}, problem{http.StatusUnprocessableEntity, err.Error()}
	}
	ctx, cancel := context.WithTimeout(r.Context(), 15*time.Second)
	defer cancel()
	return s.entries.Enter(ctx, race, form)
}

func (s *service) race(r *http.Request) (Race, error) {
	id, err := raceID(r)
	if err != nil {
		return Race{}, err
	}
	return s.entries.Race(r.Context(), id)
}

func (s *service) find(r *http.Request) ([]Entry, error) {
	return s.entries.ByRunner(r.Context(), r.URL.Query().Get("runner"))
}

func main() {
	entries, err := OpenEntries(os.Getenv("DATABASE_URL"), &Payments{
		url:  "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT") + "/charges",
		http: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32}},
	})
	if err != nil {
		log.Fatal(err)
	}
	s := &service{entries}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("GET /debug/pprof/", http.DefaultServeMux)
	mux.Handle("GET /races/{race}", endpoint(http.StatusOK, s.race))
	mux.Handle("POST /races/{race}/entries", endpoint(http.StatusCreated, s.enter))
	mux.Handle("GET /entries", endpoint(http.StatusOK, s.find))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
