// Sightings of ringed birds: where they were seen, and maps of a region by square.
package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"log"
	"math"
	"math/rand"
	"net/http"
	"net/http/pprof"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/hashicorp/golang-lru/v2/expirable"
)

type Sighting struct {
	Ring    uint32  `json:"ring"`
	Species uint8   `json:"species"`
	Lat     float32 `json:"lat"`
	Lon     float32 `json:"lon"`
	Day     uint16  `json:"day"`
}

type cell struct{ row, col int16 }

func cellOf(lat, lon float64) cell {
	return cell{int16(math.Floor(lat * 10)), int16(math.Floor(lon * 10))}
}

// Atlas finds sightings by square of a tenth of a degree.
type Atlas struct {
	squares map[cell][]Sighting
	species []string
	total   int
}

// buildAtlas sorts every square by day, so that a season is a slice of it.
func buildAtlas(sightings []Sighting, species []string) *Atlas {
	a := &Atlas{squares: make(map[cell][]Sighting), species: species, total: len(sightings)}
	for _, s := range sightings {
		c := cellOf(float64(s.Lat), float64(s.Lon))
		a.squares[c] = append(a.squares[c], s)
	}
	for _, list := range a.squares {
		sort.Slice(list, func(i, j int) bool { return list[i].Day < list[j].Day })
	}
	return a
}

func season(list []Sighting, from, until uint16) []Sighting {
	lo := sort.Search(len(list), func(i int) bool { return list[i].Day >= from })
	hi := sort.Search(len(list), func(i int) bool { return list[i].Day > until })
	return list[lo:hi]
}

type Box struct{ South, West, North, East float64 }

func (a *Atlas) within(b Box, from, until uint16, visit func(Sighting)) {
	lo, hi := cellOf(b.South, b.West), cellOf(b.North, b.East)
	for row := lo.row; row <= hi.row; row++ {
		for col := lo.col; col <= hi.col; col++ {
			for _, s := range season(a.squares[cell{row, col}], from, until) {
				if lat, lon := float64(s.Lat), float64(s.Lon); lat >= b.South && lat <= b.North && lon >= b.West && lon <= b.East {
					visit(s)
				}
			}
		}
	}
}

// Tally counts requests by client for the yearly report.
type Tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (t *Tally) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := r.Header.Get("X-Project")
		if who == "" {
			who = "public"
		}
		t.mu.Lock()
		t.counts[who]++
		t.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

type Trend struct {
	Species string  `json:"species"`
	Seen    int     `json:"seen"`
	Rings   int     `json:"rings"`
	Mean    float64 `json:"mean_day"`
}

type Service struct {
	atlas  *Atlas
	trends *expirable.LRU[uint64, []Trend]
	seed   maphash.Seed
}

// trendsOf is asked with every map of the region; the figures may be a few minutes old.
func (s *Service) trendsOf(b Box, from, until uint16) []Trend {
	key := maphash.Comparable(s.seed, struct {
		b           Box
		from, until uint16
	}{b, from, until})
	if t, ok := s.trends.Get(key); ok {
		return t
	}
	type sums struct {
		seen, days int
		rings      map[uint32]struct{}
	}
	by := make([]sums, len(s.atlas.species))
	s.atlas.within(b, from, until, func(x Sighting) {
		sp := &by[x.Species]
		if sp.rings == nil {
			sp.rings = make(map[uint32]struct{})
		}
		sp.seen++
		sp.days += int(x.Day)
		sp.rings[x.Ring] = struct{}{}
	})
	trends := make([]Trend, 0, len(by))
	for i, sp := range by {
		if sp.seen > 0 {
			trends = append(trends, Trend{s.atlas.species[i], sp.seen, len(sp.rings), math.Round(float64(sp.days)/float64(sp.seen)*10) / 10})
		}
	}
	sort.Slice(trends, func(i, j int) bool { return trends[i].Seen > trends[j].Seen })
	s.trends.Add(key, trends)
	return trends
}

func parseBox(text string) (Box, error) {
	parts := strings.Split(text, ",")
	if len(parts) != 4 {
		return Box{}, fmt.Errorf("box wants south,west,north,east")
	}
	var v [4]float64
	for i, p := range parts {
		f, err := strconv.ParseFloat(p, 64)
		if err != nil {
			return Box{}, err
		}
		v[i] = f
	}
	return Box{v[0], v[1], v[2], v[3]}, nil
}

func day(r *http.Request, name string, def uint16) uint16 {
	n, err := strconv.ParseUint(r.URL.Query().Get(name), 10, 16)
	if err != nil {
		return def
	}
	return uint16(n)
}

func (s *Service) sightings(w http.ResponseWriter, r *http.Request) {
	box, err := parseBox(r.URL.Query().Get("box"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	from, until := day(r, "from", 1), day(r, "until", 366)
	out := make([]Sighting, 0, 1024)
	s.atlas.within(box, from, until, func(x Sighting) { out = append(out, x) })
	answer(w, r, map[string]any{"count": len(out), "trends": s.trendsOf(box, from, until), "sightings": out})
}

func (s *Service) species(w http.ResponseWriter, r *http.Request) {
	answer(w, r, map[string]any{"total": s.atlas.total, "species": s.atlas.species})
}

func answer(w http.ResponseWriter, r *http.Request, v any) {
	w.Header().Set("Content-Type", "application/json")
	if !strings.Contains(r.Header.Get("Accept"), "x-packed") {
		_ = json.NewEncoder(w).Encode(v)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	zw := gzip.NewWriter(w)
	defer zw.Close()
	_ = json.NewEncoder(zw).Encode(v)
}

func readSightings(n int) ([]Sighting, []string) {
	rnd := rand.New(rand.NewSource(42))
	species := strings.Fields("wren robin dunnock siskin linnet blackcap whitethroat chiffchaff dipper swift martin redstart")
	list := make([]Sighting, n)
	for i := range list {
		list[i] = Sighting{Ring: uint32(rnd.Intn(n / 3)), Species: uint8(rnd.Intn(len(species))), Day: uint16(1 + rnd.Intn(366)),
			Lat: float32(50 + rnd.NormFloat64()*1.2), Lon: float32(5 + rnd.NormFloat64()*1.8)}
	}
	return list, species
}

func main() {
	begun := time.Now()
	atlas := buildAtlas(readSightings(900_000))
	log.Printf("%d sightings in %d squares after %v", atlas.total, len(atlas.squares), time.Since(begun).Round(time.Millisecond))
	s := &Service{atlas: atlas, seed: maphash.MakeSeed(), trends: expirable.NewLRU[uint64, []Trend](512, nil, 2*time.Second)}
	tally := &Tally{counts: make(map[string]int)}
	r := chi.NewRouter()
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	r.Route("/debug/pprof", func(r chi.Router) {
		r.HandleFunc("/*", pprof.Index)
		r.HandleFunc("/profile", pprof.Profile)
		r.HandleFunc("/symbol", pprof.Symbol)
		r.HandleFunc("/trace", pprof.Trace)
	})
	r.With(tally.count).Get("/sightings", s.sightings)
	r.With(tally.count).Get("/species", s.species)
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: r, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		for range time.Tick(time.Minute) {
			tally.mu.Lock()
			log.Printf("projects: %v", tally.counts)
			tally.mu.Unlock()
		}
	}()
	if err := server.ListenAndServe(); err != nil {
		log.Print(err)
		_ = server.Shutdown(context.Background())
	}
}
