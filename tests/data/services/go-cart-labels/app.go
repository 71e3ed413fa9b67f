// Shipping labels: a few printers take what the shops ask for.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

type order struct {
	id    string
	reply chan []byte
}

type station struct {
	orders chan order
}

func printLabel(id string) []byte {
	time.Sleep(45 * time.Millisecond)
	return []byte(fmt.Sprintf("label %s %08x", id, len(id)*7919))
}

func (s *station) worker() {
	for o := range s.orders {
		o.reply <- printLabel(o.id)
	}
}

func (s *station) label(w http.ResponseWriter, r *http.Request) {
	o := order{strings.TrimPrefix(r.URL.Path, "/labels/"), make(chan []byte, 1)}
	s.orders <- o
	select {
	case out := <-o.reply:
		w.Write(out)
	case <-r.Context().Done():
	}
}

func main() {
	s := &station{orders: make(chan order)}
	for i := 0; i < 3; i++ {
		go s.worker()
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/labels/", s.label)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
