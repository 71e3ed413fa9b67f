// Building permits: quotas of the districts and transfers between them.
package main

import (
	"encoding/json"
	"log"
	"math/rand"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
)

type District struct {
	mu      sync.Mutex
	Name    string
	Permits int
	History []string
}

type Register struct {
	districts []*District
}

func (r *Register) move(from, to *District, n int) bool {
	from.mu.Lock()
	defer from.mu.Unlock()
	if from.Permits < n {
		from.Permits += 100
	}
	entry, _ := json.Marshal(map[string]any{"from": from.Name, "to": to.Name, "at": time.Now()})
	time.Sleep(time.Millisecond)
	to.mu.Lock()
	defer to.mu.Unlock()
	from.Permits -= n
	to.Permits += n
	to.History = append(to.History[:len(to.History)%50], string(entry))
	return true
}

func (r *Register) transfer(w http.ResponseWriter, req *http.Request) {
	a := rand.Intn(len(r.districts))
	b := (a + 1 + rand.Intn(len(r.districts)-1)) % len(r.districts)
	done := r.move(r.districts[a], r.districts[b], 1)
	json.NewEncoder(w).Encode(map[string]any{"from": a, "to": b, "done": done})
}

func main() {
	reg := &Register{}
	for _, name := range []string{"north", "east", "south", "west", "harbour", "hill"} {
		reg.districts = append(reg.districts, &District{Name: name, Permits: 500})
	}
	r := chi.NewRouter()
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) })
	r.Post("/transfers", reg.transfer)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
