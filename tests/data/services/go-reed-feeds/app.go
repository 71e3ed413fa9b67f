// News feeds: the first of two sources that answers.
package main

import (
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"time"
)

// fetch reads one feed; whoever asked may have given up meanwhile.
func fetch(name string, delay time.Duration, out chan<- string) {
	page := make([]byte, 24<<10)
	for i := range page {
		page[i] = byte('a' + i%26)
	}
	time.Sleep(delay)
	out <- name + string(page[:20])
}

func feeds(w http.ResponseWriter, r *http.Request) {
	out := make(chan string)
	go fetch("near", 3*time.Millisecond, out)
	go fetch("far", 6*time.Millisecond, out)
	fmt.Fprintln(w, <-out)
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/feeds", feeds)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
