// Yarn: wool is dyed by those who stand at the vats.
package main

import (
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"time"
)

type task struct {
	colour string
	done   chan string
}

var tasks = make(chan task)

// dyer is one of those who dye; the vat takes its time.
func dyer() {
	for t := range tasks {
		dip(t)
	}
}

func dip(t task) {
	time.Sleep(45 * time.Millisecond)
	t.done <- "dyed " + t.colour
}

func dye(w http.ResponseWriter, r *http.Request) {
	t := task{r.URL.Query().Get("colour"), make(chan string, 1)}
	tasks <- t
	fmt.Fprintln(w, <-t.done)
}

func main() {
	for i := 0; i < 2; i++ {
		go dyer()
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/dye", dye)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
