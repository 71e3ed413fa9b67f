// Herbs: a page of what is on the shelf.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"
)

type herb struct {
	Name   string   `json:"name"`
	Latin  string   `json:"latin"`
	Grams  int      `json:"grams"`
	Labels []string `json:"labels"`
}

type shelf struct {
	mu    sync.RWMutex
	herbs map[int]herb
}

var all = &shelf{herbs: map[int]herb{}}

func (s *shelf) page(from, count int) []herb {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := make([]herb, 0, count)
	for i := from; i < from+count; i++ {
		found = append(found, s.herbs[i])
	}
	return found
}

func herbs(w http.ResponseWriter, r *http.Request) { json.NewEncoder(w).Encode(all.page(20, 60)) }

func main() {
	for i := 0; i < 500; i++ {
		all.herbs[i] = herb{fmt.Sprint("herb ", i), fmt.Sprint("herba ", i), i * 3, []string{"dry", "cut"}}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/herbs", herbs)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
