// Parcel desk: issues shipping labels and hands out tracking numbers.
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
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

var (
	errNoCarrier = errors.New("no such carrier")
	errTooHeavy  = errors.New("too heavy for this carrier")
	errNoLabel   = errors.New("no such label")
)

type Carrier struct {
	Code     string
	MaxGrams int
	Base     int
	PerZone  int
}

type Order struct {
	Reference string `json:"reference"`
	Carrier   string `json:"carrier"`
	Postcode  string `json:"postcode"`
	Grams     int    `json:"grams"`
}

type Label struct {
	Tracking string    `json:"tracking"`
	Carrier  string    `json:"carrier"`
	Zone     int       `json:"zone"`
	Depot    string    `json:"depot"`
	Cents    int       `json:"cents"`
	Issued   time.Time `json:"issued"`
	Ref      string    `json:"reference,omitempty"`
}

// labelBook keeps the labels of the running shift and the next number of every carrier.
type labelBook struct {
	mu       sync.Mutex
	carriers map[string]Carrier
	next     map[string]uint64
	labels   map[string]*Label
	order    []string
	byRef    map[string]string
	keep     int
	zones    *zoneDirectory
}

func newLabelBook(zones *zoneDirectory, carriers ...Carrier) *labelBook {
	b := &labelBook{
		carriers: make(map[string]Carrier),
		next:     make(map[string]uint64),
		labels:   make(map[string]*Label),
		byRef:    make(map[string]string),
		keep:     2000,
		zones:    zones,
	}
	for i, c := range carriers {
		b.carriers[c.Code] = c
		b.next[c.Code] = uint64(7_000_000 + i*100_000)
	}
	return b
}

func checkDigit(n uint64) uint64 {
	sum := uint64(0)
	for w := uint64(3); n > 0; n /= 10 {
		sum += n % 10 * w
		w = 4 - w
	}
	return (10 - sum%10) % 10
}

func (b *labelBook) number(carrier string) string {
	n := b.next[carrier]
	b.next[carrier]++
	return fmt.Sprintf("%s%09d%d", strings.ToUpper(carrier), n, checkDigit(n))
}

func (b *labelBook) remember(l *Label) {
	if len(b.order) == b.keep {
		oldest := b.labels[b.order[0]]
		delete(b.labels, oldest.Tracking)
		delete(b.byRef, oldest.Ref)
		b.order = b.order[1:]
	}
	b.labels[l.Tracking] = l
	b.order = append(b.order, l.Tracking)
	if l.Ref != "" {
		b.byRef[l.Ref] = l.Tracking
	}
}

// Issue makes the label of an order; an order that was seen before gets the label it has.
func (b *labelBook) Issue(ctx context.Context, o Order) (*Label, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if tracking, ok := b.byRef[o.Reference]; ok && o.Reference != "" {
		return b.labels[tracking], nil
	}
	c, ok := b.carriers[o.Carrier]
	if !ok {
		return nil, errNoCarrier
	}
	if o.Grams > c.MaxGrams {
		return nil, errTooHeavy
	}
	z, err := b.zones.Find(ctx, o.Postcode)
	if err != nil {
		return nil, fmt.Errorf("zone of %s: %w", o.Postcode, err)
	}
	l := &Label{
		Tracking: b.number(c.Code), Carrier: c.Code, Zone: z.Zone, Depot: z.Depot, Ref: o.Reference,
		Cents: c.Base + c.PerZone*z.Zone + o.Grams/500*35, Issued: time.Now().UTC(),
	}
	b.remember(l)
	return l, nil
}

func (b *labelBook) Lookup(tracking string) (*Label, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l, ok := b.labels[tracking]; ok {
		return l, nil
	}
	return nil, errNoLabel
}

func (b *labelBook) Counts() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	counts := make(map[string]int)
	for _, l := range b.labels {
		counts[l.Carrier]++
	}
	return counts
}

type zone struct {
	Zone  int    `json:"zone"`
	Depot string `json:"depot"`
}

// zoneDirectory asks the network planning's service where a postcode belongs.
type zoneDirectory struct {
	base   string
	client *http.Client
}

func (d *zoneDirectory) Find(ctx context.Context, postcode string) (z zone, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+"/zones/"+postcode, nil)
	if err != nil {
		return z, err
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return z, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return z, fmt.Errorf("planning answered %s", resp.Status)
	}
	err = json.NewDecoder(resp.Body).Decode(&z)
	return z, err
}

type desk struct{ book *labelBook }

func (d *desk) issue(w http.ResponseWriter, r *http.Request) {
	var o Order
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<14)).Decode(&o); err != nil {
		http.Error(w, "not an order", http.StatusBadRequest)
		return
	}
	l, err := d.book.Issue(r.Context(), o)
	respond(w, http.StatusCreated, l, err)
}

func (d *desk) label(w http.ResponseWriter, r *http.Request) {
	l, err := d.book.Lookup(chi.URLParam(r, "tracking"))
	respond(w, http.StatusOK, l, err)
}

func (d *desk) counts(w http.ResponseWriter, r *http.Request) {
	respond(w, http.StatusOK, d.book.Counts(), nil)
}

func respond(w http.ResponseWriter, status int, v any, err error) {
	switch {
	case errors.Is(err, errNoLabel):
		http.Error(w, err.Error(), http.StatusNotFound)
	case errors.Is(err, errNoCarrier), errors.Is(err, errTooHeavy):
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadGateway)
	default:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
}

func main() {
	zones := &zoneDirectory{
		base: "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
		client: &http.Client{
			Timeout:   3 * time.Second,
			Transport: &http.Transport{MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute},
		},
	}
	d := &desk{book: newLabelBook(zones,
		Carrier{Code: "nx", MaxGrams: 31500, Base: 390, PerZone: 80},
		Carrier{Code: "bb", MaxGrams: 20000, Base: 310, PerZone: 95},
		Carrier{Code: "eco", MaxGrams: 10000, Base: 220, PerZone: 110},
	)}
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer)
	r.Get("/healthz", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	r.Post("/labels", d.issue)
	r.Get("/labels/{tracking}", d.label)
	r.Get("/shift", d.counts)
	r.Mount("/debug", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
