// Peals of a bell loft: every change of a method is worked out and kept.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strconv"
	"sync"
)

type ringing struct {
	rows  sync.Map
	order chan string
}

func (s *ringing) keep(key string, rows []int) {
	for {
		select {
		case s.order <- key:
			s.rows.Store(key, rows)
			return
		default:
			s.rows.Delete(<-s.order)
		}
	}
}

func compose(bells, lead int) []int {
	row := make([]int, bells)
	for i := range row {
		row[i] = i
	}
	for n := 0; n < 40000; n++ {
		for i := (n + lead) % 2; i+1 < bells; i += 2 {
			row[i], row[i+1] = row[i+1], row[i]
		}
	}
	return row
}

func (s *ringing) tuned(bells, lead int) []int {
	key := strconv.Itoa(bells) + "/" + strconv.Itoa(lead)
	if rows, ok := s.rows.Load(key); ok {
		return rows.([]int)
	}
	rows := compose(bells, lead)
	s.keep(key, rows)
	return rows
}

func (s *ringing) peal(w http.ResponseWriter, r *http.Request) {
	tower, _ := strconv.Atoi(r.PathValue("tower"))
	sum := 0
	for lead := 0; lead < 120; lead++ {
		for i, bell := range s.tuned(8+tower, lead) {
			sum += i * bell
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]int{"sum": sum})
}

func main() {
	s := &ringing{order: make(chan string, 50)}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /peals/{tower}", s.peal)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
