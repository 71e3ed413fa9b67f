// Parcels: each is weighed, labelled and booked by a few workers.
package main

import (
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync/atomic"
	"time"
)

type Job struct {
	Parcel int64
	Step   int
	Done   chan string
}

type Hall struct {
	jobs chan Job
	next atomic.Int64
}

func (h *Hall) enqueue(j Job) {
	h.jobs <- j
}

func (h *Hall) work() {
	for j := range h.jobs {
		time.Sleep(2 * time.Millisecond)
		if j.Step < 3 {
			h.enqueue(Job{j.Parcel, j.Step + 1, j.Done})
			continue
		}
		j.Done <- fmt.Sprintf("parcel %d booked", j.Parcel)
	}
}

func (h *Hall) submit(w http.ResponseWriter, r *http.Request) {
	done := make(chan string, 1)
	h.enqueue(Job{h.next.Add(1), 1, done})
	fmt.Fprintln(w, <-done)
}

func main() {
	h := &Hall{jobs: make(chan Job, 3)}
	for i := 0; i < 3; i++ {
		go h.work()
	}
	go func() { log.Fatal(http.ListenAndServe("127.0.0.1:16087", nil)) }()
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/parcels", h.submit)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
