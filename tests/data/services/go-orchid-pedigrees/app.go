// The orchid register's shop window: crosses for sale with their lines and what these are worth.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
)

type Offer struct {
	ID      int      `json:"id"`
	Name    string   `json:"name"`
	Breeder string   `json:"breeder"`
	Cents   int      `json:"cents"`
	Line    []string `json:"line"`
	Awards  []string `json:"awards,omitempty"`
}

type Shop struct {
	register *Register
	offered  map[string][]*Plant
}

func (s *Shop) stock() {
	s.offered = map[string][]*Plant{}
	for _, p := range s.register.plants {
		if p.ID%19 == 3 {
			s.offered[p.Genus] = append(s.offered[p.Genus], p)
		}
	}
}

func price(p *Plant, line []*Plant) int {
	cents := 900 + 25*p.Points()
	for i, q := range line {
		cents += q.Points() * 10 / (i + 2)
	}
	return cents
}

func (s *Shop) offer(p *Plant) Offer {
	line := p.Line(4)
	o := Offer{ID: p.ID, Name: p.Name, Breeder: p.Breeder.Name + ", " + p.Breeder.Country, Cents: price(p, line)}
	for _, q := range line[:min(6, len(line))] {
		o.Line = append(o.Line, q.Genus+" "+q.Name)
	}
	for _, a := range p.Awards {
		o.Awards = append(o.Awards, a.Show+" "+strconv.Itoa(a.Year)+": "+strconv.Itoa(a.Points))
	}
	return o
}

func (s *Shop) offers(w http.ResponseWriter, r *http.Request) {
	plants, ok := s.offered[strings.ToLower(r.PathValue("genus"))]
	if !ok {
		http.NotFound(w, r)
		return
	}
	least, _ := strconv.Atoi(r.URL.Query().Get("min"))
	out := make([]Offer, 0, len(plants))
	for _, p := range plants {
		if o := s.offer(p); o.Cents >= least*100 {
			out = append(out, o)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Cents > out[j].Cents })
	reply(w, out[:min(len(out), 120)])
}

func (s *Shop) plant(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil || id < 0 || id >= len(s.register.plants) {
		http.NotFound(w, r)
		return
	}
	reply(w, s.offer(s.register.plants[id]))
}

func (s *Shop) breeder(w http.ResponseWriter, r *http.Request) {
	b, ok := s.register.breeders[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	reply(w, map[string]any{"name": b.Name, "country": b.Country, "plants": len(b.Plants)})
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}

// settings come from the environment, as the chart of the deployment sets them.
type settings struct {
	Plants      int
	MemoryLimit int64
}

func fromEnvironment() settings {
	s := settings{Plants: 260_000, MemoryLimit: 96 << 20}
	if v, err := strconv.Atoi(os.Getenv("REGISTER_PLANTS")); err == nil {
		s.Plants = v
	}
	if v, err := strconv.ParseInt(os.Getenv("MEMORY_LIMIT_MB"), 10, 64); err == nil {
		s.MemoryLimit = v << 20
	}
	return s
}

func main() {
	conf := fromEnvironment()
	s := &Shop{register: loadRegister(conf.Plants)}
	s.stock()
	debug.SetMemoryLimit(conf.MemoryLimit)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /genera/{genus}/offers", s.offers)
	mux.HandleFunc("GET /plants/{id}", s.plant)
	mux.HandleFunc("GET /breeders/{name}", s.breeder)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
