// Coach fares: asks two fare books for a trip and answers with the one that is first.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/rand"
	"net/http"
	_ "net/http/pprof"
	"os"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

type Fare struct {
	Class    string `json:"class"`
	Cents    int    `json:"cents"`
	Seats    int    `json:"seats"`
	Transfer string `json:"transfer,omitempty"`
}

type quote struct {
	Book  string `json:"book"`
	Trip  string `json:"trip"`
	Fares []Fare `json:"fares"`
}

// fareBook is the price list of one of the two operators' alliances.
type fareBook struct {
	name  string
	delay time.Duration
}

func (b fareBook) fares(ctx context.Context, trip string) (*quote, error) {
	wait := b.delay + time.Duration(rand.Intn(6))*time.Millisecond
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	q := &quote{Book: b.name, Trip: trip, Fares: make([]Fare, 0, 256)}
	for i := 0; i < 200; i++ {
		q.Fares = append(q.Fares, Fare{Class: string(rune('A' + i%20)), Cents: 900 + 35*i, Seats: (i * 7) % 49})
	}
	return q, nil
}

type counter struct {
	books []fareBook
}

type answer struct {
	quote *quote
	err   error
}

// quickest asks all the books and returns what comes in first.
func (c *counter) quickest(ctx context.Context, trip string) (*quote, error) {
	answers := make(chan answer)
	for _, b := range c.books {
		go func() {
			q, err := b.fares(context.WithoutCancel(ctx), trip)
			answers <- answer{q, err}
		}()
	}
	select {
	case a := <-answers:
		return a.quote, a.err
	case <-time.After(2 * time.Second):
		return nil, errors.New("no fare book answered")
	}
}

func cheapest(fares []Fare, n int) []Fare {
	var out []Fare
	for _, f := range fares {
		if f.Seats > 0 && len(out) < n {
			out = append(out, f)
		}
	}
	return out
}

func (c *counter) handleTrip(w http.ResponseWriter, r *http.Request) {
	q, err := c.quickest(r.Context(), chi.URLParam(r, "trip"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusGatewayTimeout)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(quote{Book: q.Book, Trip: q.Trip, Fares: cheapest(q.Fares, 10)})
}

func main() {
	c := &counter{books: []fareBook{{"north", 14 * time.Millisecond}, {"coast", 16 * time.Millisecond}}}
	r := chi.NewRouter()
	r.Use(middleware.Recoverer)
	r.Get("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	r.Get("/trips/{trip}/fares", c.handleTrip)
	r.Handle("/debug/pprof/*", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
