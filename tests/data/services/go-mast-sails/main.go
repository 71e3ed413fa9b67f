// Sail areas of a fleet, from the outlines that sailmakers hand in.
package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"log"
	"math"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"
)

type slot struct {
	name string
	area float64
	used bool
}

// slots gives every entry a second chance before it is overwritten.
type slots struct {
	sync.Mutex
	ring  [32]slot
	hand  int
	index map[string]int
}

func (s *slots) find(name string) (float64, bool) {
	s.Lock()
	defer s.Unlock()
	i, ok := s.index[name]
	if !ok {
		return 0, false
	}
	s.ring[i].used = true
	return s.ring[i].area, true
}

func (s *slots) keep(name string, area float64) {
	s.Lock()
	defer s.Unlock()
	for s.ring[s.hand].used {
		s.ring[s.hand].used = false
		s.hand = (s.hand + 1) % len(s.ring)
	}
	old := &s.ring[s.hand]
	if old.name != "" {
		delete(s.index, old.name)
	}
	*old = slot{name: name, area: area}
	s.index[name] = s.hand
	s.hand = (s.hand + 1) % len(s.ring)
}

func measure(name string) float64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	seed, area := float64(h.Sum32()%1000), 0.0
	var px, py float64
	for i := 0; i <= 9000; i++ {
		a := float64(i) / 9000 * 2 * math.Pi
		reach := 10 + math.Sin(a*3+seed) + math.Cos(a*7+seed)
		x, y := reach*math.Cos(a), reach*math.Sin(a)
		area += (px*y - x*py) / 2
		px, py = x, y
	}
	return area
}

type fleet struct{ areas *slots }

func (f *fleet) area(sail string) float64 {
	if a, ok := f.areas.find(sail); ok {
		return a
	}
	a := measure(sail)
	f.areas.keep(sail, a)
	return a
}

func (f *fleet) list(w http.ResponseWriter, r *http.Request) {
	total := 0.0
	for boat := 0; boat < 60; boat++ {
		for _, sail := range []string{"main", "jib"} {
			total += f.area(fmt.Sprintf("%s-%d-%s", r.PathValue("name"), boat, sail))
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]float64{"area": total})
}

func main() {
	f := &fleet{areas: &slots{index: make(map[string]int)}}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /fleet/{name}", f.list)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
