// Prints from clay: printers take jobs from a queue.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
)

type job struct {
	name string
	back chan int
}

type shop struct{ queue chan job }

func open(printers int) *shop {
	s := &shop{queue: make(chan job, 200)}
	for i := 0; i < printers; i++ {
		go s.printer()
	}
	return s
}

func (s *shop) printer() {
	for j := range s.queue {
		j.back <- render(j.name)
	}
}

func render(name string) int {
	answer, err := http.Get("http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT") + "/" + name)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return len(body)
}

func main() {
	s := open(3)
	mux := http.NewServeMux()
	mux.HandleFunc("/prints", func(w http.ResponseWriter, r *http.Request) {
		prints := job{"clay", make(chan int, 1)}
		s.queue <- prints
		select {
		case n := <-prints.back:
			fmt.Fprintln(w, n)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
