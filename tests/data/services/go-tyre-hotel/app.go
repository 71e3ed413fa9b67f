// A store for customers' winter tyres: sets, racks and the workshop's request for a set.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"log"
	"net/http"
	"net/http/pprof"
	"os"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

type Set struct {
	ID    int    `json:"id"`
	Plate string `json:"plate"`
	Size  string `json:"size"`
	Rack  string `json:"rack"`
	Tread []int  `json:"tread_tenths_mm"`
}

type Ticket struct {
	Set   Set    `json:"set"`
	Lift  int    `json:"lift"`
	Ready string `json:"ready_in"`
}

// Shelves are the racks' own controller, which moves a set to the hatch.
type Shelves struct {
	base string
	http *http.Client
}

type move struct {
	Lift    int `json:"lift"`
	Seconds int `json:"seconds"`
}

func (s *Shelves) Fetch(ctx context.Context, rack string) (m move, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/racks/"+rack+"/fetch", nil)
	if err != nil {
		return m, err
	}
	res, err := s.http.Do(req)
	if err != nil {
		return m, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return m, fmt.Errorf("rack %s: %s", rack, res.Status)
	}
	err = json.NewDecoder(res.Body).Decode(&m)
	return m, err
}

type Hotel struct {
	sets    map[int]Set
	plates  map[string][]int
	shelves *Shelves
}

func newHotel(n int, shelves *Shelves) *Hotel {
	h := &Hotel{sets: make(map[int]Set, n), plates: map[string][]int{}, shelves: shelves}
	sizes := []string{"195/65 R15", "205/55 R16", "225/45 R17", "235/35 R19"}
	for i := 1; i <= n; i++ {
		f := fnv.New32a()
		fmt.Fprint(f, i)
		v := int(f.Sum32() >> 8)
		s := Set{ID: i, Plate: fmt.Sprintf("KR-%c%c %d", 'A'+v%26, 'A'+v/26%26, 100+v%899), Size: sizes[v%4], Rack: fmt.Sprintf("%c%d", 'A'+v%12, 1+v%60)}
		for w := 0; w < 4; w++ {
			s.Tread = append(s.Tread, 30+(v>>w)%50)
		}
		h.sets[i] = s
		h.plates[s.Plate] = append(h.plates[s.Plate], i)
	}
	return h
}

func (h *Hotel) find(w http.ResponseWriter, r *http.Request) (Set, bool) {
	id, _ := strconv.Atoi(chi.URLParam(r, "id"))
	s, ok := h.sets[id]
	if !ok {
		http.NotFound(w, r)
	}
	return s, ok
}

func (h *Hotel) show(w http.ResponseWriter, r *http.Request) {
	if s, ok := h.find(w, r); ok {
		reply(w, s)
	}
}

func (h *Hotel) ofPlate(w http.ResponseWriter, r *http.Request) {
	list := []Set{}
	for _, id := range h.plates[chi.URLParam(r, "plate")] {
		list = append(list, h.sets[id])
	}
	reply(w, list)
}

// hand brings a set to the hatch for the workshop.
func (h *Hotel) hand(w http.ResponseWriter, r *http.Request) {
	s, ok := h.find(w, r)
	if !ok {
		return
	}
	m, err := h.shelves.Fetch(r.Context(), s.Rack)
	if err != nil {
		log.Print(err)
		http.Error(w, "the racks do not answer", http.StatusBadGateway)
		return
	}
	reply(w, Ticket{Set: s, Lift: m.Lift, Ready: (time.Duration(m.Seconds) * time.Second).String()})
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}

func routes(h *Hotel) http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer)
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	r.Get("/debug/pprof/*", pprof.Index)
	r.Get("/debug/pprof/profile", pprof.Profile)
	r.Group(func(r chi.Router) {
		r.Use(middleware.ThrottleBacklog(3, 400, 30*time.Second))
		r.Get("/sets/{id}", h.show)
		r.Post("/sets/{id}/hand", h.hand)
		r.Get("/plates/{plate}/sets", h.ofPlate)
	})
	return r
}

func main() {
	shelves := &Shelves{
		base: "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
		http: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 50}},
	}
	srv := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: routes(newHotel(9000, shelves)), ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(srv.ListenAndServe())
}
