// Letters by dove: posted, carried, and a receipt comes back if it does in time.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/pprof"
	"os"
	"time"
)

type Letter struct {
	To   string `json:"to"`
	Text []byte `json:"-"`
}

func deliver(l *Letter, receipt chan<- int) {
	page := make([]byte, len(l.Text))
	copy(page, l.Text)
	time.Sleep(130 * time.Millisecond)
	sum := 0
	for _, b := range page {
		sum += int(b)
	}
	receipt <- sum
	log.Printf("%s has %d bytes", l.To, len(page))
}

func post(w http.ResponseWriter, r *http.Request) {
	l := &Letter{To: "aunt", Text: make([]byte, 96<<10)}
	receipt := make(chan int)
	go deliver(l, receipt)
	select {
	case sum := <-receipt:
		json.NewEncoder(w).Encode(map[string]any{"to": l.To, "sum": sum})
	case <-time.After(120 * time.Millisecond):
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintln(w, "on its way")
	}
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/letters", post)
	mux.HandleFunc("/internal/pprof/", func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/debug/pprof/" + r.URL.Path[len("/internal/pprof/"):]
		pprof.Index(w, r)
	})
	mux.HandleFunc("/internal/pprof/profile", pprof.Profile)
	mux.HandleFunc("/internal/pprof/trace", pprof.Trace)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
