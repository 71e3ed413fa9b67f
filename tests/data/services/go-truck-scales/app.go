// Weighbridge of a quarry: trucks are weighed at several lanes, each gets its ticket.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"math"
	"net/http"
	_ "net/http/pprof"
	"os"
	"regexp"
	"sync"
	"time"
)

const lanes = 6

var (
	plateForm = regexp.MustCompile(`^[A-Z0-9]{1,3}(-[A-Z0-9]{1,3}){1,3}$`)
	tares     = map[string]int{"VX-194-K": 14260, "BN-771-D": 13980}
	prices    = map[string]float64{"gravel": 18.4, "sand": 15.1, "rubble": 7.9}
)

type Weighing struct {
	Plate   string `json:"plate"`
	Lane    int    `json:"lane"`
	Product string `json:"product"`
}

type Ticket struct {
	Number   int       `json:"number"`
	Plate    string    `json:"plate"`
	Product  string    `json:"product"`
	Gross    int       `json:"gross"`
	Net      int       `json:"net"`
	Amount   float64   `json:"amount"`
	Warnings []string  `json:"warnings,omitempty"`
	At       time.Time `json:"at"`
}

// Book keeps the day's tickets.
type Book struct {
	mu      sync.RWMutex
	tickets []Ticket
	last    int
}

func (b *Book) Add(t Ticket) Ticket {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	t.Number = b.last
	b.tickets = append(b.tickets, t)
	if len(b.tickets) > 500 {
		b.tickets = append(b.tickets[:0], b.tickets[250:]...)
	}
	return t
}

func (b *Book) Totals() map[string]int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	totals := map[string]int{}
	for _, t := range b.tickets {
		totals[t.Product] += t.Net
	}
	return totals
}

type Yard struct {
	scales *Controller
	book   *Book
	limit  int
}

func (y *Yard) warnings(gross int, axles []int) (found []string) {
	if gross > y.limit {
		found = append(found, "overloaded")
	}
	sum, heaviest := 0, 0
	for _, a := range axles {
		sum += a
		heaviest = max(heaviest, a)
	}
	if heaviest > 11500 {
		found = append(found, "axle overloaded")
	}
	if math.Abs(float64(sum-gross)) > 0.02*float64(gross) {
		found = append(found, "axles and gross differ")
	}
	return found
}

func (y *Yard) Weigh(o Weighing) (Ticket, error) {
	axles, err := y.scales.Axles(o.Lane)
	if err != nil {
		return Ticket{}, err
	}
	gross, stable, err := y.scales.Gross(o.Lane)
	if err != nil {
		return Ticket{}, err
	}
	if !stable {
		return Ticket{}, errors.New("truck does not stand still")
	}
	tare, known := tares[o.Plate]
	if !known {
		tare = 14000
	}
	net := max(0, gross-tare)
	amount := math.Round(float64(net)/1000*prices[o.Product]*100) / 100
	return y.book.Add(Ticket{Plate: o.Plate, Product: o.Product, Gross: gross, Net: net, Amount: amount,
		Warnings: y.warnings(gross, axles), At: time.Now().UTC()}), nil
}

func (y *Yard) postWeighing(w http.ResponseWriter, r *http.Request) {
	var o Weighing
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&o); err != nil {
		http.Error(w, "not a weighing", http.StatusBadRequest)
		return
	}
	if _, ok := prices[o.Product]; !ok || !plateForm.MatchString(o.Plate) || o.Lane < 1 || o.Lane > lanes {
		http.Error(w, "plate, lane or product is wrong", http.StatusUnprocessableEntity)
		return
	}
	ticket, err := y.Weigh(o)
	if err != nil {
		log.Printf("lane %d: %v", o.Lane, err)
		http.Error(w, "the lane does not answer", http.StatusBadGateway)
		return
	}
	reply(w, http.StatusCreated, ticket)
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func main() {
	limit := flag.Int("limit", 40000, "legal gross weight in kg")
	flag.Parse()
	y := &Yard{scales: NewController("127.0.0.1:" + os.Getenv("UPSTREAM_PORT")), book: &Book{}, limit: *limit}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("POST /weighings", y.postWeighing)
	http.HandleFunc("GET /totals", func(w http.ResponseWriter, r *http.Request) { reply(w, http.StatusOK, y.book.Totals()) })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
