// Fish sonar on a river: echoes of a night are joined to tracks, tracks to passages, passages are counted by hour.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math"
	"math/rand"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sort"
	"strconv"
	"time"
)

// Ping is what the transducer stores: packed, one per echo.
type Ping struct {
	Ms    uint32
	Range uint16
	Angle int16
	Level int16
}

type Night struct {
	Date  string
	Pings []Ping
}

type Quality struct {
	Snr   *float64
	Noise *float64
}

type Echo struct {
	At       *time.Time
	Position *Position
	Quality  *Quality
	Tags     map[string]string
	Before   *Echo
	After    *Echo
	Track    *Track
}

type Position struct {
	Across *float64
	Depth  *float64
}

type Track struct {
	First, Last *Echo
	Echoes      []*Echo
	Heading     *float64
}

func num(v float64) *float64 { return &v }

// unpack turns a ping into the form that the steps below work with.
func unpack(start time.Time, p Ping) *Echo {
	at := start.Add(time.Duration(p.Ms) * time.Millisecond)
	r, a := float64(p.Range)/100, float64(p.Angle)*math.Pi/1800
	e := &Echo{
		At:       &at,
		Position: &Position{Across: num(r * math.Cos(a)), Depth: num(r*math.Sin(a) + 3)},
		Quality:  &Quality{Snr: num(float64(p.Level) / 10), Noise: num(40 - r/4)},
	}
	if p.Level > 240 {
		e.Tags = map[string]string{"strong": strconv.Itoa(int(p.Level))}
	}
	return e
}

func link(echoes []*Echo) {
	for i := 1; i < len(echoes); i++ {
		echoes[i].Before, echoes[i-1].After = echoes[i-1], echoes[i]
	}
}

func near(a, b *Echo) bool {
	dx := *a.Position.Across - *b.Position.Across
	dz := *a.Position.Depth - *b.Position.Depth
	return dx*dx+dz*dz < 0.5 && b.At.Sub(*a.At) < 4*time.Second
}

// join follows each echo to the open track that ends near it.
func join(echoes []*Echo) []*Track {
	var open, all []*Track
	for _, e := range echoes {
		kept := open[:0]
		var home *Track
		for _, t := range open {
			if e.At.Sub(*t.Last.At) > 4*time.Second {
				continue
			}
			kept = append(kept, t)
			if home == nil && near(t.Last, e) {
				home = t
			}
		}
		open = kept
		if home == nil {
			home = &Track{First: e}
			open, all = append(open, home), append(all, home)
		}
		home.Last, e.Track = e, home
		home.Echoes = append(home.Echoes, e)
	}
	for _, t := range all {
		t.Heading = num(*t.Last.Position.Across - *t.First.Position.Across)
	}
	return all
}

type Hour struct {
	Hour   string  `json:"hour"`
	Up     int     `json:"up"`
	Down   int     `json:"down"`
	Echoes int     `json:"echoes"`
	Snr    float64 `json:"mean_snr"`
}

func count(tracks []*Track) []Hour {
	hours := make(map[string]*Hour)
	for _, t := range tracks {
		key := t.First.At.Format("2006-01-02T15")
		h := hours[key]
		if h == nil {
			h = &Hour{Hour: key}
			hours[key] = h
		}
		if *t.Heading >= 0 {
			h.Up++
		} else {
			h.Down++
		}
		for _, e := range t.Echoes {
			h.Echoes++
			h.Snr += *e.Quality.Snr
		}
	}
	out := make([]Hour, 0, len(hours))
	for _, h := range hours {
		h.Snr = math.Round(h.Snr/float64(h.Echoes)*100) / 100
		out = append(out, *h)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Hour < out[j].Hour })
	return out
}

type Station struct{ nights map[string]*Night }

func (s *Station) Passages(date string) ([]Hour, bool) {
	night, ok := s.nights[date]
	if !ok {
		return nil, false
	}
	start, _ := time.Parse(time.DateOnly, night.Date)
	echoes := make([]*Echo, 0)
	for _, p := range night.Pings {
		echoes = append(echoes, unpack(start, p))
	}
	link(echoes)
	return count(join(echoes)), true
}

func record(date string, n int) *Night {
	rnd := rand.New(rand.NewSource(int64(n)))
	night := &Night{Date: date, Pings: make([]Ping, n)}
	rang, angle := 900.0, -200.0
	for i := range night.Pings {
		if i%23 == 0 {
			rang, angle = 300+rnd.Float64()*1500, -400+rnd.Float64()*800
		}
		rang += rnd.Float64()*30 - 10
		night.Pings[i] = Ping{
			Ms: uint32(i * (36_000_000 / n)), Range: uint16(rang), Angle: int16(angle + rnd.Float64()*8), Level: int16(80 + rnd.Intn(180)),
		}
	}
	return night
}

func main() {
	s := &Station{nights: map[string]*Night{
		"2026-05-11": record("2026-05-11", 15500),
		"2026-05-12": record("2026-05-12", 18000),
		"2026-05-13": record("2026-05-13", 11000),
	}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /nights/{date}/passages", func(w http.ResponseWriter, r *http.Request) {
		hours, ok := s.Passages(r.PathValue("date"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(hours)
	})
	mux.HandleFunc("GET /nights", func(w http.ResponseWriter, _ *http.Request) {
		sizes := make(map[string]int)
		for date, n := range s.nights {
			sizes[date] = len(n.Pings)
		}
		json.NewEncoder(w).Encode(sizes)
	})
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
