// Film: reels are copied on machines.
package main

import (
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"time"
)

// machines are the places at which a reel can be copied.
var machines = make(chan struct{}, 3)

func copyReel(name string) string {
	machines <- struct{}{}
	defer func() { <-machines }()
	time.Sleep(60 * time.Millisecond)
	return "copy of " + name
}

func copies(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, copyReel(r.URL.Query().Get("reel")))
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/copies", copies)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
