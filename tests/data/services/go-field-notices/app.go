// Notices to airmen, briefed for a route: what is closed, lit or under cranes between here and there.
package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net/http"
	_ "net/http/pprof"
	"os"
	"regexp"
	"sort"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

var (
	abbreviation = regexp.MustCompile(`\b(RWY|TWY|CLSD|U/S|WIP|PSN|ELEV|CTC|TWR|AVBL|TEMPO)\b`)
	position     = regexp.MustCompile(`(\d{2})(\d{2})N(\d{3})(\d{2})E`)
	wordsOf      = map[string]string{"RWY": "runway", "TWY": "taxiway", "CLSD": "closed", "U/S": "unserviceable",
		"WIP": "work in progress", "PSN": "position", "ELEV": "elevation", "CTC": "contact", "TWR": "tower",
		"AVBL": "available", "TEMPO": "temporarily"}
	weights = map[string]int{"runway": 9, "airspace": 8, "fuel": 6, "lights": 4, "crane": 3, "taxiway": 2}
)

type Briefer struct {
	store *Store
	group singleflight.Group

	mu    sync.RWMutex
	names map[string]string
	asked map[string]int
}

type leg struct {
	From string `json:"from"`
	To   string `json:"to"`
	NM   int    `json:"nm"`
}

type Briefing struct {
	Route   string   `json:"route"`
	Legs    []leg    `json:"legs"`
	Notices []Notice `json:"notices"`
	Urgent  int      `json:"urgent"`
}

func spell(body string) []string {
	plain := abbreviation.ReplaceAllStringFunc(body, func(s string) string { return wordsOf[s] })
	plain = position.ReplaceAllString(plain, "$1°$2'N $3°$4'E")
	return strings.Split(strings.TrimPrefix(plain, "E) "), ". ")
}

func miles(a, b Field) float64 {
	const rad = math.Pi / 180
	h := math.Pow(math.Sin((b.Lat-a.Lat)*rad/2), 2) +
		math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Pow(math.Sin((b.Lon-a.Lon)*rad/2), 2)
	return 2 * 3440 * math.Asin(math.Sqrt(h))
}

func (b *Briefer) count(route string) {
	b.mu.Lock()
	b.asked[route]++
	b.mu.Unlock()
}

func (b *Briefer) brief(ctx context.Context, route string, day time.Time) (*Briefing, error) {
	fields, err := b.store.Fields(ctx, route)
	if err != nil || len(fields) == 0 {
		return nil, err
	}
	out := &Briefing{Route: route}
	codes := make([]string, len(fields))
	for i, f := range fields {
		codes[i] = f.Code
		if i > 0 {
			out.Legs = append(out.Legs, leg{fields[i-1].Name, f.Name, int(miles(fields[i-1], f))})
		}
	}
	out.Notices, err = b.store.Valid(ctx, codes, day, day.Add(36*time.Hour))
	if err != nil {
		return nil, err
	}
	for i := range out.Notices {
		n := &out.Notices[i]
		n.Text, n.Weight = spell(n.Body), weights[n.Kind]
		if n.Weight > 7 {
			out.Urgent++
		}
	}
	sort.SliceStable(out.Notices, func(i, j int) bool { return out.Notices[i].Weight > out.Notices[j].Weight })
	return out, nil
}

func (b *Briefer) briefing(w http.ResponseWriter, r *http.Request) {
	route, day := strings.ToUpper(r.PathValue("route")), time.Date(2025, 4, 14, 5, 0, 0, 0, time.UTC)
	if asked := r.URL.Query().Get("day"); asked != "" {
		parsed, err := time.Parse(time.DateOnly, asked)
		if err != nil {
			http.Error(w, "day is not a date", http.StatusBadRequest)
			return
		}
		day = parsed
	}
	b.count(route)
	found, err := b.brief(r.Context(), route, day)
	switch {
	case errors.Is(err, context.Canceled):
	case err != nil:
		log.Print(err)
		http.Error(w, "no briefing now", http.StatusBadGateway)
	case found == nil:
		http.NotFound(w, r)
	default:
		reply(w, r, found)
	}
}

var squeezers = sync.Pool{New: func() any { z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed); return z }}

func reply(w http.ResponseWriter, r *http.Request, v any) {
	w.Header().Set("Content-Type", "application/json")
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		json.NewEncoder(w).Encode(v)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	z := squeezers.Get().(*gzip.Writer)
	defer squeezers.Put(z)
	z.Reset(w)
	if err := json.NewEncoder(z).Encode(v); err != nil {
		log.Print(err)
	}
	z.Close()
}

// airfields answers with all names; they change once in a while.
func (b *Briefer) airfields(w http.ResponseWriter, r *http.Request) {
	b.mu.RLock()
	names := b.names
	b.mu.RUnlock()
	reply(w, r, names)
}

func (b *Briefer) refresh(ctx context.Context) error {
	names, err, _ := b.group.Do("names", func() (any, error) { return b.store.Names(ctx) })
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.names = names.(map[string]string)
	b.mu.Unlock()
	return nil
}

func (b *Briefer) keepFresh(ctx context.Context, every time.Duration) {
	for range time.Tick(every) {
		if err := b.refresh(ctx); err != nil {
			log.Print(err)
		}
	}
}

func main() {
	ctx := context.Background()
	store, err := openStore(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	b := &Briefer{store: store, asked: map[string]int{}}
	if err := b.refresh(ctx); err != nil {
		log.Fatal(err)
	}
	go b.keepFresh(ctx, 2*time.Second)
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /airfields", b.airfields)
	http.HandleFunc("GET /briefings/{route}", b.briefing)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
