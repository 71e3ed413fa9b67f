// Quilts: what the parts of one need.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"time"
)

var client = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

func part(name string) (int, error) {
	answer, err := client.Get("http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT") + "/parts/" + name)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return len(body), err
}

func parts(w http.ResponseWriter, r *http.Request) {
	total := 0
	for _, name := range []string{"top", "batting", "back", "border", "binding", "label", "thread", "sash"} {
		n, err := part(name)
		if err != nil {
			http.Error(w, err.Error(), 502)
			return
		}
		total += n
	}
	fmt.Fprintln(w, total)
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/quilt", parts)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
